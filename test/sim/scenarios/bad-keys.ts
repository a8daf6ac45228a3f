import { bls12_381 } from '@noble/curves/bls12-381.js'
import { InvariantError } from '../invariants.ts'
import { drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'
import { type Ending, Stage } from '../staged.ts'
import { operatorNamed } from '../../support/stake-world.ts'
import { testAccount } from '../../support/transactions.ts'
import { VEX } from '../../../node/params.ts'
import { operatorName } from '../users.ts'

const { Point } = bls12_381.G1

/** A point at infinity, of 48 or 96 bytes: as a key and a signature it satisfies every equation. */
const infinity = (bytes: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, i) => (i === 0 ? 0xc0 : 0))

/** With the victim's key in an aggregate, only the attacker's own key is left. */
const rogueKey = (own: Uint8Array, victim: Uint8Array): Uint8Array =>
  Point.fromBytes(own).subtract(Point.fromBytes(victim)).toBytes(true)

/** The neutral element of the curve: a proof by it would hold for everything. */
const SMALL_ORDER = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0))

export const badKeys: Scenario = {
  number: 24,
  name: 'bad-keys',
  attacks:
    'safety: rogue, duplicate and infinity keys ask to become validators; an honest one beside them may',
  plan: random => {
    const founders = drawPowers(random, 8).filter(power => power > 0n)
    const attackers = [0, 1, 2, 3, 4].map(i => founders.length + i)
    const honest = founders.length + attackers.length
    const height = BigInt(1 + random.below(5))
    let stage: Stage | undefined
    return {
      powers: [...founders, ...attackers.map(() => 0n), 0n],
      hasState: true,
      epochBlocks: 3 + random.below(4),
      silent: attackers,
      // Its own registration is the script's.
      stopping: [honest],
      faultsMs: 8_000,
      script: simulation => {
        stage = new Stage(simulation)
        const victim = operatorNamed(operatorName(random.below(founders.length))).registration
        const register = (identity: number, keys: Partial<typeof victim>, ending: Ending) => {
          const name = operatorName(identity)
          const action = { ...operatorNamed(name).registration, ...keys, commissionBps: 0, stake: 100n * VEX }
          stage?.add(height, testAccount(name), { kind: 'registerValidator', ...action }, ending)
        }
        const [first = -1, second = -1, third = -1, fourth = -1, fifth = -1] = attackers
        register(first, { voteKey: infinity(48), proofOfPossession: infinity(96) }, 'bad_proof')
        register(
          second,
          { voteKey: victim.voteKey, proofOfPossession: victim.proofOfPossession },
          'key_in_use',
        )
        register(third, { vrfKey: victim.vrfKey, vrfProof: victim.vrfProof }, 'key_in_use')
        register(fourth, { vrfKey: SMALL_ORDER }, 'bad_proof')
        const own = operatorNamed(operatorName(fifth)).registration.voteKey
        register(fifth, { voteKey: rogueKey(own, victim.voteKey) }, 'bad_proof')
        register(honest, {}, 'success')
      },
      verify: () => {
        if (stage?.isOver !== true) throw new InvariantError('not everything that was staged became final')
      },
    }
  },
}
