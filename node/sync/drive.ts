/**
 * The shell around a pure core that gives out requests: asks the network, does the core's work one piece at a time, keeps
 * the time. Whatever it ends with, no work is under way then.
 */
import { type NetworkPeer, RequestError, type RequestErrorCode, type Requests } from '../network/ports.ts'
import type { AskEffect } from './asking.ts'
import { SyncError } from './error.ts'

export type DriveEvent =
  /** Those connected now, with what they say of themselves. */
  | { readonly kind: 'peers'; readonly peers: readonly NetworkPeer[] }
  | { readonly kind: 'answer'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: 'failure'; readonly id: number; readonly code: RequestErrorCode }
  /** The last piece of work is done. */
  | { readonly kind: 'worked' }
  | { readonly kind: 'time' }

export type DriveEffect<Work> =
  | AskEffect
  /** No more of it until it is `worked`. */
  | { readonly kind: 'work'; readonly work: Work }
  /** Nothing comes after these two. */
  | { readonly kind: 'end' }
  | { readonly kind: 'fail'; readonly error: SyncError }

export interface Core<Work> {
  step(event: DriveEvent, nowMs: number): DriveEffect<Work>[]
  /** When a `time` event would change something; after one, later than now. */
  nextAtMs(nowMs: number): number | undefined
}

/** The network says who is there only when asked. */
const POLL_MS = 250

/** Rejects with a {@link SyncError}, or with what `work` rejects with. */
export const drive = async <Work>(
  core: Core<Work>,
  {
    requests,
    work,
    signal,
  }: {
    readonly requests: Requests
    readonly work: (work: Work) => Promise<void>
    readonly signal: AbortSignal
  },
): Promise<void> => {
  const nowMs = (): number => performance.now()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  /** Of what is asked: nobody wants the answers any more. */
  const ending = new AbortController()
  let working: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const handle = (event: DriveEvent): void => {
    if (ending.signal.aborted) return
    try {
      for (const effect of core.step(event, nowMs())) run(effect)
      schedule()
    } catch (error) {
      end(() => reject(error))
    }
  }
  const end = (settle: () => void): void => {
    ending.abort()
    settle()
  }
  const ask = async ({ id, peer, name, body }: Extract<AskEffect, { kind: 'request' }>): Promise<void> => {
    let event: DriveEvent
    try {
      event = { kind: 'answer', id, bytes: await requests.request(peer, name, body, ending.signal) }
    } catch (error) {
      if (!(error instanceof RequestError)) return end(() => reject(error))
      event = { kind: 'failure', id, code: error.code }
    }
    handle(event)
  }
  const run = (effect: DriveEffect<Work>): void => {
    switch (effect.kind) {
      case 'request':
        void ask(effect)
        return
      case 'report':
        requests.report(effect.peer, effect.offence, effect.reason)
        return
      case 'work':
        working = work(effect.work)
        working.then(
          () => {
            // Meanwhile the chain may have grown: the end is not decided by what was heard before.
            handle({ kind: 'peers', peers: requests.peers() })
            handle({ kind: 'worked' })
          },
          (error: unknown) => end(() => reject(error)),
        )
        return
      case 'end':
        end(resolve)
        return
      case 'fail':
        end(() => reject(effect.error))
    }
  }
  const schedule = (): void => {
    clearTimeout(timer)
    const at = ending.signal.aborted ? undefined : core.nextAtMs(nowMs())
    if (at !== undefined) timer = setTimeout(() => handle({ kind: 'time' }), Math.max(1, at - nowMs()))
  }
  const onAbort = (): void =>
    end(() => reject(new SyncError('aborted', 'the sync was stopped; it goes on when it is started again')))
  const poll = setInterval(() => handle({ kind: 'peers', peers: requests.peers() }), POLL_MS)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    if (signal.aborted) onAbort()
    else handle({ kind: 'peers', peers: requests.peers() })
    await promise
  } finally {
    clearTimeout(timer)
    clearInterval(poll)
    signal.removeEventListener('abort', onAbort)
    await working?.catch(() => {})
  }
}
