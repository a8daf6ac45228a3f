/** What a REST request says, as the input of its procedure. Pure but for the body, which is read off the request. */
import type { IncomingMessage } from 'node:http'
import { TRPCError } from '@trpc/server'
import { ApiError } from '../api-error.ts'
import { readBody } from '../read-body.ts'
import type { JsonObject } from './json-schema.ts'
import type { RestRoute } from './routes.ts'

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false }

/** A parameter is text; what the schema wants as a number or a boolean is made one, if it reads as one. */
const fromText = (text: string, { type }: JsonObject): unknown => {
  if ((type === 'integer' || type === 'number') && /^-?\d{1,15}$/.test(text)) return Number(text)
  if (type === 'boolean') return BOOLEANS[text] ?? text
  return text
}

/** Throws an {@link ApiError} for what is given twice. */
export const readParameters = (
  route: RestRoute,
  inPath: Readonly<Record<string, string>>,
  query: URLSearchParams,
): JsonObject => {
  const input: JsonObject = {}
  for (const [name, text] of [...Object.entries(inPath), ...query]) {
    if (Object.hasOwn(input, name)) throw new ApiError('bad_input', `${name}: given more than once`)
    input[name] = fromText(text, route.fields[name] ?? {})
  }
  return input
}

/** Throws a TRPCError for what is no JSON, too large, or cut short. */
export const readJson = async (request: IncomingMessage): Promise<unknown> => {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json')
    throw new TRPCError({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      message: 'send the body as JSON, with the header content-type: application/json',
    })
  const body = await readBody(request)
  if (body === 'gone') throw new TRPCError({ code: 'CLIENT_CLOSED_REQUEST' })
  if (body === 'too_large') throw new TRPCError({ code: 'PAYLOAD_TOO_LARGE' })
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (cause) {
    throw new TRPCError({ code: 'BAD_REQUEST', message: 'the body is not JSON', cause })
  }
}
