/**
 * What changes the node itself, or tells what others need not know. Served on a listener of its own that this machine
 * alone reaches (`api.adminPort`), never beside the router of the chain.
 */
import { z } from 'zod'
import { count } from './outputs.ts'
import { answer } from './route.ts'
import { query, router } from './trpc.ts'

const level = z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])

export const adminRouter = router({
  log: router({
    level: query
      .meta({ method: 'GET', path: '/log/level', summary: 'The least that is worth a line in the log' })
      .output(answer(z.object({ level: z.string() })))
      .query(({ ctx: { backend } }) => ({ level: backend.admin.logLevel() })),

    /** Until the node stops: config.json stays as it is. */
    setLevel: query
      .meta({ method: 'POST', path: '/log/level', summary: 'Changes it, until the node stops' })
      .input(z.strictObject({ level }))
      .output(answer(z.object({ level })))
      .mutation(({ ctx: { backend }, input }) => {
        backend.admin.setLogLevel(input.level)
        return input
      }),
  }),

  network: router({
    hiddenPeers: query
      .meta({
        method: 'GET',
        path: '/hidden-peers',
        summary: 'The connected peers of network.privatePeers, which the public API does not name',
      })
      .output(
        answer(
          z.object({
            peers: z.array(z.object({ id: z.string(), address: z.string(), connectedMs: count })),
          }),
        ),
      )
      .query(({ ctx: { backend } }) => ({
        peers: backend.admin
          .hiddenPeers()
          .map(({ id, address, connectedMs }) => ({ id, address, connectedMs: Math.round(connectedMs) })),
      })),
  }),
})
