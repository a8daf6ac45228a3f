/** The table of REST routes, read off the router: each procedure with the place that stands beside it. */
import type { AnyTRPCProcedure, AnyTRPCRouter, TRPCProcedureType } from '@trpc/server'
import { z } from 'zod'
import type { Answer, Route } from '../route.ts'
import { type JsonObject, toJsonSchema } from './json-schema.ts'

export interface RestRoute extends Route {
  /** Of the procedure, such as `block.get`. */
  readonly name: string
  readonly type: TRPCProcedureType
  /** The path in parts; a name in braces takes any one part. */
  readonly parts: readonly string[]
  /** What the parameters, or the body, are read with before the procedure reads its input. */
  readonly input: z.ZodType
  /** Of each field of the input, as JSON. */
  readonly fields: Readonly<Record<string, JsonObject>>
  readonly required: readonly string[]
  /** What is answered; of a subscription, what one message holds. */
  readonly output: z.ZodType
}

interface Definition {
  readonly meta?: Route
  readonly inputs: readonly unknown[]
  readonly output?: Answer<z.ZodType>
  readonly type: TRPCProcedureType
}

const NOTHING = z.strictObject({})

const inputOf = ({ meta, inputs: [input] }: Definition): z.ZodType =>
  meta?.parameters ?? (input instanceof z.ZodType ? input : NOTHING)

const toRoute = (name: string, procedure: AnyTRPCProcedure): RestRoute => {
  const definition = procedure._def as unknown as Definition
  const { meta, output, type } = definition
  const schema = type === 'subscription' ? meta?.message : output?.schema
  if (meta === undefined || schema === undefined)
    throw new Error(`the procedure ${name} has no route, or does not say what it answers`)
  const input = inputOf(definition)
  const { properties, required } = toJsonSchema(input, 'input')
  const fields = (properties ?? {}) as Record<string, JsonObject>
  return {
    ...meta,
    name,
    type,
    parts: meta.path.split('/').slice(1),
    input,
    fields,
    required: (required ?? []) as string[],
    output: schema,
  }
}

export const readRoutes = (router: AnyTRPCRouter): RestRoute[] =>
  Object.entries(router._def.procedures as Record<string, AnyTRPCProcedure>).map(([name, procedure]) =>
    toRoute(name, procedure),
  )

export const parameterOf = (part: string): string | undefined => /^\{(\w+)\}$/.exec(part)?.[1]

/** The route for the parts of a path, with what its names in braces stand for. A name written out goes before one in braces. */
export const matchRoute = (
  routes: readonly RestRoute[],
  method: string,
  parts: readonly string[],
): { readonly route: RestRoute; readonly parameters: Readonly<Record<string, string>> } | undefined => {
  const matching = routes.filter(
    route =>
      route.method === method &&
      route.parts.length === parts.length &&
      route.parts.every((part, i) => parameterOf(part) !== undefined || part === parts[i]),
  )
  const literals = (route: RestRoute): number => route.parts.filter(part => !part.startsWith('{')).length
  const [route] = matching.sort((a, b) => literals(b) - literals(a))
  if (route === undefined) return undefined
  const parameters: Record<string, string> = {}
  for (const [i, part] of route.parts.entries()) {
    const name = parameterOf(part)
    if (name !== undefined) parameters[name] = parts[i] as string
  }
  return { route, parameters }
}

/** The methods that a path has, for who uses another. */
export const methodsOf = (routes: readonly RestRoute[], parts: readonly string[]): string[] =>
  ['GET', 'POST'].filter(method => matchRoute(routes, method, parts) !== undefined)
