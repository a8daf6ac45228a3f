/**
 * What keeps clients from holding up the node: blocks are made on the thread that answers them.
 *
 * Queries that run contracts run one at a time, and rest as long as they took, so that all of them together
 * take at most half of the time. A subscription lets others in between two messages, and waits while its
 * client does not read.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

/** A shorter run is over before anybody would notice. */
const MIN_REST_MS = 2
/** A subscription waits while more than this of what was sent to its client lies unread here. */
const MAX_UNREAD_BYTES = 1024 * 1024
const POLL_MS = 20

/** Runs `query` when those before it are done. */
export type RunQuery = <T>(query: () => T) => Promise<T>

export const createQueryQueue = (): RunQuery => {
  let last: Promise<unknown> = Promise.resolve()
  let restMs = 0
  return query => {
    const result = last.then(async () => {
      await (restMs >= MIN_REST_MS ? sleep(restMs) : nextTurn())
      const startedMs = performance.now()
      try {
        return query()
      } finally {
        restMs = performance.now() - startedMs
      }
    })
    // The next one waits for this one's end, good or bad; this one's caller hears of the error.
    last = result.catch(() => undefined)
    return result
  }
}

/** Resolves when a subscription may send its next message, or on abort. */
export type Pace = (signal: AbortSignal) => Promise<void>

export const paceByReader =
  (reader: { readonly bufferedAmount: number }): Pace =>
  async signal => {
    await nextTurn()
    while (reader.bufferedAmount > MAX_UNREAD_BYTES && !signal.aborted) await sleep(POLL_MS)
  }

/** Where the sender waits for the reader by itself (server-sent events). */
export const paceByTurn: Pace = () => nextTurn()
