/** The OpenAPI 3.1 document of the REST API, derived from the table of routes. */
import { z } from 'zod'
import { toJsonSchema, type JsonObject } from './json-schema.ts'
import { parameterOf, type RestRoute } from './routes.ts'

export const OPENAPI_VERSION = '3.1.1'

/** What a refusal looks like; the same words and codes as over tRPC. */
export const failed = z
  .strictObject({
    code: z.string().meta({ description: 'not_found, bad_input, refused, call_failed, timeout, busy, …' }),
    message: z.string().meta({ description: 'what was wrong, where, and what to do' }),
    detail: z
      .string()
      .optional()
      .meta({ description: 'the finer code, such as why a transaction was refused' }),
    data: z.string().optional().meta({ description: 'what a contract reverted with, in hex' }),
    failure: z
      .array(z.looseObject({}))
      .optional()
      .meta({ description: 'where a call failed, the innermost call first' }),
  })
  .meta({ id: 'Failure' })

const FAILURES = {
  400: 'bad_input: what was sent does not fit, and the message says where',
  401: 'unauthorized: the token of this node was not shown',
  404: 'not_found: it is not there, or not kept any more',
  408: 'timeout: not in the time that was allowed',
  413: 'bad_input: larger than the node reads',
  422: 'refused, or call_failed: it was understood, and cannot be done',
  429: 'busy: the same may go through later',
  500: 'internal: the node’s own fault, which its log tells',
  503: 'stopping: ask another node, or this one when it is back',
} as const

const failureResponse = (description: string): JsonObject => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
})

const DESCRIPTION = `Amounts, gas, heights and times are decimal strings, because they exceed what a JSON number holds; bytes are hex with
\`0x\`; addresses are bech32m. Lists come in pages: give \`cursor\` (or \`next\`) back for the next one. Streams are server-sent
events: each has an id, and a client that comes back with it in \`Last-Event-ID\` misses nothing and sees nothing twice.`

const parameter = (route: RestRoute, name: string): JsonObject => {
  const { description, ...schema } = route.fields[name] ?? {}
  const isInPath = route.parts.includes(`{${name}}`)
  return {
    name,
    in: isInPath ? 'path' : 'query',
    required: isInPath || route.required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }
}

const lastEventId: JsonObject = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'the id of the last event that was seen: the stream goes on after it',
  schema: { type: 'string' },
}

const inputOf = (route: RestRoute): JsonObject => {
  const names = Object.keys(route.fields)
  const inPath = route.parts.flatMap(part => parameterOf(part) ?? [])
  if (route.method === 'POST')
    return {
      ...(inPath.length === 0 ? {} : { parameters: inPath.map(name => parameter(route, name)) }),
      requestBody: {
        required: true,
        content: { 'application/json': { schema: toJsonSchema(route.input, 'input') } },
      },
    }
  const isStream = route.type === 'subscription'
  const parameters = names
    .filter(name => !isStream || name !== 'lastEventId')
    .map(name => parameter(route, name))
  if (isStream) parameters.push(lastEventId)
  return parameters.length === 0 ? {} : { parameters }
}

const operation = (route: RestRoute, components: JsonObject): JsonObject => {
  const isStream = route.type === 'subscription'
  const schema = toJsonSchema(route.output, 'output', components)
  return {
    operationId: route.name.replace('.', '_'),
    tags: [route.name.split('.')[0]],
    summary: route.summary,
    ...inputOf(route),
    responses: {
      200: {
        description: isStream ? 'events whose data is, as JSON, what the schema says' : 'the answer',
        content: { [isStream ? 'text/event-stream' : 'application/json']: { schema } },
      },
      ...Object.fromEntries(
        Object.keys(FAILURES).map(status => [status, { $ref: `#/components/responses/${status}` }]),
      ),
    },
  }
}

export const openApiDocument = (
  routes: readonly RestRoute[],
  version: string,
  hasToken: boolean,
): JsonObject => {
  const schemas: JsonObject = {}
  toJsonSchema(z.object({ failed }), 'output', schemas)
  const paths: Record<string, JsonObject> = {}
  for (const route of routes)
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route, schemas)
  const names = [...new Set(routes.map(({ name }) => name.split('.')[0]))]
  return {
    openapi: OPENAPI_VERSION,
    info: {
      title: 'Vex node',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/api' }],
    tags: names.map(name => ({ name })),
    paths,
    ...(hasToken ? { security: [{ token: [] }] } : {}),
    components: {
      schemas,
      responses: Object.fromEntries(
        Object.entries(FAILURES).map(([status, description]) => [status, failureResponse(description)]),
      ),
      ...(hasToken ? { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } } : {}),
    },
  }
}
