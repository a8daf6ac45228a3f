/**
 * The chain as consensus sees it: builds blocks from the pool, executes those of others, commits what is
 * final. Pacing lives here: with transactions that can run a block is built as soon as the rules allow, without
 * any the leader lets the idle interval pass.
 */
import type { Chain, ExecutedBlock } from './chain/chain.ts'
import { MissingParent } from './chain/chain.ts'
import { headerToBlockRef } from './consensus/block-ref.ts'
import type { Application, BlockWithBytes } from './consensus/ports.ts'
import { merkleRoot } from './crypto/merkle.ts'
import { LIMITS } from './params.ts'
import type { Mempool } from './mempool/mempool.ts'
import { InvalidBlock } from './transition/block.ts'
import { nextBaseFee } from './transition/gas.ts'
import { type Block, blockCodec } from './types/block.ts'
import { CodecError } from './types/codec.ts'
import { type Address, bytesEqual } from './types/primitives.ts'
import type { ParsedTransaction } from './types/transaction.ts'

export interface ApplicationOptions {
  readonly chain: Chain
  readonly mempool: Mempool
  /** Receives the tips of the blocks built here. */
  readonly proposer: Address
  /** Wall clock, ms since 1970. */
  readonly nowMs: () => number
  /** Resolves when a transaction has come in since the last call, or on abort. */
  readonly transactionArrives: (signal: AbortSignal) => Promise<void>
  readonly areSignaturesValid: (transactions: readonly ParsedTransaction[]) => Promise<boolean>
  readonly onCommit: (block: ExecutedBlock) => void
}

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) return resolve()
    const finish = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, ms)
    signal.addEventListener('abort', finish, { once: true })
  })

const withBytes = ({ block, bytes }: ExecutedBlock): BlockWithBytes => ({
  ref: headerToBlockRef(block.header),
  bytes,
})

export const createApplication = (options: ApplicationOptions): Application => {
  const { chain, mempool, nowMs } = options
  const { params } = chain.genesis

  /** Waits for work, then for the time at which the parent's child may stand. */
  const waitForTurn = async (
    parentTimeMs: bigint,
    isIncluded: (parsed: ParsedTransaction) => boolean,
    signal: AbortSignal,
  ): Promise<void> => {
    const idle = AbortSignal.any([signal, AbortSignal.timeout(Number(params.idleBlockIntervalMs))])
    while (!mempool.hasRunnable(isIncluded) && !idle.aborted) await options.transactionArrives(idle)
    const earliest = Number(parentTimeMs + params.minBlockIntervalMs)
    const wait = earliest - nowMs()
    if (wait > 0 && !signal.aborted) await sleep(wait, signal)
  }

  const execute = async ({ bytes }: BlockWithBytes): Promise<ExecutedBlock> =>
    chain.check(bytes, options.areSignaturesValid)

  return {
    lastFinalized() {
      const { header } = chain.head
      return { ref: headerToBlockRef(header), certificate: chain.store.certificate(header.height) }
    },

    async buildBlock({ view, parent, signal }) {
      const executed = chain.executed(parent.hash)
      const parentHeader = executed?.block.header ?? chain.head.header
      const isIncluded = chain.isInUnfinished(parent.hash)
      await waitForTurn(parentHeader.timeMs, isIncluded, signal)
      signal.throwIfAborted()
      const candidates = mempool.select({
        baseFee: nextBaseFee(parentHeader),
        gasLimit: params.blockGasLimit,
        maxBytes: LIMITS.blockTransactionsBytes,
        maxCount: LIMITS.blockTransactions,
        isIncluded,
      })
      return withBytes(
        chain.build({
          parentHash: parent.hash,
          view,
          epoch: 0n,
          timeMs: BigInt(nowMs()),
          proposer: options.proposer,
          candidates,
        }),
      )
    },

    async checkBlock({ bytes, signal }) {
      try {
        const { block } = await chain.check(bytes, options.areSignaturesValid)
        // A block from the near future is held until its time, so that nobody gains by running ahead.
        await sleep(Number(block.header.timeMs) - nowMs() - CLOCK_TOLERANCE_MS, signal)
        return 'valid'
      } catch (error) {
        if (error instanceof InvalidBlock) return 'invalid'
        if (error instanceof MissingParent) return 'missing'
        throw error
      }
    },

    async finalize(blocks, certificate) {
      for (const [index, block] of blocks.entries()) {
        const executed = chain.executed(block.ref.hash) ?? (await execute(block))
        const isLast = index === blocks.length - 1
        chain.commit(executed.hash, isLast ? certificate : undefined)
        options.onCommit(executed)
      }
    },

    identifyBlock(bytes) {
      let block: Block
      try {
        block = blockCodec.decode(bytes)
      } catch (error) {
        if (error instanceof CodecError) return undefined
        throw error
      }
      const isWhole = bytesEqual(merkleRoot(block.transactions), block.header.transactionsRoot)
      return isWhole ? headerToBlockRef(block.header) : undefined
    },

    loadBlock(hash) {
      const stored = chain.store.blockByHash(hash)
      return stored === undefined ? undefined : blockCodec.encode(stored.block)
    },
  }
}

/** How far ahead of this node's clock a block's time may be. */
const CLOCK_TOLERANCE_MS = 500
