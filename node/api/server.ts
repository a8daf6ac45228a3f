/**
 * The API on a socket:
 *
 *   /trpc              tRPC over HTTP and WebSocket
 *   /api               REST and server-sent events (rest/handler.ts), the OpenAPI document
 *   /docs              the document, to browse
 *   /submit            many transactions as bytes (submit-codec.ts)
 *   /health, /ready    for probes; /metrics for Prometheus
 *
 * Listens on 127.0.0.1 unless told otherwise. Everything here reads, or sends what its sender has signed; what changes
 * the node itself is on a second listener (admin-router.ts), which this machine alone reaches.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AnyTRPCRouter } from '@trpc/server'
import { type Access, ANY_ORIGIN, corsHeaders, DENIED, isAuthorized, isFromHere } from './access.ts'
import type { ApiBackend } from './backend.ts'
import { openLate } from './late-sockets.ts'
import { MAX_CONNECTIONS } from './limits.ts'
import { ApiServerError, listen } from './listen.ts'
import { paceByTurn } from './pacing.ts'
import { answerProbe } from './probes.ts'
import type { RestHandler } from './rest/handler.ts'
import { apiRouter } from './router.ts'
import { sendJson } from './send-json.ts'
import { SUBMIT_PATH } from './submit-codec.ts'
import type { Sockets } from './sockets.ts'
import { answerSubmit } from './submit-handler.ts'
import { createTrpcHandler } from './trpc-handler.ts'
import type { ApiContext } from './trpc.ts'

const TRPC_PATH = '/trpc'
const REST_PATH = '/api'
const DOCS_PATH = '/docs'
/** What says how to ask is for everybody, and so is what probes ask, which carry no token. */
const OPEN_PATHS = ['/', '/health', '/ready', REST_PATH, `${REST_PATH}/openapi.json`]
/** Longer than proxies keep theirs, most of them 60 s: who closes first is never the one who is about to be asked. */
const KEEP_ALIVE_MS = 65_000

export interface TlsFiles {
  /** PEM. */
  readonly cert: Buffer
  readonly key: Buffer
}

export interface ApiServerOptions {
  readonly backend: ApiBackend
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** Default: what everybody may call. */
  readonly router?: AnyTRPCRouter | undefined
  /** Default: any origin, and no token. */
  readonly access?: Access | undefined
  readonly tls?: TlsFiles | undefined
  /** Refuses browsers, and names that do not stand for this machine: whoever asks is on it. */
  readonly isLocalOnly?: boolean | undefined
  /** Whether `/metrics` is answered here. */
  readonly hasMetrics?: boolean | undefined
  /** Hears of every error that is the node's own fault. */
  readonly onError: (error: unknown, path: string | undefined) => void
}

export interface ApiServer {
  readonly url: string
  /** So far; what comes over a WebSocket is not among them. */
  readonly requests: number
  close(): Promise<void>
}

const createSocketServer = async (tls: TlsFiles | undefined): Promise<Server> => {
  if (tls === undefined) return createServer()
  // Few have it, and nobody else waits until OpenSSL's part of Node is loaded.
  const https = await import('node:https')
  try {
    return https.createServer({ ...tls, minVersion: 'TLSv1.2' })
  } catch (cause) {
    throw new ApiServerError(
      'bad_certificate',
      `api.tls: the certificate and its key do not go together, or are not PEM: ${(cause as Error).message}`,
      { cause },
    )
  }
}

const isUnder = (path: string, root: string): boolean => path === root || path.startsWith(`${root}/`)

const UNAUTHORIZED = { code: -32001, name: 'UNAUTHORIZED', httpStatus: 401 } as const

/** What tRPC's clients read, for what does not come as far as tRPC. */
const inTrpcForm = ({ code, message }: { readonly code: string; readonly message: string }) => ({
  error: {
    message,
    code: UNAUTHORIZED.code,
    data: {
      code: UNAUTHORIZED.name,
      httpStatus: UNAUTHORIZED.httpStatus,
      vex: { code, detail: null },
    },
  },
})

