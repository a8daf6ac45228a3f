/** Stands between a client and a node, and does to each request over HTTP what a network, a proxy or a dying node does. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** What happens to one request. */
export const FAULTS = [
  'pass',
  /** It does not arrive. */
  'loseRequest',
  /** It arrives, and the connection breaks before the answer. */
  'loseAnswer',
  /** The connection breaks in the middle of the answer. */
  'cutAnswer',
  /** It arrives, and nothing ever comes back. */
  'hang',
  /** It does not arrive: a rate limit, with `Retry-After`. */
  'tooMany',
  /** It does not arrive. */
  'unavailable',
  /** It arrives, but whoever passed it on did not wait for the answer. */
  'gatewayTimeout',
] as const
/** `forget`: the node says that it took the transaction, and is killed before it keeps it. */
export type Fault = (typeof FAULTS)[number] | 'forget'

interface FaultProxy {
  readonly url: string
  /** How many requests came. */
  readonly requests: number
  /** For each request that comes, by its path. */
  decide(fault: (path: string) => Fault | Promise<Fault>): void
  close(): Promise<void>
}

const ARRIVES: ReadonlySet<Fault> = new Set(['pass', 'loseAnswer', 'cutAnswer', 'hang', 'gatewayTimeout'])

const forward = async (target: string, request: IncomingMessage) => {
  const body = await buffer(request)
  const answer = await fetch(new URL(request.url ?? '/', target), {
    method: request.method ?? 'GET',
    headers: { 'content-type': 'application/json' },
    ...(body.length > 0 ? { body } : {}),
  })
  return { status: answer.status, text: await answer.text() }
}

export const startFaultProxy = async (target: string): Promise<FaultProxy> => {
  let choose: (path: string) => Fault | Promise<Fault> = () => 'pass'
  let requests = 0
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests++
    const fault = await choose(request.url?.split('?')[0] ?? '/')
    if (fault === 'loseRequest') return void response.destroy()
    const page = '<html>not the node</html>'
    if (fault === 'tooMany') return void response.writeHead(429, { 'retry-after': '0' }).end(page)
    if (fault === 'unavailable') return void response.writeHead(503).end(page)
    if (fault === 'forget')
      return void response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"result":{"data":{"id":"0x"}}}')
    if (!ARRIVES.has(fault)) throw new Error(`there is no fault ${fault}`)
    const { status, text } = await forward(target, request)
    const json = { 'content-type': 'application/json' }
    if (fault === 'hang') return
    if (fault === 'loseAnswer') return void response.destroy()
    if (fault === 'gatewayTimeout') return void response.writeHead(504).end(page)
    if (fault === 'pass') return void response.writeHead(status, json).end(text)
    response.writeHead(status, { ...json, 'content-length': Buffer.byteLength(text) })
    response.write(text.slice(0, text.length >> 1), () => response.destroy())
  }
  const server = createServer((request, response) => {
    // The node is not there.
    answer(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return requests
    },
    decide(fault) {
      choose = fault
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
