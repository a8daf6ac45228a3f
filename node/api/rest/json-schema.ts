/** zod's schemas as JSON Schema of OpenAPI 3.1; what a schema is shown as (wire.ts) is put in place of its own. */
import { z } from 'zod'
import type { JsonSchema } from '../wire.ts'

export type JsonObject = Record<string, unknown>

const PREFIX = '#/$defs/'
const COMPONENTS = '#/components/schemas/'

/**
 * `io`: what is taken, or what is given. Schemas with a name go to `components`, if there are any to collect; without,
 * they stay inside.
 */
export const toJsonSchema = (
  schema: z.ZodType,
  io: 'input' | 'output',
  components?: JsonObject,
): JsonObject => {
  const {
    $schema: _,
    $defs,
    ...json
  } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const wire = z.globalRegistry.get(zodSchema)?.['wire'] as JsonSchema | undefined
      const json = jsonSchema as JsonObject
      if (wire !== undefined) {
        for (const key of Object.keys(json)) delete json[key]
        Object.assign(json, wire)
      }
      delete json['wire']
      delete json['id']
    },
  }) as JsonObject
  if (components === undefined) return $defs === undefined ? json : { ...json, $defs }
  const moved = JSON.parse(JSON.stringify({ json, $defs: $defs ?? {} }).replaceAll(PREFIX, COMPONENTS)) as {
    json: JsonObject
    $defs: JsonObject
  }
  Object.assign(components, moved.$defs)
  return moved.json
}
