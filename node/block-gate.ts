/**
 * Holds the making of blocks on a development chain, and asks for one at once. It stands where a block waits for room on
 * the disk: consensus knows nothing of it, and a view that is over while the gate is shut is one that made no block.
 */
export interface BlockGate {
  readonly isPaused: boolean
  /** One block is wanted now, with or without transactions. */
  readonly isWanted: boolean
  pause(): void
  resume(): void
  /** Lets one block through, paused or not. */
  makeBlock(): void
  /** Resolves when a block may be made, or on abort: whether it is the one that was asked for. */
  pass(signal: AbortSignal): Promise<boolean>
}

/** `ring` wakes whoever waits for transactions. */
export const createBlockGate = (ring: () => void): BlockGate => {
  let isPaused = false
  let isWanted = false
  let wake: (() => void) | undefined
  const opened = (signal: AbortSignal): Promise<void> =>
    new Promise(resolve => {
      const finish = (): void => {
        wake = undefined
        signal.removeEventListener('abort', finish)
        resolve()
      }
      wake = finish
      signal.addEventListener('abort', finish, { once: true })
    })
  return {
    get isPaused() {
      return isPaused
    },
    get isWanted() {
      return isWanted
    },
    pause() {
      isPaused = true
    },
    resume() {
      isPaused = false
      wake?.()
    },
    makeBlock() {
      isWanted = true
      ring()
      wake?.()
    },
    async pass(signal) {
      const isShut = (): boolean => isPaused && !isWanted
      while (isShut() && !signal.aborted) await opened(signal)
      if (signal.aborted) return false
      const wasWanted = isWanted
      isWanted = false
      return wasWanted
    },
  }
}
