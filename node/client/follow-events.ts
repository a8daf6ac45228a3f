/**
 * The events of a contract as its node sends them, block by block and without a gap, whatever becomes of the
 * connection or the node. Who reads slower than the chain goes on gets no more for a while.
 */
import { type ApiClient, apiFailure } from '../api/client.ts'

type Subscribe = ApiClient['api']['subscribe']['events']['subscribe']
type Input = NonNullable<Parameters<Subscribe>[0]>
type Message = ReturnType<Subscribe> extends AsyncIterableIterator<infer M> ? M : never
export type EventsOfBlock = Message['data']

/** Blocks that wait to be read. */
const MAX_WAITING = 500
/** A node that stops may start again. */
const RETRY_MS = 500

type End = 'full' | 'complete' | 'aborted' | { readonly error: unknown }

interface Feed {
  /** The next message, or why there are no more. */
  next(): Promise<Message | End>
  close(): void
}

const openFeed = (api: ApiClient['api'], input: Input, signal: AbortSignal | undefined): Feed => {
  const waiting: Message[] = []
  let end: End | undefined
  let news = Promise.withResolvers<void>()
  const finish = (how: End): void => {
    end ??= how
    news.resolve()
  }
  const onAbort = (): void => {
    waiting.length = 0
    finish('aborted')
  }
  const subscription = api.subscribe.events.subscribe(input, {
    onData(message) {
      if (end !== undefined) return
      waiting.push(message)
      if (waiting.length >= MAX_WAITING) finish('full')
      news.resolve()
    },
    onError: error => finish({ error }),
    onComplete: () => finish('complete'),
  })
  if (signal?.aborted === true) onAbort()
  signal?.addEventListener('abort', onAbort, { once: true })
  return {
    async next() {
      for (;;) {
        const message = waiting.shift()
        if (message !== undefined) return message
        if (end !== undefined) return end
        await news.promise
        news = Promise.withResolvers()
      }
    },
    close() {
      signal?.removeEventListener('abort', onAbort)
      subscription.unsubscribe()
    },
  }
}

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Ends after `input.toHeight`, when `signal` is aborted, or when the client is closed. */
export async function* followEvents(
  api: ApiClient['api'],
  input: Input,
  signal: AbortSignal | undefined,
): AsyncGenerator<EventsOfBlock, void> {
  let lastEventId: string | undefined
  for (;;) {
    const feed = openFeed(api, { ...input, lastEventId }, signal)
    try {
      for (;;) {
        const next = await feed.next()
        if (next === 'aborted' || next === 'complete') return
        if (next === 'full') break
        if ('error' in next) {
          if (apiFailure(next.error)?.code !== 'stopping') throw next.error
          await sleep(RETRY_MS)
          break
        }
        lastEventId = next.id
        yield next.data
      }
    } finally {
      feed.close()
    }
  }
}
