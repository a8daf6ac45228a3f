/**
 * Epochs: stretches of L blocks (`epochBlocks` of the genesis) that one set of validators votes on.
 *
 *   epoch e       = the heights e L + 1 … (e + 1) L; the genesis block stands before epoch 0
 *   set e + 1     is frozen by the last block of e - 1; the genesis gives sets 0 and 1
 *   nonce e + 1   is fixed by the block two thirds into e, after set e + 1 was frozen: nobody can choose a key for it
 *
 * The state keeps one record an epoch (state/keys.ts).
 */
import { LIMITS } from '../params.ts'
import { createCodec, list, option, struct } from './codec.ts'
import { type Hash, hashType, type Height } from './primitives.ts'
import { type Validator, validatorType } from './validator.ts'

export interface EpochRecord {
  validators: Validator[]
  /** What the epoch's leaders are drawn from; absent until it is fixed. */
  nonce: Hash | undefined
}

export const epochRecordCodec = createCodec<EpochRecord>(
  struct('EpochRecord', {
    validators: list(validatorType, LIMITS.validators),
    nonce: option(hashType),
  }),
  64 * 1024,
)

/** Of a block above the genesis. */
export const epochOf = (height: Height, epochBlocks: bigint): bigint => (height - 1n) / epochBlocks

export const firstHeight = (epoch: bigint, epochBlocks: bigint): Height => epoch * epochBlocks + 1n

export const lastHeight = (epoch: bigint, epochBlocks: bigint): Height => (epoch + 1n) * epochBlocks

/** The block of `epoch` that fixes the next epoch's nonce. */
export const nonceHeight = (epoch: bigint, epochBlocks: bigint): Height => {
  const offset = (2n * epochBlocks) / 3n
  return epoch * epochBlocks + (offset > 1n ? offset : 1n)
}
