/** An epoch as everyone in the simulation knows it: the set, who sits where, and who leads. */
import type { EpochInfo } from '../../node/consensus/protocol.ts'
import type { Hash } from '../../node/types/primitives.ts'
import type { ValidatorSet } from '../../node/types/validator-set.ts'

export interface Committee {
  readonly info: EpochInfo
  readonly nonce: Hash
  readonly set: ValidatorSet
  /** The validator at a position. */
  identityAt(position: number): number
  positionOf(identity: number): number | undefined
}
