/**
 * What proves to anybody that a block is final, and what takes a light client from one epoch to the next: bytes that
 * any node may serve and nobody has to be trusted for.
 */
import { LIMITS } from '../params.ts'
import { type BlockHeader, headerType } from './block.ts'
import { createCodec, list, struct } from './codec.ts'
import { type Validator, validatorType } from './validator.ts'
import { type Certificate, certificateType } from './vote.ts'

export interface FinalHeader {
  header: BlockHeader
  /** C[F] of the block. */
  certificate: Certificate
}

/** Of an epoch's last block: who votes on the next epoch. */
export interface HandOver extends FinalHeader {
  nextValidators: Validator[]
}

const finalHeader = { header: headerType, certificate: certificateType }

export const finalHeaderCodec = createCodec<FinalHeader>(struct('FinalHeader', finalHeader), 4096)

export const handOverCodec = createCodec<HandOver>(
  struct('HandOver', { ...finalHeader, nextValidators: list(validatorType, LIMITS.validators) }),
  64 * 1024,
)
