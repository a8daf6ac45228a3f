/**
 * Blocks of others into the chain: signatures on the thread pool, the rest where blocks are executed. Whoever learnt that
 * blocks are final, consensus or a sync, brings them here, one call at a time and in order.
 */
import type { BlockExecutor, CheckResult, CommittedBlock } from './execution/blocks.ts'
import { blockCodec } from './types/block.ts'
import { CodecError } from './types/codec.ts'
import type { Hash } from './types/primitives.ts'
import { type ParsedTransaction, parseTransaction } from './types/transaction.ts'
import type { Certificate } from './types/vote.ts'

/** Of so many blocks the signatures are verified while the one before them is executed. */
const AHEAD = 4

export interface FinalBlock {
  readonly hash: Hash
  readonly bytes: Uint8Array
}

export interface FinalBlocks {
  /** Whether the block holds; not whether it is final. */
  check(bytes: Uint8Array): Promise<CheckResult>
  /**
   * Executes what was not executed here yet, and commits all. Each is proved final by a certificate that was verified
   * before: its leader's proof is not verified again. `certificate` is the last one's, if there is one. Rejects if a block
   * does not hold: that is a fault of this node, or of two thirds of the validators.
   */
  commit(blocks: readonly FinalBlock[], certificate: Certificate | undefined): Promise<void>
}

/** The block's transactions, but for those that are known. */
const parse = (
  bytes: Uint8Array,
  isKnown: (transaction: Uint8Array) => boolean,
): ParsedTransaction[] | undefined => {
  try {
    return blockCodec
      .decode(bytes)
      .transactions.flatMap(transaction => (isKnown(transaction) ? [] : [parseTransaction(transaction)]))
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}

/** What needs no state. */
type Form = 'good' | { readonly refused: string }

export const createFinalBlocks = ({
  executor,
  isKnown,
  areSignaturesValid,
  onCommit,
}: {
  readonly executor: BlockExecutor
  /** Of these very bytes: they are a transaction whose signature was verified before. */
  readonly isKnown: (transaction: Uint8Array) => boolean
  readonly areSignaturesValid: (transactions: readonly ParsedTransaction[]) => Promise<boolean>
  readonly onCommit: (block: CommittedBlock) => void
}): FinalBlocks => {
  const formOf = async (bytes: Uint8Array): Promise<Form> => {
    const transactions = parse(bytes, isKnown)
    if (transactions === undefined) return { refused: 'the block cannot be decoded' }
    return (await areSignaturesValid(transactions))
      ? 'good'
      : { refused: 'the block holds a transaction with a bad signature' }
  }
  const execute = async (bytes: Uint8Array, form: Promise<Form>, final?: Hash): Promise<CheckResult> => {
    const result = await form
    return result === 'good' ? executor.check(bytes, final) : { kind: 'invalid', message: result.refused }
  }

  return {
    check: bytes => execute(bytes, formOf(bytes)),
    async commit(blocks, certificate) {
      const forms = new Map<FinalBlock, Promise<Form>>()
      for (const [index, block] of blocks.entries()) {
        const { hash, bytes } = block
        if (executor.unfinished(hash) === undefined) {
          for (const next of blocks.slice(index, index + 1 + AHEAD)) {
            if (forms.has(next) || executor.unfinished(next.hash) !== undefined) continue
            const form = formOf(next.bytes)
            // If it fails before its turn, its turn tells.
            form.catch(() => {})
            forms.set(next, form)
          }
          const result = await execute(bytes, forms.get(block) ?? formOf(bytes), hash)
          if (result.kind !== 'valid')
            throw new Error(`a final block is ${result.kind} here: ${result.message}`)
        }
        const isLast = index === blocks.length - 1
        onCommit(await executor.commit(hash, isLast ? certificate : undefined))
      }
    },
  }
}
