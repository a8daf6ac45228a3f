/**
 * What every command prints with `--json`, in one table; `vex schema` shows it as JSON Schema 2020-12. A test holds the
 * table against the commands, and whatever the end-to-end tests type against the table.
 */
import { z } from 'zod'
import { toJsonSchema, type JsonObject } from '../../node/api/rest/json-schema.ts'
import { CHAIN_OUTPUTS, CHAIN_STREAMS, LOCAL_CHAIN_OUTPUTS } from './chain.ts'
import { LOCAL_OUTPUTS, LOCAL_STREAMS } from './local.ts'

interface CommandOutput {
  readonly schema: z.ZodType
  /** One document, or one a line for as long as there is something to tell. */
  readonly isStream: boolean
}

const as = (schemas: Readonly<Record<string, z.ZodType>>, isStream: boolean): [string, CommandOutput][] =>
  Object.entries(schemas).map(([path, schema]) => [path, { schema, isStream }])

/** By the command's words: `stake delegate`. */
export const COMMAND_OUTPUTS: ReadonlyMap<string, CommandOutput> = new Map([
  ...as(CHAIN_OUTPUTS, false),
  ...as(LOCAL_OUTPUTS, false),
  ...as(CHAIN_STREAMS, true),
  ...as(LOCAL_CHAIN_OUTPUTS, true),
  ...as(LOCAL_STREAMS, true),
])

/** The one line on stderr of any command that failed. */
export const errorOutput = z.object({
  error: z
    .looseObject({
      code: z.string().meta({ description: 'for programs: usage, unreachable, reverted, …' }),
      message: z.string().meta({ description: 'what was wrong, where, and what to do' }),
    })
    .meta({ description: 'some have more: diagnostics of a build, the failure of a call, a transactionId' }),
})

const DIALECT = 'https://json-schema.org/draft/2020-12/schema'

const document = (title: string, description: string, schema: z.ZodType): JsonObject => ({
  $schema: DIALECT,
  title,
  description,
  ...toJsonSchema(schema, 'output'),
})

export const ERROR_TOPIC = 'error'

/** `undefined`: there is no such command. */
export const outputSchema = (path: string): JsonObject | undefined => {
  if (path === ERROR_TOPIC) return document(ERROR_TOPIC, 'on stderr, one line, of any command', errorOutput)
  const output = COMMAND_OUTPUTS.get(path)
  if (output === undefined) return undefined
  const how = output.isStream ? 'each line on stdout' : 'one line on stdout'
  return document(`vex ${path}`, how, output.schema)
}
