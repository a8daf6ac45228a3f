/** What the routers of the API are made with. */
import { initTRPC } from '@trpc/server'
import { describeError } from './api-error.ts'
import type { ApiBackend } from './backend.ts'
import type { Pace } from './pacing.ts'

/** What each call gets. */
export interface ApiContext {
  readonly backend: ApiBackend
  /** Of the connection that the call came by. */
  readonly pace: Pace
}

const t = initTRPC.context<ApiContext>().create({
  isDev: false,
  errorFormatter: ({ shape, error }) => describeError(shape, error),
})

export const query = t.procedure
export const { router } = t
