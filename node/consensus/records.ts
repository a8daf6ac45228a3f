/** The log's payloads: one owner record first, then what the machine appends, blocks with their bytes. */
import { LIMITS } from '../params.ts'
import { BcsWriter } from '../types/bcs.ts'
import { byteString, createCodec, fixedBytes, struct, text, u64, union } from '../types/codec.ts'
import { BLS_PUBLIC_KEY_BYTES } from '../types/validator.ts'
import { type Certificate, certificateType, type VoteStatement, voteStatementType } from '../types/vote.ts'
import { type BlockRef, blockRefType } from './block-ref.ts'

/** Whose log it is, at its start and wherever an epoch begins: votes of one chain or key say nothing about another's. */
export interface LogOwner {
  chainId: string
  epoch: bigint
  /** All zeros: a follower without a vote. */
  voteKey: Uint8Array
}

export type StoredRecord =
  | ({ kind: 'owner' } & LogOwner)
  | { kind: 'vote'; statement: VoteStatement }
  | { kind: 'certificate'; certificate: Certificate }
  | { kind: 'block'; block: BlockRef; bytes: Uint8Array }
  | { kind: 'sealed'; epoch: bigint; view: bigint }

/** Positions are on disk: append only. */
export const recordCodec = createCodec<StoredRecord>(
  union<StoredRecord>('LogRecord', {
    owner: struct('LogOwner', {
      chainId: text(LIMITS.chainIdBytes),
      epoch: u64,
      voteKey: fixedBytes(BLS_PUBLIC_KEY_BYTES),
    }),
    vote: struct('OwnVote', { statement: voteStatementType }),
    certificate: struct('LoggedCertificate', { certificate: certificateType }),
    block: struct('LoggedBlock', { block: blockRefType, bytes: byteString(LIMITS.blockBytes) }),
    sealed: struct('SealedViews', { epoch: u64, view: u64 }),
  }),
  LIMITS.blockBytes + 1024,
)

const NO_BYTES = new Uint8Array(0)

/**
 * A block's record, as {@link recordCodec} has it, in parts that follow each other: its bytes, which are the last of it, are
 * not copied.
 */
export const blockRecordParts = (block: BlockRef, bytes: Uint8Array): readonly Uint8Array[] => {
  if (bytes.length > LIMITS.blockBytes)
    throw new RangeError(`a block of ${bytes.length} bytes; the limit is ${LIMITS.blockBytes}`)
  const withoutBytes = recordCodec.encode({ kind: 'block', block, bytes: NO_BYTES })
  const head = new BcsWriter()
  // All but the length of no bytes.
  head.bytes(withoutBytes.subarray(0, -1))
  head.length(bytes.length)
  return [head.written(), bytes]
}
