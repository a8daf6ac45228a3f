import type { ApiBackend } from './backend.ts'

/** Resolves at the next commit or when `signal` aborts, whichever comes first; leaves no listener behind. */
export const nextCommit = (backend: ApiBackend, signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) {
      resolve()
      return
    }
    const finish = () => {
      stop()
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const stop = backend.onCommit(finish)
    signal.addEventListener('abort', finish, { once: true })
  })
