/**
 * What keeps subscriptions from holding up the node, whose blocks are made on the thread that answers: each
 * lets others in between two messages, and waits while its client does not read.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

/** A subscription waits while more than this of what was sent to its client lies unread here. */
const MAX_UNREAD_BYTES = 1024 * 1024
const POLL_MS = 20

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
