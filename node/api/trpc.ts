/** What the routers of the API are made with. */
import { initTRPC } from '@trpc/server'
import { type ApiError, describeError } from './api-error.ts'
import type { ApiBackend } from './backend.ts'
import type { Pace } from './pacing.ts'
import type { Route } from './route.ts'

/** What each call gets. */
export interface ApiContext {
  readonly backend: ApiBackend
  /** Whether what the node takes of its machine is told here. */
  readonly hasMetrics: boolean
  /** Of the connection that the call came by. */
  readonly pace: Pace
  /** Why nothing is answered over it. */
  readonly refusal?: ApiError | undefined
}

const t = initTRPC
  .context<ApiContext>()
  .meta<Route>()
  .create({
    isDev: false,
    errorFormatter: ({ shape, error }) => describeError(shape, error),
  })

export const query = t.procedure.use(({ ctx, next }) => {
  if (ctx.refusal !== undefined) throw ctx.refusal
  return next()
})
export const { router } = t
