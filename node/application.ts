/**
 * The chain as consensus sees it: builds blocks from the pool, executes those of others, commits what is
 * final. Pacing lives here: with transactions that can run a block is built as soon as the rules allow, and where others
 * take transactions in, too, once theirs have come; without any the leader lets the idle interval pass.
 */
import { ecvrfProve } from '#ecvrf'
import { type EpochInfo, knownEpoch } from './chain/epochs.ts'
import type { ChainView } from './chain/chain-view.ts'
import { headerToBlockRef } from './consensus/block-ref.ts'
import type { Application, BlockWithBytes } from './consensus/ports.ts'
import { merkleRoot } from './crypto/merkle.ts'
import { vrfInput } from './crypto/vrf.ts'
import type { BlockExecutor, UnfinishedBlock } from './execution/blocks.ts'
import type { FinalBlocks } from './final-blocks.ts'
import { LIMITS } from './params.ts'
import type { Mempool } from './mempool/mempool.ts'
import { nextBaseFee } from './transition/gas.ts'
import { createLeaders } from './transition/leaders.ts'
import { type Block, blockCodec, type BlockHeader } from './types/block.ts'
import { CodecError } from './types/codec.ts'
import { epochOf, lastHeight } from './types/epoch.ts'
import type { Evidence } from './types/evidence.ts'
import { type Address, bytesEqual } from './types/primitives.ts'
import { parseTransaction } from './types/transaction.ts'

export interface Proposer {
  /** Receives the tips. */
  readonly address: Address
  /** 32 bytes: proves that this node leads. */
  readonly vrfSecretKey: Uint8Array
}

export interface ApplicationOptions {
  readonly chain: ChainView
  readonly executor: BlockExecutor
  readonly mempool: Mempool
  /** Who builds blocks here; `undefined`: nobody. */
  readonly proposer: Proposer | undefined
  /** Wall clock, ms since 1970. */
  readonly nowMs: () => number
  /** Resolves when there is room for a block on the disk, or on abort. */
  readonly room: (signal: AbortSignal) => Promise<void>
  /** Somebody has asked for a block, even an empty one (block-gate.ts). */
  readonly isBlockWanted?: (() => boolean) | undefined
  /** Resolves when a transaction has come in since the last call, or on abort. */
  readonly transactionArrives: (signal: AbortSignal) => Promise<void>
  /** Checks the blocks of others, and commits what is final. */
  readonly finalBlocks: FinalBlocks
  /** Of somebody who voted both ways: verified. */
  readonly onEvidence: (evidence: Evidence) => void
}

/**
 * From the first transaction that waits to the block: what other nodes were given meanwhile is on its way to the leader. With
 * the first alone in a block, all the rest wait for the one after it. Of four validators on two cores under 800 transfers a
 * second, the median was final after 240 to 300 ms without it, 175 to 195 with 60, 215 to 225 with 30, 190 to 210 with 90.
 */
const GATHER_MS = 60

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

const withBytes = ({ header, bytes }: UnfinishedBlock): BlockWithBytes => ({
  ref: headerToBlockRef(header),
  bytes,
})

