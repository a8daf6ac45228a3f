/**
 * A subscription as server-sent events: one a message, with its cursor as `id`, so that whoever comes back with it in
 * `Last-Event-ID` goes on there. What goes wrong on the way is an event `failure`; the stream then ends, and clients
 * come back by themselves.
 */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'

const KEEP_ALIVE_MS = 15_000
const RETRY_MS = 1_000

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  // Proxies that hold back what is small.
  'x-accel-buffering': 'no',
}

/** What a subscription yields: the cursor and the message. */
export type StreamMessage = readonly [id: string, data: unknown, ...unknown[]]

/** Its first failure, if it fails at once: then nothing has been sent, and the answer can say so. */
const startOf = async (first: Promise<unknown>): Promise<void> => {
  first.catch(() => undefined)
  await Promise.race([first, nextTurn()])
}

/** Rejects before anything is sent if the stream cannot begin. `describe` gives what is told of a later failure. */
export const sendEvents = async (
  response: ServerResponse,
  messages: AsyncIterable<StreamMessage>,
  describe: (error: unknown) => unknown,
): Promise<void> => {
  const iterator = messages[Symbol.asyncIterator]()
  const first = iterator.next()
  await startOf(first)
  response.writeHead(200, HEADERS).write(`retry: ${RETRY_MS}\n\n`)
  const keepAlive = setInterval(() => response.write(': still here\n\n'), KEEP_ALIVE_MS)
  const gone = once(response, 'close').then(() => 'gone' as const)
  try {
    for (let next = first; ; next = iterator.next()) {
      const result = await next
      if (result.done === true) break
      const [id, data] = result.value
      const isRoom = response.write(`id: ${id}\ndata: ${JSON.stringify(data)}\n\n`)
      if (!isRoom && (await Promise.race([once(response, 'drain'), gone])) === 'gone') break
    }
  } catch (error) {
    response.write(`event: failure\ndata: ${JSON.stringify(describe(error))}\n\n`)
  } finally {
    clearInterval(keepAlive)
    response.end()
    await iterator.return?.()
  }
}
