/**
 * Stops a command that runs until it is told to. The first signal asks; a second Ctrl-C (or SIGTERM) does not
 * wait: what is final is on the disk in any case.
 */
import { exitCode } from './exit-codes.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export interface StopRequest {
  readonly signal: AbortSignal
  /** Asks from within, as a signal does. */
  readonly request: (reason?: unknown) => void
  /** From now on signals do what they did before. */
  readonly release: () => void
}

export const listenForStop = (): StopRequest => {
  const controller = new AbortController()
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      process.stderr.write('stopped at once; the next start takes up what was final\n')
      process.exit(exitCode('interrupted'))
    }
    controller.abort()
  }
  for (const name of SIGNALS) process.on(name, onSignal)
  return {
    signal: controller.signal,
    request: reason => {
      controller.abort(reason)
    },
    release: () => {
      for (const name of SIGNALS) process.off(name, onSignal)
    },
  }
}

/** Resolves when `signal` aborts. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