const decodeBlock = (bytes: Uint8Array): Block | undefined => {
  try {
    const block = blockCodec.decode(bytes)
    // Nor is one a block whose transactions are none.
    block.transactions.forEach(parseTransaction)
    return block
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}

export const createApplication = (options: ApplicationOptions): Application => {
  const { chain, executor, finalBlocks, mempool, nowMs } = options
  const { params } = chain.genesis
  const { proposer } = options
  const minIntervalMs = Number(params.minBlockIntervalMs)

  /** Of the block that stands on `parent`. */
  const epochAfter = (parent: BlockHeader): EpochInfo => {
    const epoch = epochOf(parent.height + 1n, params.epochBlocks)
    if (lastEpoch?.epoch !== epoch) lastEpoch = knownEpoch(chain.genesis, chain.state, epoch)
    return lastEpoch
  }
  let lastEpoch: EpochInfo | undefined

  /** Waits for work, then for the time at which the parent's child may stand. */
  const waitForTurn = async (
    parentTimeMs: bigint,
    isAlone: boolean,
    isIncluded: (id: string) => boolean,
    signal: AbortSignal,
  ): Promise<void> => {
    const idle = AbortSignal.any([signal, AbortSignal.timeout(Number(params.idleBlockIntervalMs))])
    const hasReason = (): boolean => mempool.hasRunnable(isIncluded) || options.isBlockWanted?.() === true
    while (!hasReason() && !idle.aborted) await options.transactionArrives(idle)
    // A clock that is behind the parent's time is not waited for: the block is then dated just after it.
    const wait = Math.min(Number(parentTimeMs) + minIntervalMs - nowMs(), minIntervalMs)
    const gather = isAlone || idle.aborted || options.isBlockWanted?.() === true ? 0 : GATHER_MS
    if (Math.max(wait, gather) > 0 && !signal.aborted) await sleep(Math.max(wait, gather), signal)
    await options.room(signal)
  }

  /**
   * A block from the future is held until its time, so that nobody gains by running ahead; it may be years. One that is as
   * early as its parent lets it be has run nowhere: where the parent itself is ahead of the clocks, the chain goes on.
   */
  const hold = async (header: BlockHeader, signal: AbortSignal): Promise<void> => {
    const parent =
      executor.unfinished(header.parentHash)?.header ??
      chain.store.blockByHash(header.parentHash)?.block.header
    const isEarliest = header.timeMs === (parent?.timeMs ?? 0n) + params.minBlockIntervalMs
    const untilMs = isEarliest ? performance.now() + minIntervalMs : Number.POSITIVE_INFINITY
    for (;;) {
      const wait = Math.min(Number(header.timeMs) - nowMs() - CLOCK_TOLERANCE_MS, untilMs - performance.now())
      if (wait <= 0 || signal.aborted) return
      await sleep(Math.min(wait, HOLD_STEP_MS), signal)
    }
  }

  return {
    lastFinalized() {
      const { header } = chain.head
      return { ref: headerToBlockRef(header), certificate: chain.store.certificate(header.height) }
    },

    isHere: hash => executor.unfinished(hash) !== undefined || bytesEqual(chain.head.hash, hash),

    async buildBlock({ view, parent, certificate, signal }) {
      if (proposer === undefined) throw new Error('asked to build a block without the keys of a validator')
      const parentHeader = executor.unfinished(parent.hash)?.header ?? chain.head.header
      const isIncluded = executor.isInUnfinished(parent.hash)
      const epoch = epochAfter(parentHeader)
      // While there is time: it takes a third of a millisecond.
      const vrfProof = ecvrfProve(
        proposer.vrfSecretKey,
        vrfInput({ chainId: chain.genesis.chainId, nonce: epoch.nonce, epoch: epoch.epoch, view }),
      )
      await waitForTurn(parentHeader.timeMs, epoch.validators.length === 1, isIncluded, signal)
      signal.throwIfAborted()
      const candidates = mempool.select({
        baseFee: nextBaseFee(parentHeader),
        gasLimit: params.blockGasLimit,
        maxBytes: LIMITS.blockTransactionsBytes,
        maxCount: LIMITS.blockTransactions,
        isIncluded,
      })
      const block = await executor.build({
        parentHash: parent.hash,
        place: { view, timeMs: BigInt(nowMs()), proposer: proposer.address, parentCertificate: certificate },
        vrfProof,
        candidates,
      })
      return withBytes(block)
    },

    async checkBlock({ bytes, signal }) {
      const result = await finalBlocks.check(bytes)
      if (result.kind !== 'valid') return result.kind
      const { header } = result.block
      await hold(header, signal)
      return 'valid'
    },

    finalize: (blocks, certificate) =>
      finalBlocks.commit(
        blocks.map(({ ref, bytes }) => ({ hash: ref.hash, bytes })),
        certificate,
      ),

    identifyBlock(bytes) {
      const block = decodeBlock(bytes)
      if (block === undefined) return undefined
      const { header, transactions } = block
      return bytesEqual(merkleRoot(transactions), header.transactionsRoot)
        ? headerToBlockRef(header)
        : undefined
    },

    loadBlock(hash) {
      const stored = chain.store.blockByHash(hash)
      if (stored === undefined) return undefined
      return { ref: headerToBlockRef(stored.block.header), bytes: blockCodec.encode(stored.block) }
    },

    epoch(epoch) {
      const info = knownEpoch(chain.genesis, chain.state, epoch)
      return { ...info, leaderOf: createLeaders({ chainId: chain.genesis.chainId, ...info }).of }
    },

    boundaryCertificate: epoch => chain.store.certificate(lastHeight(epoch, params.epochBlocks)),

    onEvidence: options.onEvidence,
  }
}

/** How far ahead of this node's clock a block's time may be. */
const CLOCK_TOLERANCE_MS = 500
/** The clock may be set meanwhile, and timers take no more than 24 days. */
const HOLD_STEP_MS = 1_000
