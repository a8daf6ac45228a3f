/**
 * What a node among others does before it votes: it finds somebody, and if the chain has gone far without it, it syncs, again
 * and again while that brings blocks. Where it brings none the node goes on all the same: how far the chain has come is
 * the peers' word, and one that lies about it must keep nobody from voting. Consensus then fetches what there is.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { ChainView } from './chain/chain-view.ts'
import type { Requests } from './network/ports.ts'
import type { Checkpoint } from './sync/header-spans.ts'
import { SyncError, type SyncErrorCode } from './sync/error.ts'
import { type BlockSink, syncBlocks } from './sync/sync-blocks.ts'
import type { Height } from './types/primitives.ts'

/** Nobody there by then: it starts alone, and consensus fetches what it lacks once others come. */
const LONELY_MS = 5_000
const LOOK_MS = 50
/** Fewer blocks than this consensus fetches by itself in a moment. */
const FAR_BLOCKS = 32n
/** Nothing that waiting mends: the operator has to look. */
const FATAL: ReadonlySet<SyncErrorCode> = new Set(['wrong_checkpoint', 'fork'])

export interface CatchUpOptions {
  readonly requests: Requests
  readonly chain: ChainView
  readonly sink: BlockSink
  readonly checkpoint: Checkpoint | undefined
  /** How long a sync looks for a peer that has what is needed (sync/sync-blocks.ts). */
  readonly patienceMs?: number | undefined
  readonly logger: Logger
  readonly signal: AbortSignal
}

const highestHead = (requests: Requests): Height | undefined => {
  let highest: Height | undefined
  for (const { head } of requests.peers())
    if (highest === undefined || head.height > highest) highest = head.height
  return highest
}

/** The highest head of peers; `undefined`: there is nobody. */
const awaitPeers = async (requests: Requests, signal: AbortSignal): Promise<Height | undefined> => {
  const endMs = performance.now() + LONELY_MS
  while (requests.peers().length === 0 && performance.now() < endMs && !signal.aborted)
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined)
  return highestHead(requests)
}

/** Resolves near the head of the chain, alone, without a way to it, or aborted. Rejects with what the sink rejects with, or for a wrong checkpoint. */
export const catchUp = async (options: CatchUpOptions): Promise<void> => {
  const { requests, chain, logger, signal } = options
  for (;;) {
    const target = await awaitPeers(requests, signal)
    const { height } = chain.head.header
    if (signal.aborted || target === undefined || target <= height + FAR_BLOCKS) return
    logger.info(
      { height: String(height), target: String(target) },
      'the chain has gone on without this node: syncing',
    )
    const startedMs = performance.now()
    try {
      await syncBlocks({
        ...options,
        onProgress: progress =>
          logger.info(
            {
              height: String(progress.height),
              target: progress.target === undefined ? undefined : String(progress.target),
              blocksPerSecond: Math.round(progress.blocksPerSecond),
              peers: progress.peers,
            },
            'syncing',
          ),
      })
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof SyncError) || FATAL.has(error.code)) throw error
      logger.warn({ error }, 'a sync found no way to the head that peers claim')
    }
    const seconds = (performance.now() - startedMs) / 1_000
    const blocks = Number(chain.head.header.height - height)
    if (blocks === 0) return
    logger.info(
      {
        height: String(chain.head.header.height),
        blocks,
        seconds: Number(seconds.toFixed(1)),
        blocksPerSecond: Math.round(blocks / seconds),
      },
      'synced',
    )
  }
}
