/**
 * What changes the node itself, or tells what others need not know. Served on a listener of its own that this machine
 * alone reaches (`api.adminPort`), never beside the router of the chain.
 */
import { z } from 'zod'
import { ApiError } from './api-error.ts'
import type { ApiBackend, BlockGate } from './backend.ts'
import * as outputs from './outputs.ts'
import { answer } from './route.ts'
import { query, router } from './trpc.ts'

const { count } = outputs
const blockControl = z.object({ isPaused: z.boolean() })

const gateOf = ({ admin }: ApiBackend): BlockGate => {
  if (admin.blocks !== undefined) return admin.blocks
  throw new ApiError(
    'refused',
    'blocks are paused and made by hand on a chain of vex dev alone',
    'not_a_dev_chain',
  )
}

const level = z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])

export const adminRouter = router({
  machine: router({
    resources: query
      .meta({ method: 'GET', path: '/machine/resources', summary: 'What this node takes of its machine' })
      .output(answer(outputs.resources))
      .query(({ ctx: { backend } }) => backend.resources()),
  }),

  /** Of a development chain. */
  blocks: router({
    status: query
      .meta({ method: 'GET', path: '/blocks', summary: 'Whether blocks are paused' })
      .output(answer(blockControl))
      .query(({ ctx: { backend } }) => ({ isPaused: gateOf(backend).isPaused })),

    pause: query
      .meta({ method: 'POST', path: '/blocks/pause', summary: 'Makes no blocks until they are resumed' })
      .output(answer(blockControl))
      .mutation(({ ctx: { backend } }) => {
        gateOf(backend).pause()
        return { isPaused: true }
      }),

    resume: query
      .meta({ method: 'POST', path: '/blocks/resume', summary: 'Makes blocks again' })
      .output(answer(blockControl))
      .mutation(({ ctx: { backend } }) => {
        gateOf(backend).resume()
        return { isPaused: false }
      }),

    make: query
      .meta({ method: 'POST', path: '/blocks/make', summary: 'Makes a block now, paused or not' })
      .output(answer(blockControl))
      .mutation(({ ctx: { backend } }) => {
        const gate = gateOf(backend)
        gate.makeBlock()
        return { isPaused: gate.isPaused }
      }),
  }),

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
export type AdminRouter = typeof adminRouter
