/**
 * When the next frame is drawn: at most 15 in any second, and yet a key is answered at once. Frames are paid for with
 * tokens, which come back 12 a second and are never more than 3. What the chain does leaves the last two for keys, and
 * lets 200 ms pass. Pure: the time is passed in.
 */
export interface Pacer {
  /** How long until a frame may be drawn, in ms; 0: now. */
  waitMs(nowMs: number, isUrgent: boolean): number
  /** One was drawn. */
  drawn(nowMs: number): void
}

const BURST = 3
const PER_MS = 12 / 1_000
/** Left to keys. */
const RESERVED = 2
const MIN_DATA_MS = 200

export const createPacer = (): Pacer => {
  let tokens = BURST
  let atMs = Number.NEGATIVE_INFINITY
  const tokensAt = (nowMs: number): number =>
    atMs === Number.NEGATIVE_INFINITY ? BURST : Math.min(BURST, tokens + Math.max(0, nowMs - atMs) * PER_MS)
  return {
    waitMs(nowMs, isUrgent) {
      const missing = 1 + (isUrgent ? 0 : RESERVED) - tokensAt(nowMs)
      const forTokens = missing > 0 ? Math.ceil(missing / PER_MS) : 0
      return isUrgent ? forTokens : Math.max(forTokens, MIN_DATA_MS - (nowMs - atMs), 0)
    },
    drawn(nowMs) {
      tokens = Math.max(0, tokensAt(nowMs) - 1)
      atMs = nowMs
    },
  }
}
