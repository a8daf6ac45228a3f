/** The listener for what changes the node: on this machine's loopback, whatever `api.host` says. */
import { adminRouter } from './admin-router.ts'
import { type ApiServer, type ApiServerOptions, startApiServer } from './server.ts'

const LOOPBACK = '127.0.0.1'

/** Throws an ApiServerError if the port cannot be had. */
export const startAdminServer = (
  options: Pick<ApiServerOptions, 'backend' | 'port' | 'onError'>,
): Promise<ApiServer> =>
  startApiServer({
    ...options,
    host: LOOPBACK,
    router: adminRouter,
    access: { corsOrigins: [], token: undefined },
    isLocalOnly: true,
  })
