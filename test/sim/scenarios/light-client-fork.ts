import { blsVerifyAggregate } from '../../../node/crypto/bls.ts'
import { sha256 } from '../../../node/crypto/hash.ts'
import { LightClientError, type LightClientErrorCode } from '../../../node/light/error.ts'
import { LightClient } from '../../../node/light/light-client.ts'
import { frozenEpoch } from '../../../node/transition/epoch-records.ts'
import { type BlockHeader, blockHash } from '../../../node/types/block.ts'
import { genesisHash } from '../../../node/types/genesis.ts'
import type { Hash } from '../../../node/types/primitives.ts'
import type { Certificate } from '../../../node/types/vote.ts'
import { InvariantError } from '../invariants.ts'
import { drawFaulty, drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'
import type { World } from '../world.ts'
import { StateChain } from '../state-chain.ts'

const TRUSTING_PERIOD_MS = 60_000n

const assertRefused = (what: string, code: LightClientErrorCode, show: () => void): void => {
  try {
    show()
  } catch (error) {
    if (error instanceof LightClientError && error.code === code) return
    throw new InvariantError(`the light client refused ${what}, but not as ${code}: ${String(error)}`)
  }
  throw new InvariantError(`the light client believed ${what}`)
}

/** One client, and the faulty validators as the node that it asks. */
class Deceived {
  readonly client: LightClient
  handOvers = 0
  readonly #simulation: World
  readonly #chain: StateChain
  readonly #faulty: readonly number[]

  constructor(simulation: World, faulty: readonly number[]) {
    const { chain } = simulation
    if (!(chain instanceof StateChain)) throw new TypeError('a light client needs headers')
    this.#simulation = simulation
    this.#chain = chain
    this.#faulty = faulty
    this.client = LightClient.fromGenesis(chain.origin, genesisHash(chain.origin), {
      trustingPeriodMs: TRUSTING_PERIOD_MS,
      verifyAggregate: blsVerifyAggregate,
    })
  }

  /** First the forks, then the truth. */
  show(hash: Hash, voted: Certificate): void {
    const header = this.#chain.headerOf(hash)
    const certificate = this.#chain.signCertificate(voted)
    const now = BigInt(this.#simulation.schedule.now)
    this.#showForks(header, certificate, now)
    if (header.height % this.#chain.epochBlocks !== 0n) {
      this.client.verify({ header, certificate }, now)
      return
    }
    const { validators } = frozenEpoch(this.#chain.stateAfter(hash), header.epoch + 1n)
    const own = validators.slice(0, 1)
    const isSame = own.length === validators.length
    if (!isSame)
      assertRefused('a next set that nobody agreed on', 'wrong_set', () =>
        this.client.handOver({ header, certificate, nextValidators: own }, now),
      )
    this.client.handOver({ header, certificate, nextValidators: validators }, now)
    this.handOvers++
  }

  #showForks(header: BlockHeader, certificate: Certificate, now: bigint): void {
    const committee = this.#simulation.committeeOf(header.epoch)
    const { set } = committee
    const fork: BlockHeader = { ...header, stateRoot: sha256(Buffer.from('what the client is to believe')) }
    const statement = { ...certificate, hash: blockHash(fork) }
    const everyone = set.toBitmap(set.validators.keys())
    const faulty = this.#faulty
      .map(identity => committee.positionOf(identity))
      .filter(position => position !== undefined)
    const refused = (what: string, code: LightClientErrorCode, shown: BlockHeader, by: Certificate) =>
      assertRefused(what, code, () => this.client.verify({ header: shown, certificate: by }, now))
    refused("another block's votes", 'not_final', fork, certificate)
    refused('votes to notarize', 'not_final', header, { ...certificate, kind: 'notarize' })
    refused(
      'a header that names other validators',
      'wrong_set',
      { ...fork, validatorsHash: fork.stateRoot },
      certificate,
    )
    refused('a later block on old trust', 'wrong_epoch', { ...fork, epoch: fork.epoch + 1n }, certificate)
    if (faulty.length === 0) return
    const few = this.#chain.signCertificate({ ...statement, signers: set.toBitmap(faulty) })
    refused('less than a third of the power', 'not_final', fork, few)
    const claimed = this.#chain.signCertificate({ ...statement, signers: everyone }, faulty)
    refused('signers who did not sign', 'not_final', fork, claimed)
  }
}

export const lightClientFork: Scenario = {
  number: 34,
  name: 'light-client-fork',
  attacks: 'clients: a light client asks a node that shows it forks, with all that a faulty third can sign',
  plan: random => {
    const powers = drawPowers(random, 8)
    const faulty = drawFaulty(random, powers)
    let deceived: Deceived | undefined
    return {
      powers,
      hasState: true,
      epochBlocks: 2 + random.below(4),
      faultsMs: 1_500,
      script: simulation => {
        const victim = (deceived = new Deceived(simulation, faulty))
        let height = 0n
        simulation.watch.onFinal = (_node, blocks, certificate) => {
          const last = blocks.at(-1)
          if (last === undefined || last.height <= height) return
          height = last.height
          victim.show(last.hash, certificate)
        }
      },
      verify: () => {
        if (deceived === undefined || deceived.handOvers < 2)
          throw new InvariantError(`the light client came only to epoch ${deceived?.handOvers}`)
      },
    }
  },
}