/** Throws an {@link ApiServerError} if the address cannot be had. */
export const startApiServer = async ({
  backend,
  host,
  port,
  router = apiRouter,
  access = { corsOrigins: [ANY_ORIGIN], token: undefined },
  tls,
  isLocalOnly = false,
  hasMetrics = true,
  onError,
}: ApiServerOptions): Promise<ApiServer> => {
  const context: ApiContext = { backend, hasMetrics, pace: paceByTurn }
  const report = ({
    error,
    path,
  }: {
    error: { code: string; cause?: unknown }
    path?: string | undefined
  }) => {
    if (error.code === 'INTERNAL_SERVER_ERROR') onError(error.cause ?? error, path)
  }
  const trpc = createTrpcHandler({ router, context, root: TRPC_PATH, onError: report })

  let rest: Promise<RestHandler> | undefined
  const loadRest = async (): Promise<RestHandler> => {
    const { createRestHandler } = await import('./rest/handler.ts')
    const hasToken = access.token !== undefined
    return createRestHandler({ router, context, version: backend.version, hasToken, onError: report })
  }

  const isDenied = (request: IncomingMessage): boolean => isLocalOnly && !isFromHere(request)

  const answer = async (
    request: IncomingMessage,
    response: ServerResponse,
    headers: Readonly<Record<string, string>>,
  ): Promise<void> => {
    const path = request.url?.split('?')[0] ?? '/'
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    if (isDenied(request)) {
      sendJson(response, 403, { code: 'refused', message: DENIED.local })
      return
    }
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end()
      return
    }
    const isOpen = OPEN_PATHS.includes(path) || isUnder(path, DOCS_PATH)
    if (!isOpen && !isAuthorized(access, request.headers.authorization)) {
      const failure = { code: 'unauthorized', message: DENIED.token }
      const body = isUnder(path, TRPC_PATH) ? inTrpcForm(failure) : failure
      sendJson(response, 401, body, { 'www-authenticate': 'Bearer' })
      return
    }
    if (path.startsWith(`${TRPC_PATH}/`)) trpc.other(request, response)
    else if (path === SUBMIT_PATH && !isLocalOnly) await answerSubmit(backend, request, response)
    else if (isUnder(path, REST_PATH)) await (await (rest ??= loadRest()))(request, response)
    else if (
      isUnder(path, DOCS_PATH) &&
      (await (await import('./rest/docs.ts')).serveDocs(request, response))
    )
      return
    else await answerProbe({ backend, path, response, hasMetrics })
  }

  let requests = 0
  const server = await createSocketServer(tls)
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    requests++
    const headers = corsHeaders(access, request.headers, request.method)
    const mayAsk = !isDenied(request) && isAuthorized(access, request.headers.authorization)
    if (mayAsk && trpc.plain(request, response, headers)) return
    answer(request, response, headers).catch((error: unknown) => {
      onError(error, undefined)
      if (response.headersSent) response.destroy()
      else
        sendJson(response, 500, { code: 'internal', message: 'the node failed to answer; its log says why' })
    })
  })
  server.maxConnections = MAX_CONNECTIONS
  server.keepAliveTimeout = KEEP_ALIVE_MS

  const loadSockets = async (): Promise<Sockets> => {
    const { openSockets } = await import('./sockets.ts')
    return openSockets({ path: TRPC_PATH, router, context, access, isLocalOnly, onError: report })
  }
  const sockets = openLate(server, loadSockets, error => onError(error, undefined))

  await listen(server, host, port)
  server.on('error', error => onError(error, undefined))
  const bound = server.address() as AddressInfo
  const shownHost = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address

  return {
    url: `${tls === undefined ? 'http' : 'https'}://${shownHost}:${bound.port}`,
    get requests() {
      return requests
    },
    async close() {
      sockets.close()
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
