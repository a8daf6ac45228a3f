/**
 * The chain as consensus sees it: builds blocks from the pool, executes those of others, commits what is
 * final. When, is block-pacing.ts's, and how much of it block-size.ts's.
 */
import { ecvrfProve } from '#ecvrf'
import { createPacing, type PacingOptions } from './block-pacing.ts'
import { blockSize } from './block-size.ts'
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

export interface ApplicationOptions extends Omit<PacingOptions, 'params'> {
  readonly chain: ChainView
  readonly executor: BlockExecutor
  readonly mempool: Mempool
  /** Who builds blocks here; `undefined`: nobody. */
  readonly proposer: Proposer | undefined
  /** Checks the blocks of others, and commits what is final. */
  readonly finalBlocks: FinalBlocks
  /** Of somebody who voted both ways: verified. */
  readonly onEvidence: (evidence: Evidence) => void
}

const withBytes = ({ header, bytes }: UnfinishedBlock): BlockWithBytes => ({
  ref: headerToBlockRef(header),
  bytes,
})

const decodeBlock = (bytes: Uint8Array, mempool: Pick<Mempool, 'holds'>): Block | undefined => {
  try {
    const block = blockCodec.decode(bytes)
    // Nor is one a block whose transactions are none.
    for (const transaction of block.transactions)
      if (!mempool.holds(transaction)) parseTransaction(transaction)
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
  const pacing = createPacing({ ...options, params })

  /** Of the block that stands on `parent`. */
  const epochAfter = (parent: BlockHeader): EpochInfo => {
    const epoch = epochOf(parent.height + 1n, params.epochBlocks)
    if (lastEpoch?.epoch !== epoch) lastEpoch = knownEpoch(chain.genesis, chain.state, epoch)
    return lastEpoch
  }
  let lastEpoch: EpochInfo | undefined

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
      const isAlone = epoch.validators.length === 1
      const isAskedFor = await pacing.untilTurn({
        parentTimeMs: parentHeader.timeMs,
        isAlone,
        hasTransactions: () => mempool.hasRunnable(isIncluded),
        poolSize: () => mempool.size,
        signal,
      })
      signal.throwIfAborted()
      const candidates = mempool.select({
        baseFee: nextBaseFee(parentHeader),
        gasLimit: params.blockGasLimit,
        maxBytes: LIMITS.blockTransactionsBytes,
        maxCount: blockSize({ isAlone, isAskedFor, ...params }),
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
      const parent =
        executor.unfinished(header.parentHash)?.header ??
        chain.store.blockByHash(header.parentHash)?.block.header
      await pacing.hold({ timeMs: header.timeMs, parentTimeMs: parent?.timeMs ?? 0n, signal })
      return 'valid'
    },

    finalize: (blocks, certificate) =>
      finalBlocks.commit(
        blocks.map(({ ref, bytes }) => ({ hash: ref.hash, bytes })),
        certificate,
      ),

    identifyBlock(bytes) {
      const block = decodeBlock(bytes, mempool)
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
