/** A bell: whoever waits is woken by the next ring, or by one that nobody has heard yet. */
export interface Bell {
  readonly ring: () => void
  /** Resolves at once if the bell rang since the last wait ended; also on abort. */
  readonly wait: (signal: AbortSignal) => Promise<void>
}

export const createBell = (): Bell => {
  let hasRung = false
  let wake: (() => void) | undefined
  return {
    ring() {
      hasRung = true
      wake?.()
    },
    wait: signal =>
      new Promise(resolve => {
        const finish = () => {
          hasRung = false
          wake = undefined
          signal.removeEventListener('abort', finish)
          resolve()
        }
        if (hasRung || signal.aborted) return finish()
        wake = finish
        signal.addEventListener('abort', finish, { once: true })
      }),
  }
}
