/** Many WebSockets, each with a subscription to every block, that only look at when which block comes. */
import { WebSocket } from 'ws'
import { BenchError } from './error.ts'

export interface Subscribers {
  /** When each of them got the block: milliseconds since 1970, by height. */
  readonly arrivals: ReadonlyMap<string, readonly number[]>
  /** Resolves when every one of them has had the block. */
  untilAllHave(height: string): Promise<void>
  close(): Promise<void>
}

const SUBSCRIBE = JSON.stringify({
  id: 1,
  jsonrpc: '2.0',
  method: 'subscription',
  params: { path: 'subscribe.blocks', input: {} },
})
/** Opened at a time. */
const AT_ONCE = 50

const openOne = (url: string, onBlock: (height: string) => void, onEnd: (why: string) => void) =>
  new Promise<WebSocket>((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false })
    socket.on('error', error => {
      reject(error)
      onEnd(error.message)
    })
    socket.on('close', () => onEnd('the node closed the connection'))
    socket.on('open', () => socket.send(SUBSCRIBE))
    socket.on('message', (data: Buffer) => {
      const message = data.toString('latin1')
      if (message.includes('"type":"started"')) resolve(socket)
      // The call's own id is a number, a block's a text.
      const [, height] = /"id":"(\d+)"/.exec(message) ?? []
      if (height !== undefined) onBlock(height)
    })
  })

export const openSubscribers = async (apiUrl: string, count: number): Promise<Subscribers> => {
  const arrivals = new Map<string, number[]>()
  const waiting = new Map<string, () => void>()
  let failed: (error: Error) => void = () => undefined
  let isClosing = false
  const onBlock = (height: string): void => {
    const at = arrivals.get(height) ?? []
    if (at.length === 0) arrivals.set(height, at)
    at.push(performance.timeOrigin + performance.now())
    if (at.length === count) waiting.get(height)?.()
  }
  const onEnd = (why: string): void => {
    if (!isClosing) failed(new BenchError('node_failed', `a subscriber lost its connection: ${why}`))
  }
  const url = `${apiUrl.replace(/^http/, 'ws')}/trpc`
  const sockets: WebSocket[] = []
  while (sockets.length < count) {
    const size = Math.min(AT_ONCE, count - sockets.length)
    sockets.push(...(await Promise.all(Array.from({ length: size }, () => openOne(url, onBlock, onEnd)))))
  }
  return {
    arrivals,
    untilAllHave: height =>
      new Promise((resolve, reject) => {
        failed = reject
        if (arrivals.get(height)?.length === count) resolve()
        else waiting.set(height, resolve)
      }),
    async close() {
      isClosing = true
      await Promise.all(
        sockets.map(
          socket =>
            new Promise<void>(resolve => {
              socket.on('close', () => resolve())
              socket.close()
            }),
        ),
      )
    },
  }
}
