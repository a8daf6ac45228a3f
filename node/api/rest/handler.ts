/**
 * REST under `/api`, over the procedures of the one router: the same inputs, answers, limits and errors as over tRPC.
 *
 *   GET   queries, with their input in path and query; subscriptions, as server-sent events
 *   POST  what is sent and simulated, with a JSON body
 *
 * A failure is `{code, message, …}` with the HTTP status that belongs to it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  callTRPCProcedure,
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  type AnyTRPCRouter,
  TRPCError,
} from '@trpc/server'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import type { z } from 'zod'
import { ApiError } from '../api-error.ts'
import type { ApiContext } from '../trpc.ts'
import { sendEvents, type StreamMessage } from './event-stream.ts'
import { openApiDocument } from './openapi.ts'
import { readJson, readParameters } from './read-input.ts'
import { sendJson } from '../send-json.ts'
import { matchRoute, methodsOf, readRoutes, type RestRoute } from './routes.ts'

export const REST_PATH = '/api'

export interface RestOptions {
  readonly router: AnyTRPCRouter
  readonly context: ApiContext
  readonly version: string
  /** Whether callers need a token: the document says so. */
  readonly hasToken: boolean
  /** Hears of every error, as tRPC's own adapters tell of them. */
  readonly onError: (failure: { readonly error: TRPCError; readonly path: string | undefined }) => void
}

export type RestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

const decodePart = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new ApiError('bad_input', 'the path has a % that is not followed by two hex digits of UTF-8')
  }
}

/** What does not fit is told as the procedure's own input would tell it. */
const toInput = async (parameters: z.ZodType, given: unknown): Promise<unknown> => {
  const result = await parameters.safeParseAsync(given)
  if (result.success) return result.data
  throw new TRPCError({ code: 'BAD_REQUEST', cause: result.error })
}

export const createRestHandler = ({
  router,
  context,
  version,
  hasToken,
  onError,
}: RestOptions): RestHandler => {
  const routes = readRoutes(router)
  let document: string | undefined
  const documentText = (): string => (document ??= JSON.stringify(openApiDocument(routes, version, hasToken)))

  const toBody = (error: TRPCError, route: RestRoute | undefined): object => {
    const { message, data } = getTRPCErrorShape({
      config: router._def._config,
      error,
      type: route?.type ?? 'unknown',
      path: route?.name,
      input: undefined,
      ctx: context,
    }) as { message: string; data: { vex: { code: string; detail: string | null } } }
    const { code, detail, ...call } = data.vex
    return { code, message, ...(detail === null ? {} : { detail }), ...call }
  }

  const run = async (
    request: IncomingMessage,
    response: ServerResponse,
    tell: (route: RestRoute) => void,
  ) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://node')
    const parts = pathname.slice(REST_PATH.length).split('/').slice(1).map(decodePart)
    const method = request.method ?? ''
    if (method === 'GET' && (pathname === REST_PATH || pathname === `${REST_PATH}/openapi.json`)) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(documentText())
      return
    }
    const found = matchRoute(routes, method, parts)
    if (found === undefined) {
      const methods = methodsOf(routes, parts)
      if (methods.length > 0) {
        const message = `${pathname} takes ${methods.join(' and ')}`
        sendJson(response, 405, { code: 'bad_input', message }, { allow: methods.join(', ') })
      } else
        sendJson(response, 404, {
          code: 'not_found',
          message: `there is nothing at this path; GET ${REST_PATH} says what there is`,
        })
      return
    }
    const { route, parameters } = found
    tell(route)
    const ends = new AbortController()
    response.once('close', () => ends.abort())
    const lastEventId = request.headers['last-event-id']
    const given =
      method === 'POST' ? await readJson(request) : readParameters(route, parameters, searchParams)
    const input = route.parameters === undefined ? given : await toInput(route.parameters, given)
    const answer: unknown = await callTRPCProcedure({
      router,
      path: route.name,
      type: route.type,
      ctx: context,
      signal: ends.signal,
      batchIndex: 0,
      getRawInput: async () =>
        route.type === 'subscription' && typeof lastEventId === 'string'
          ? { ...(input as object), lastEventId }
          : input,
    })
    if (route.type === 'subscription')
      await sendEvents(response, answer as AsyncIterable<StreamMessage>, error =>
        toBody(getTRPCErrorFromUnknown(error), route),
      )
    else sendJson(response, 200, answer)
  }

  return async (request, response) => {
    let route: RestRoute | undefined
    try {
      await run(request, response, found => (route = found))
    } catch (cause) {
      const error = getTRPCErrorFromUnknown(cause)
      onError({ error, path: route?.name })
      if (response.headersSent) response.destroy()
      else {
        // What was not read of a body that is too large is not waited for.
        const rest = request.complete ? {} : { connection: 'close' }
        sendJson(response, getHTTPStatusCodeFromError(error), toBody(error, route), rest)
      }
    }
  }
}
