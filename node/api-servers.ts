/** Where a node's API listens: for everybody who may ask, and for its own machine alone. */
import type { Logger } from 'pino'
import type { Access } from './api/access.ts'
import { startAdminServer } from './api/admin-server.ts'
import type { ApiBackend } from './api/backend.ts'
import { startApiServer, type TlsFiles } from './api/server.ts'

export interface ApiListenOptions {
  /** Port 0 lets the system choose. */
  readonly host: string
  readonly port: number
  /** Default: any origin, and no token. */
  readonly access?: Access | undefined
  /** Default: HTTP. */
  readonly tls?: TlsFiles | undefined
  /** Where this machine reaches what changes the node, and its metrics; default: nowhere, and the metrics are public. */
  readonly adminPort?: number | undefined
  /** Default: without an admin port. */
  readonly hasPublicMetrics?: boolean | undefined
}

export interface ApiServers {
  readonly url: string
  /** None without an admin port. */
  readonly adminUrl: string | undefined
  /** Of everybody, so far; what comes over a WebSocket is not among them. */
  readonly requests: number
  close(): Promise<void>
}

export const startApiServers = async ({
  backend,
  host,
  port,
  access,
  tls,
  adminPort,
  hasPublicMetrics: hasMetrics = adminPort === undefined,
  logger,
}: ApiListenOptions & { readonly backend: ApiBackend; readonly logger: Logger }): Promise<ApiServers> => {
  const onError = (error: unknown, path: string | undefined): void =>
    logger.error({ error, path }, 'an API call failed')
  const server = await startApiServer({ backend, host, port, access, tls, hasMetrics, onError })
  try {
    const admin =
      adminPort === undefined ? undefined : await startAdminServer({ backend, port: adminPort, onError })
    return {
      url: server.url,
      adminUrl: admin?.url,
      get requests() {
        return server.requests
      },
      async close() {
        await admin?.close()
        await server.close()
      },
    }
  } catch (error) {
    await server.close()
    throw error
  }
}
