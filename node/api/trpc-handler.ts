/**
 * tRPC over HTTP. A plain call, which is nearly all there is (a query or a mutation alone, by POST, with its input as JSON),
 * is answered here: tRPC's own adapter makes a Fetch Request and a Response of it, with a stream for each body, and takes
 * several times as long as the call. Everything else is the adapter's. The answers are the same, byte for byte, but that
 * a plain one says its length (test/unit/api/trpc-handler.test.ts).
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import {
  type AnyTRPCProcedure,
  type AnyTRPCRouter,
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  TRPCError,
  type TRPCProcedureType,
} from '@trpc/server'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { toLatin1 } from '../types/primitives.ts'
import { type DirectCall, toDirectCall } from './direct-call.ts'
import { MAX_BATCH, MAX_BODY_BYTES } from './limits.ts'
import { MAX_ENTRY_SIZE, RememberedAnswers } from './remembered-answers.ts'
import type { Route } from './route.ts'
import type { ApiContext } from './trpc.ts'

export interface TrpcOptions {
  readonly router: AnyTRPCRouter
  readonly context: ApiContext
  /** `/trpc`. */
  readonly root: string
  /** Hears of every error. */
  readonly onError: (failure: { readonly error: TRPCError; readonly path?: string | undefined }) => void
}

interface PlainCall {
  readonly run: DirectCall
  readonly path: string
  readonly type: TRPCProcedureType
  /** If its answers are remembered. */
  readonly remembered: RememberedAnswers | undefined
}

interface Answer {
  readonly status: number
  readonly body: string
}

export interface TrpcHandler {
  /** Answers a plain call, with these headers beside its own. False if it is none: nothing is done. */
  plain(
    request: IncomingMessage,
    response: ServerResponse,
    headers: Readonly<Record<string, string>>,
  ): boolean
  /** Answers whatever it is. */
  readonly other: RequestListener
}

const JSON_TYPE = 'application/json'
/** As the adapter's: other answers of tRPC depend on what the caller accepts. */
const HEADERS = ['vary', 'trpc-accept, accept', 'content-type', JSON_TYPE] as const
const BYTE_ORDER_MARK = 0xfeff

/** Of an input that is not there: `undefined`. */
const parseInput = (body: Buffer): unknown => {
  const text = body.toString('utf8')
  const json = text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text
  if (json === '') return undefined
  try {
    return JSON.parse(json)
  } catch (cause) {
    throw new TRPCError({ code: 'BAD_REQUEST', message: (cause as Error).message, cause })
  }
}

/** As a list, which Node writes as it is: set one by one, headers are a fifth of the garbage that a view makes. */
const respond = (
  response: ServerResponse,
  { status, body }: Answer,
  headers: Readonly<Record<string, string>>,
): void => {
  const list: string[] = [...HEADERS, 'content-length', String(Buffer.byteLength(body))]
  for (const name in headers) list.push(name, headers[name] as string)
  response.writeHead(status, list)
  response.end(body)
}

const toSignal = (response: ServerResponse): AbortSignal => {
  const ends = new AbortController()
  if (response.destroyed) ends.abort()
  else response.once('close', () => ends.abort())
  return ends.signal
}

/** tRPC's own, for every request. */
export const createAdapter = ({ router, context, root, onError }: TrpcOptions): RequestListener =>
  createHTTPHandler({
    router,
    createContext: () => context,
    basePath: `${root}/`,
    maxBodySize: MAX_BODY_BYTES,
    maxBatchSize: MAX_BATCH,
    allowMethodOverride: true,
    onError,
  })

export const createTrpcHandler = (options: TrpcOptions): TrpcHandler => {
  const { router, context, root, onError } = options
  const adapter = createAdapter(options)
  const config = router._def._config
  /** By the whole address. */
  const calls = new Map<string, PlainCall>()
  for (const [path, procedure] of Object.entries(
    router._def.procedures as Record<string, AnyTRPCProcedure>,
  )) {
    const run = toDirectCall(procedure)
    if (run === undefined) continue
    const { type, meta } = procedure._def as { type: TRPCProcedureType; meta?: Route }
    const remembered = meta?.isOfHead === true ? new RememberedAnswers() : undefined
    calls.set(`${root}/${path}`, { run, path, type, remembered })
  }

  /** The last that an address can be made of: the adapter refuses others. */
  let goodHost: string | undefined
  const isGoodHost = (host: string | undefined): boolean => {
    if (host === undefined || host === goodHost) return host !== undefined
    if (!URL.canParse(`http://${host}`)) return false
    goodHost = host
    return true
  }

  const plainCallOf = ({ method, url, headers }: IncomingMessage): PlainCall | undefined => {
    const isPlain =
      method === 'POST' &&
      headers['content-type'] === JSON_TYPE &&
      Number(headers['content-length']) <= MAX_BODY_BYTES &&
      headers['trpc-accept'] === undefined &&
      headers.accept?.includes('jsonl') !== true &&
      isGoodHost(headers.host)
    return isPlain ? calls.get(url ?? '') : undefined
  }

  const toFailure = (cause: unknown, { path, type }: PlainCall): Answer => {
    const error = getTRPCErrorFromUnknown(cause)
    onError({ error, path })
    const shape = getTRPCErrorShape({ config, error, type, path, input: undefined, ctx: context }) as {
      data: { httpStatus: number }
    }
    return { status: shape.data.httpStatus, body: JSON.stringify({ error: shape }) }
  }

  const run = async ({ run }: PlainCall, given: Buffer, response: ServerResponse): Promise<string> => {
    const rawInput = () => parseInput(given)
    const data = await run({ ctx: context, rawInput, signal: () => toSignal(response) })
    return JSON.stringify({ result: { data } })
  }

  /** What was answered before, or else what is answered now. */
  const find = (call: PlainCall, given: Buffer, response: ServerResponse): string | Promise<string> => {
    const { remembered } = call
    if (remembered === undefined || given.length > MAX_ENTRY_SIZE) return run(call, given, response)
    const { head } = context.backend.chain
    const question = toLatin1(given)
    const known = context.refusal === undefined ? remembered.get(question, head) : undefined
    if (known !== undefined) return known
    return run(call, given, response).then(body => {
      remembered.keep(question, body, head)
      return body
    })
  }

  const answer = (call: PlainCall, given: Buffer, response: ServerResponse): Answer | Promise<Answer> => {
    try {
      const found = find(call, given, response)
      if (typeof found === 'string') return { status: 200, body: found }
      return found.then(
        body => ({ status: 200, body }),
        (cause: unknown) => toFailure(cause, call),
      )
    } catch (cause) {
      return toFailure(cause, call)
    }
  }

  return {
    plain(request, response, headers) {
      const call = plainCallOf(request)
      if (call === undefined) return false
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const [first = Buffer.alloc(0), ...more] = chunks
        const answered = answer(call, more.length === 0 ? first : Buffer.concat(chunks), response)
        if (answered instanceof Promise) void answered.then(later => respond(response, later, headers))
        else respond(response, answered, headers)
      })
      return true
    },
    other: adapter,
  }
}
