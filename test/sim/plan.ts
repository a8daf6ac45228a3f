/** What a scenario sets up for one seed. Validators are named by identity: 0 to powers.length - 1. */
import type { Pacing } from '../../node/consensus/protocol.ts'
import type { Actor } from './actor.ts'
import type { Powers } from './model-chain.ts'
import type { Link } from './network.ts'
import type { Random } from './random.ts'
import type { World } from './world.ts'

export interface Plan {
  readonly powers: Powers
  /** Faults last this long; then everything is repaired and the chain has to move. */
  readonly faultsMs: number
  readonly link?: Partial<Link>
  /** Of a power cut before each sync (what waits is lost, its write perhaps torn), and after it, before sending. */
  readonly crashBeforeSync?: number
  readonly crashAfterSync?: number
  /** Of a crash that tears the last write, among those before a sync. */
  readonly tornTail?: number
  /** Validators that run two nodes with one key and a disk each. */
  readonly twins?: readonly number[]
  /** Whether twins stop when they hear of each other, as the node does, or go on, as an adversary would. */
  readonly areTwinsCareful?: boolean
  /** Validators that are never started. */
  readonly silent?: readonly number[]
  /** Validators whose every signature is bad. */
  readonly badSigners?: readonly number[]
  /** Validators whose blocks are invalid. */
  readonly invalidBuilders?: readonly number[]
  /** Validators that run other software. They are faulty: no invariant holds for them. */
  readonly adversaries?: ReadonlyMap<number, (world: World, node: number) => Actor>
  /** Honest validators that will have to stop for good: with the faulty ones below a third in every epoch. */
  readonly stopping?: readonly number[]
  /** Added to each validator's wall clock, in ms. */
  readonly clockSkewMs?: readonly number[]
  readonly pacing?: Pacing
  /** A leader takes up to this long for a block. */
  readonly buildMs?: number
  /** L; without it, drawn. */
  readonly epochBlocks?: number
  /** Of the epochs after 0; without it, drawn: stakes move, and validators come and go. */
  readonly powersOf?: (epoch: bigint) => Powers
  /** Whether blocks hold transactions that the node's rules execute, and staking makes the sets; without it, drawn. */
  readonly hasState?: boolean
  /** In the calm, every honest node has to finalise so many more. */
  readonly blocksAfterHealing?: number
  /** Called before the first node starts: schedules what is to happen, watches. */
  readonly script?: (world: World) => void
  /** Whether the adversary came to do what it is here for: in some seeds at least it must. */
  readonly reached?: (world: World) => boolean
  /** Called at the end: what this scenario must have brought about. Throws an InvariantError. */
  readonly verify?: (world: World) => void
}

export interface Scenario {
  /** In design order; the command line takes it. */
  readonly number: number
  readonly name: string
  /** What the adversary is after, in a sentence. */
  readonly attacks: string
  readonly plan: (random: Random) => Plan
}
