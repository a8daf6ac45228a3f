/** tRPC over WebSockets. Loaded for the first client that wants one (late-sockets.ts). */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AnyTRPCRouter } from '@trpc/server'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { WebSocketServer } from 'ws'
import { type Access, DENIED, isAuthorized, isFromHere, isOriginAllowed } from './access.ts'
import { ApiError } from './api-error.ts'
import { MAX_MESSAGE_BYTES } from './limits.ts'
import { paceByReader } from './pacing.ts'
import type { ApiContext } from './trpc.ts'
import type { TrpcOptions } from './trpc-handler.ts'

export interface SocketOptions {
  /** Of the only path that is answered. */
  readonly path: string
  readonly router: AnyTRPCRouter
  readonly context: ApiContext
  readonly access: Access
  readonly isLocalOnly: boolean
  readonly onError: TrpcOptions['onError']
}

export interface Sockets {
  /** Answers a request to upgrade, be it with a refusal. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Tells those that are connected to come back, and disconnects them. */
  close(): void
}

const PING_MS = 30_000
const PONG_WAIT_MS = 10_000

export const openSockets = ({
  path,
  router,
  context,
  access,
  isLocalOnly,
  onError,
}: SocketOptions): Sockets => {
  const wss = new WebSocketServer({
    noServer: true,
    path,
    maxPayload: MAX_MESSAGE_BYTES,
    verifyClient({ origin, req }: { origin: string | undefined; req: IncomingMessage }, decide) {
      if (isLocalOnly && !isFromHere(req)) decide(false, 403, DENIED.local)
      else if (!isOriginAllowed(access, origin)) decide(false, 403, DENIED.origin)
      else decide(true)
    },
  })
  const handler = applyWSSHandler({
    wss,
    router,
    createContext({ req, res, info }): ApiContext {
      // Browsers set no headers on a WebSocket: they say it in its first message.
      const shown = req.headers.authorization ?? info.connectionParams?.['authorization']
      const refusal = isAuthorized(access, shown) ? undefined : new ApiError('unauthorized', DENIED.token)
      return { ...context, refusal, pace: paceByReader(res) }
    },
    keepAlive: { enabled: true, pingMs: PING_MS, pongWaitMs: PONG_WAIT_MS },
    onError,
  })
  return {
    accept(request, socket, head) {
      wss.handleUpgrade(request, socket, head, client => wss.emit('connection', client, request))
    },
    close() {
      handler.broadcastReconnectNotification()
      for (const client of wss.clients) client.terminate()
      wss.close()
    },
  }
}
