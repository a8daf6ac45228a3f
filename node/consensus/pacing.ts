/**
 * How long a view may take (a local choice: no two nodes need to agree on it).
 *
 *   d(k) = min(16 d0, d0 * 1.5^k), k = views since the last final one, minus one
 *   leader's proposal due after pace + 2d, the view over after pace + 3d
 */
import type { Pacing } from './protocol.ts'

const MAX_FACTOR = 16

export const viewTimeouts = (
  pacing: Pacing,
  viewsWithoutFinality: bigint,
): { leaderMs: number; advanceMs: number } => {
  let factor = 1
  for (let k = 0n; k < viewsWithoutFinality && factor < MAX_FACTOR; k++) factor *= 1.5
  const delay = Math.ceil(pacing.networkDelayMs * Math.min(factor, MAX_FACTOR))
  return { leaderMs: pacing.paceMs + 2 * delay, advanceMs: pacing.paceMs + 3 * delay }
}

/** A missing block or certificate is asked for again after this: a question and its answer. */
export const retryAfterMs = (pacing: Pacing): number => 2 * pacing.networkDelayMs

export const standstillAfterMs = (pacing: Pacing): number => pacing.paceMs + 2 * pacing.standstillMs
