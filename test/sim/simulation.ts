/**
 * One run: validators with weights, faults for a while, then calm. The seed decides everything; the same seed
 * gives the same trace hash. In the calm every honest node has to finalise `blocksAfterHealing` more blocks.
 */
import { createHash } from 'node:crypto'
import { toHash, toHex, ZERO_HASH } from '../../node/types/primitives.ts'
import type { Validator } from '../../node/types/validator.ts'
import type { BlockRef } from '../../node/consensus/block-ref.ts'
import { stakeSequence } from '../../node/consensus/leader.ts'
import type { Pacing } from '../../node/consensus/protocol.ts'
import { createValidatorSet } from '../../node/consensus/validator-set.ts'
import { toAddress } from '../../node/types/primitives.ts'
import { SimDisk } from './disk.ts'
import { ForkingLeader } from './forking-leader.ts'
import { InvariantError, Invariants } from './invariants.ts'
import { CALM, type Link, Network } from './network.ts'
import { SimNode, type World } from './node.ts'
import { createRandom } from './random.ts'
import { Schedule } from './schedule.ts'

export interface Scenario {
  readonly powers: readonly bigint[]
  readonly faultsMs: number
  readonly link?: Partial<Link>
  /** Of a power cut before, and after, each sync. */
  readonly crashChance?: number
  /** Validators that run two nodes with one key, each with blocks of its own. */
  readonly twins?: readonly number[]
  /** Validators that are never started. */
  readonly silent?: readonly number[]
  /** Validators that are forking leaders (forking-leader.ts). */
  readonly forkers?: readonly number[]
  /** Validators whose every signature is bad. */
  readonly badSigners?: readonly number[]
  /** Validators whose blocks are invalid. */
  readonly invalidBuilders?: readonly number[]
  /** Every node loses power at these times and comes back a little later. */
  readonly crashAllAtMs?: readonly number[]
  readonly blocksAfterHealing?: number
  readonly pacing?: Pacing
}

export interface Outcome {
  readonly traceHash: string
  readonly views: bigint
  readonly height: bigint
  readonly simulatedMs: number
}

const PACING: Pacing = { networkDelayMs: 30, standstillMs: 150, paceMs: 60 }
const PATIENCE_MS = 60_000

const GENESIS: BlockRef = { hash: ZERO_HASH, height: 0n, view: 0n, parentHash: ZERO_HASH, parentView: 0n }

export const simulate = (seed: number, scenario: Scenario): Outcome => {
  try {
    return run(seed, scenario)
  } catch (error) {
    if (error instanceof Error) error.message = `seed ${seed}: ${error.message}`
    throw error
  }
}

const run = (seed: number, scenario: Scenario): Outcome => {
  const { powers, twins = [], forkers = [], silent = [], badSigners = [], invalidBuilders = [] } = scenario
  const random = createRandom(seed)
  const schedule = new Schedule()
  const trace = createHash('sha256')
  const invariants = new Invariants()
  const invalid = new Set<string>()
  const identities = [...powers.keys(), ...twins]
  const faulty = new Set([...twins, ...forkers, ...silent, ...badSigners, ...invalidBuilders])
  const isHonest = (node: number) => !faulty.has(identities[node] ?? -1)
  let isCalm = false
  let blocks = 0

  const nodes: (SimNode | ForkingLeader)[] = []
  const honest: SimNode[] = []
  const network = new Network({
    schedule,
    random,
    size: identities.length,
    deliver: (to, from, message) => nodes[to]?.receive(from, message),
  })
  const world: World = {
    schedule,
    random,
    network,
    validatorOf: node => identities[node] ?? -1,
    newBlock: (view, parent, builder) => {
      const hash = toHash(Uint8Array.from(createHash('sha256').update(`${seed}/${blocks++}`).digest()))
      if (invalidBuilders.includes(identities[builder] ?? -1)) invalid.add(toHex(hash))
      return { hash, height: parent.height + 1n, view, parentHash: parent.hash, parentView: parent.view }
    },
    isValidBlock: ({ hash }) => !invalid.has(toHex(hash)),
    onCast: (node, statement) => {
      if (isHonest(node)) invariants.onHonestCast(identities[node] ?? -1, statement)
    },
    onCertificate: certificate => invariants.onCertificate(certificate),
    onFinal: (node, added) => {
      const chain = honest.find(({ id }) => id === node)?.disk.chain
      if (chain !== undefined) invariants.onFinal(node, chain, added.length)
    },
    onEffect: (node, effect) => {
      trace.update(`${schedule.now} ${node} ${effect.kind};`)
    },
    crashChance: () => (isCalm ? 0 : (scenario.crashChance ?? 0)),
  }

  const validators: Validator[] = powers.map((power, i) => ({
    address: toAddress(new Uint8Array(32).fill(i)),
    voteKey: new Uint8Array(48).fill(i),
    power,
  }))
  const set = createValidatorSet(validators)
  const leaderOf = stakeSequence(validators)
  for (const [id, self] of identities.entries()) {
    if (forkers.includes(self)) {
      nodes.push(new ForkingLeader({ id, world, leaderOf, peers: identities.length, genesis: GENESIS }))
      continue
    }
    const pacing = scenario.pacing ?? PACING
    const config = { epoch: 0n, validators: set, self, leaderOf, pacing }
    const signsBadly = badSigners.includes(self)
    const node = new SimNode({ id, disk: new SimDisk(GENESIS), config, world, signsBadly })
    nodes.push(node)
    if (isHonest(id)) honest.push(node)
  }

  const startAll = () => {
    for (const node of nodes)
      if (!silent.includes(identities[node.id] ?? -1)) schedule.after(random.below(30), () => node.start())
  }
  network.link = { ...CALM, ...scenario.link }
  startAll()
  for (const at of scenario.crashAllAtMs ?? []) {
    schedule.at(at, () => {
      for (const node of nodes) node.crash()
      startAll()
    })
  }
  schedule.at(scenario.faultsMs, () => {
    isCalm = true
    network.link = CALM
    startAll()
  })

  while (schedule.now < scenario.faultsMs && schedule.step());
  const height = () => honest.reduce((least, { disk }) => Math.min(least, disk.chain.length), Infinity)
  const highest = honest.reduce((most, { disk }) => Math.max(most, disk.chain.length), 0)
  const goal = highest + (scenario.blocksAfterHealing ?? 3)
  while (height() < goal) {
    if (!schedule.step() || schedule.now > scenario.faultsMs + PATIENCE_MS)
      throw new InvariantError(`no progress: height ${height()} of ${goal} at ${schedule.now} ms`)
  }
  const views = honest.reduce(
    (most, { machine }) => (machine && machine.view > most ? machine.view : most),
    0n,
  )
  return {
    traceHash: trace.digest('hex'),
    views,
    height: BigInt(height()),
    simulatedMs: schedule.now,
  }
}
