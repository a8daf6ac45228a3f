/**
 * Calls of procedures without tRPC's chain of middlewares, which copies the call for each of its links.
 *
 * All procedures here are made in one way (trpc.ts, route.ts): what refuses, one input or none, an output that hands on
 * what it gets, the resolver. One that is made otherwise, and every subscription, is left to tRPC. The two ways are held
 * against each other in test/unit/api/trpc-handler.test.ts.
 */
import { type AnyTRPCProcedure, TRPCError } from '@trpc/server'
import type { z } from 'zod'
import { type ApiContext, query } from './trpc.ts'

/** What tRPC keeps of a procedure, which its types do not show. */
interface Definition {
  readonly type: 'query' | 'mutation' | 'subscription'
  readonly inputs: readonly z.ZodType[]
  readonly middlewares: readonly unknown[]
  readonly output?: unknown
  readonly resolver: (call: {
    readonly ctx: ApiContext
    readonly input: unknown
    readonly signal: AbortSignal
  }) => unknown
}

export interface GivenCall {
  readonly ctx: ApiContext
  /** Read only by a procedure that takes an input; may throw. */
  readonly rawInput: () => unknown
  /** Asked for only by a procedure that uses it. */
  readonly signal: () => AbortSignal
}

/** Throws what the call fails with, or rejects with it, as tRPC would. */
export type DirectCall = (call: GivenCall) => unknown

const definitionOf = (procedure: { readonly _def: unknown }): Definition => procedure._def as Definition
const refuses = definitionOf(query).middlewares

const read = (schema: z.ZodType, given: unknown): unknown => {
  const result = schema.safeParse(given)
  if (result.success) return result.data
  throw new TRPCError({ code: 'BAD_REQUEST', cause: result.error })
}

export const toDirectCall = (procedure: AnyTRPCProcedure): DirectCall | undefined => {
  const { type, inputs, middlewares, output, resolver } = definitionOf(procedure)
  const [schema, ...others] = inputs
  const links = [...refuses, ...inputs, output, resolver]
  const isMadeAsAll =
    refuses.every((link, at) => middlewares[at] === link) &&
    middlewares.length === links.length &&
    typeof output === 'function' &&
    others.length === 0
  if (type === 'subscription' || !isMadeAsAll) return undefined
  return ({ ctx, rawInput, signal }) => {
    if (ctx.refusal !== undefined) throw ctx.refusal
    return resolver({
      ctx,
      input: schema && read(schema, rawInput()),
      get signal() {
        return signal()
      },
    })
  }
}
