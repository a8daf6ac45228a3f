/** Questions that peers ask each other: one table of their names and limits. Bodies and answers are BCS, in the files that use them. */

const KiB = 1024
const MiB = 1024 * KiB

export interface RequestLimits {
  readonly maxRequestBytes: number
  readonly maxAnswerBytes: number
  /** For all of it, from opening the stream to the last byte. */
  readonly deadlineMs: number
  /** A peer may ask so often in a second, and as often at once. */
  readonly perSecond: number
}

export const REQUESTS = {
  /** Hand-overs between epochs, from one on. */
  handOvers: { maxRequestBytes: 64, maxAnswerBytes: 2 * MiB, deadlineMs: 10_000, perSecond: 10 },
  /** Headers by height. */
  headers: { maxRequestBytes: 64, maxAnswerBytes: 2 * MiB, deadlineMs: 10_000, perSecond: 20 },
  /** Bodies by height. */
  blocks: { maxRequestBytes: 64, maxAnswerBytes: 3 * MiB, deadlineMs: 15_000, perSecond: 40 },
  /** Which snapshots the peer has; and a snapshot's manifest. */
  snapshots: { maxRequestBytes: 64, maxAnswerBytes: 2 * MiB, deadlineMs: 10_000, perSecond: 5 },
  /** One file of a snapshot, in parts. */
  snapshotPart: { maxRequestBytes: 256, maxAnswerBytes: 2 * MiB, deadlineMs: 20_000, perSecond: 20 },
  /** Transactions of a block that was sent in the compact form. */
  blockTransactions: { maxRequestBytes: 64 * KiB, maxAnswerBytes: 3 * MiB, deadlineMs: 3_000, perSecond: 50 },
} as const satisfies Readonly<Record<string, RequestLimits>>

export type RequestName = keyof typeof REQUESTS
