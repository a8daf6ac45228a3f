/** The typed client of the admin port, for whoever is on the node's own machine. */
import { createTRPCClient, httpLink, type TRPCClient } from '@trpc/client'
import type { AdminRouter } from './admin-router.ts'

export type AdminApi = TRPCClient<AdminRouter>

export const createAdminClient = (url: string): AdminApi =>
  createTRPCClient<AdminRouter>({ links: [httpLink({ url: `${url.replace(/\/+$/, '')}/trpc` })] })
