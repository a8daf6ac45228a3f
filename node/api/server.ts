/**
 * The API on a socket: tRPC under `/trpc` over HTTP and WebSocket, `/health` for probes.
 *
 * Listens on 127.0.0.1 unless told otherwise: there is no authentication, so a wider address is the
 * operator's explicit choice.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { WebSocketServer } from 'ws'
import type { ApiBackend } from './backend.ts'
import { paceByReader, paceByTurn } from './pacing.ts'
import { apiRouter } from './router.ts'
import type { ApiContext } from './trpc.ts'

const MAX_BODY_BYTES = 16 * 1024 * 1024
const MAX_MESSAGE_BYTES = 1024 * 1024
const MAX_CONNECTIONS = 1_000
const BASE_PATH = '/trpc'

export interface ApiServerOptions {
  readonly backend: ApiBackend
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** Hears of every error that is the node's own fault. */
  readonly onError: (error: unknown, path: string | undefined) => void
}

export interface ApiServer {
  readonly url: string
  close(): Promise<void>
}

export type ApiServerErrorCode = 'port_in_use' | 'port_denied' | 'bad_host' | 'io'

/** The API cannot listen; the message says on what, and what to do. */
export class ApiServerError extends Error {
  override readonly name = 'ApiServerError'
  readonly code: ApiServerErrorCode
  constructor(code: ApiServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const listenError = (cause: NodeJS.ErrnoException, host: string, port: number): ApiServerError => {
  switch (cause.code) {
    case 'EADDRINUSE':
      return new ApiServerError(
        'port_in_use',
        `port ${port} on ${host} is in use. Stop the program that holds it, or choose another with --port`,
        { cause },
      )
    case 'EACCES':
      return new ApiServerError(
        'port_denied',
        `this user may not listen on port ${port}. Choose one above 1023 with --port`,
        { cause },
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ApiServerError(
        'bad_host',
        `${host} is not an address of this machine. Give another with --host`,
        { cause },
      )
    case undefined:
    default:
      return new ApiServerError('io', `the API cannot listen on ${host}:${port}: ${cause.message}`, { cause })
  }
}

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}

const answerPlain = (backend: ApiBackend, request: IncomingMessage, response: ServerResponse): void => {
  const { head, genesis } = backend.chain
  const path = request.url?.split('?')[0]
  if (path === '/' || path === '/health') {
    json(response, 200, {
      name: 'vex',
      version: backend.version,
      chainId: genesis.chainId,
      height: String(head.header.height),
      api: BASE_PATH,
    })
  } else {
    json(response, 404, { error: `there is nothing at ${path}; the API is under ${BASE_PATH}` })
  }
}

const listen = async (server: Server, host: string, port: number): Promise<void> => {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, host, port)
  }
}

/** Throws an {@link ApiServerError} if the address cannot be had now. */
export const assertCanListen = async (host: string, port: number): Promise<void> => {
  const probe = createServer()
  await listen(probe, host, port)
  probe.close()
  await once(probe, 'close')
}

/** Throws an {@link ApiServerError} if the address cannot be had. */
export const startApiServer = async ({
  backend,
  host,
  port,
  onError,
}: ApiServerOptions): Promise<ApiServer> => {
  const context: ApiContext = { backend, pace: paceByTurn }
  const report = ({
    error,
    path,
  }: {
    error: { code: string; cause?: unknown }
    path?: string | undefined
  }) => {
    if (error.code === 'INTERNAL_SERVER_ERROR') onError(error.cause ?? error, path)
  }
  const handler = createHTTPHandler({
    router: apiRouter,
    createContext: () => context,
    basePath: `${BASE_PATH}/`,
    maxBodySize: MAX_BODY_BYTES,
    maxBatchSize: 100,
    allowMethodOverride: true,
    onError: report,
  })
  const server: Server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*')
    if (request.method === 'OPTIONS') {
      response.writeHead(204, {
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'content-type, trpc-accept',
        'access-control-max-age': '86400',
      })
      response.end()
      return
    }
    if (request.url?.startsWith(`${BASE_PATH}/`)) handler(request, response)
    else answerPlain(backend, request, response)
  })
  server.maxConnections = MAX_CONNECTIONS

  const sockets = new WebSocketServer({ server, path: BASE_PATH, maxPayload: MAX_MESSAGE_BYTES })
  sockets.on('error', () => {
    // The HTTP server reports the same error; without a listener it would be thrown.
  })
  const wsHandler = applyWSSHandler({
    wss: sockets,
    router: apiRouter,
    createContext: ({ res }): ApiContext => ({ ...context, pace: paceByReader(res) }),
    keepAlive: { enabled: true, pingMs: 30_000, pongWaitMs: 10_000 },
    onError: report,
  })

  await listen(server, host, port)
  server.on('error', error => onError(error, undefined))
  const bound = server.address() as AddressInfo
  const shownHost = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address

  return {
    url: `http://${shownHost}:${bound.port}`,
    async close() {
      wsHandler.broadcastReconnectNotification()
      for (const client of sockets.clients) client.terminate()
      sockets.close()
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
