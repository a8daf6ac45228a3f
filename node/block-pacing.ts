/**
 * When a leader builds its block, and when a block of others may be voted for. With transactions that can run a block is built
 * as soon as the rules allow, and where others take transactions in, too, once theirs have come; without any the leader lets
 * the idle interval pass.
 */
import type { TimeMs } from './types/primitives.ts'

export interface PacingOptions {
  /** Of the genesis, in ms. */
  readonly params: { readonly minBlockIntervalMs: bigint; readonly idleBlockIntervalMs: bigint }
  /** Wall clock, ms since 1970. */
  readonly nowMs: () => number
  /** Resolves when there is room for a block on the disk, or on abort: whether somebody has asked for that block. */
  readonly room: (signal: AbortSignal) => Promise<boolean>
  /** Somebody has asked for a block, even an empty one (block-gate.ts). */
  readonly isBlockWanted?: (() => boolean) | undefined
  /** Resolves when a transaction has come in since the last call, or on abort. */
  readonly transactionArrives: (signal: AbortSignal) => Promise<void>
}

export interface Turn {
  readonly parentTimeMs: TimeMs
  /** Nobody but this node takes part in the epoch. */
  readonly isAlone: boolean
  readonly hasTransactions: () => boolean
  /** Transactions that wait, for their turn or for their block's finality. */
  readonly poolSize: () => number
  readonly signal: AbortSignal
}

export interface Pacing {
  /** Waits for work, then for the time at which the parent's child may stand. Resolves as {@link PacingOptions.room} does. */
  untilTurn(turn: Turn): Promise<boolean>
  /**
   * A block from the future is held until its time, so that nobody gains by running ahead; it may be years. One that is as
   * early as its parent lets it be has run nowhere: where the parent itself is ahead of the clocks, the chain goes on.
   */
  hold(block: {
    readonly timeMs: TimeMs
    readonly parentTimeMs: TimeMs
    readonly signal: AbortSignal
  }): Promise<void>
}

/**
 * From the first transaction that waits to the block: what other nodes were given meanwhile is on its way to the leader. With
 * the first alone in a block, all the rest wait for the one after it. Of four validators on two cores under 800 transfers a
 * second, the median was final after 240 to 300 ms without it, 175 to 195 with 60, 215 to 225 with 30, 190 to 210 with 90.
 */
const GATHER_MS = 60

/**
 * Where few wait, until none has come for so long: gossip keeps one back for 20 (transaction-batches.ts). With 20 transfers a
 * second one is final after 110 to 130 ms instead of 140. Where many wait, pauses come of nodes that have much to do.
 */
const QUIET_MS = 30
/** Those of the block before among them, which is not final yet. */
const FEW_TRANSACTIONS = 32

/** How far ahead of this node's clock a block's time may be. */
const CLOCK_TOLERANCE_MS = 500
/** The clock may be set meanwhile, and timers take no more than 24 days. */
const HOLD_STEP_MS = 1_000

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted || ms <= 0) return resolve()
    const finish = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, ms)
    signal.addEventListener('abort', finish, { once: true })
  })

/** Until none has come for {@link QUIET_MS}, but no longer than {@link GATHER_MS}. */
const gatherFew = async (
  arrives: PacingOptions['transactionArrives'],
  signal: AbortSignal,
): Promise<void> => {
  const endMs = performance.now() + GATHER_MS
  let lastMs = performance.now()
  const isOver = new AbortController()
  const listen = async (): Promise<void> => {
    while (!isOver.signal.aborted) {
      await arrives(isOver.signal)
      lastMs = performance.now()
    }
  }
  const listening = listen()
  for (;;) {
    const wait = Math.min(endMs, lastMs + QUIET_MS) - performance.now()
    if (wait <= 0 || signal.aborted) break
    await sleep(wait, signal)
  }
  isOver.abort()
  await listening
}

export const createPacing = (options: PacingOptions): Pacing => {
  const { nowMs, room, transactionArrives } = options
  const minIntervalMs = Number(options.params.minBlockIntervalMs)
  const idleIntervalMs = Number(options.params.idleBlockIntervalMs)
  const isBlockWanted = (): boolean => options.isBlockWanted?.() === true

  return {
    async untilTurn({ parentTimeMs, isAlone, hasTransactions, poolSize, signal }) {
      const idle = AbortSignal.any([signal, AbortSignal.timeout(idleIntervalMs)])
      while (!hasTransactions() && !isBlockWanted() && !idle.aborted) await transactionArrives(idle)
      // A clock that is behind the parent's time is not waited for: the block is then dated just after it.
      const due = sleep(Math.min(Number(parentTimeMs) + minIntervalMs - nowMs(), minIntervalMs), signal)
      if (!isAlone && !isBlockWanted() && hasTransactions())
        await (poolSize() <= FEW_TRANSACTIONS
          ? gatherFew(transactionArrives, signal)
          : sleep(GATHER_MS, signal))
      await due
      return room(signal)
    },

    async hold({ timeMs, parentTimeMs, signal }) {
      const isEarliest = timeMs === parentTimeMs + options.params.minBlockIntervalMs
      const untilMs = isEarliest ? performance.now() + minIntervalMs : Number.POSITIVE_INFINITY
      for (;;) {
        const wait = Math.min(Number(timeMs) - nowMs() - CLOCK_TOLERANCE_MS, untilMs - performance.now())
        if (wait <= 0 || signal.aborted) return
        await sleep(Math.min(wait, HOLD_STEP_MS), signal)
      }
    },
  }
}
