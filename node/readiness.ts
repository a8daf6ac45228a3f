/** Whether a node is of use to others: at the chain's head, and blocks go on. Pure. */
import type { Height } from './types/primitives.ts'
import type { VotingPhase } from './voting.ts'

/** Peers may say more than is true, and be ahead by what is on its way; by this much this node is behind. */
const FAR_BLOCKS = 32n
/** How many idle intervals may pass without a block, and what comes on top for views that fail. */
const MISSED_INTERVALS = 3n
const GRACE_MS = 10_000n

export interface Place {
  readonly phase: VotingPhase
  readonly height: Height
  /** What peers said of their heads. */
  readonly peerHeights: readonly Height[]
  /** Since the last final block came here, or since the start. */
  readonly quietMs: number
  readonly idleBlockIntervalMs: bigint
  /** Other validators vote too, and nobody is connected. */
  readonly isCutOff: boolean
  readonly warnings: readonly { readonly code: string; readonly message: string }[]
}

const middle = (heights: readonly Height[]): Height | undefined =>
  heights.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))[(heights.length - 1) >> 1]

/** In sentences; none: it is ready. Of what peers claim the middle counts, so that a single liar does nothing. */
export const reasonsNotReady = (place: Place): string[] => {
  const reasons: string[] = []
  if (place.phase === 'stopped') reasons.push('the node has stopped following the chain; its log says why')
  if (place.phase === 'catching_up') reasons.push('the node is still catching up with the chain')
  if (place.isCutOff) reasons.push('no other node is connected')
  const claimed = middle(place.peerHeights)
  if (claimed !== undefined && claimed > place.height + FAR_BLOCKS)
    reasons.push(`the node is at block ${place.height}, its peers at about ${claimed}`)
  const allowedMs = MISSED_INTERVALS * place.idleBlockIntervalMs + GRACE_MS
  if (place.quietMs > Number(allowedMs))
    reasons.push(`no block has become final here for ${Math.round(place.quietMs / 1_000)} s`)
  for (const { code, message } of place.warnings) if (code === 'disk_low') reasons.push(message)
  return reasons
}
