/**
 * The forms that values have on the wire, as JSON Schema. Inputs are read by transforms (inputs.ts), which say nothing
 * of what they take: `wire` does, in a schema's metadata, and the OpenAPI document follows it.
 */
import { z } from 'zod'

export type JsonSchema = Readonly<Record<string, unknown>>

export const WIRE = {
  address: { type: 'string', pattern: '^vex1[02-9ac-hj-np-z]{58}$', description: 'an address, in bech32m' },
  hash: { type: 'string', pattern: '^0x[0-9a-fA-F]{64}$', description: '32 bytes in hex' },
  u64: { type: 'string', pattern: '^[0-9]{1,20}$', description: 'an integer, as a decimal string' },
} as const satisfies Readonly<Record<string, JsonSchema>>

export const wireBytes = (maxBytes: number): JsonSchema => ({
  type: 'string',
  pattern: '^0x([0-9a-fA-F]{2})*$',
  maxLength: 2 + 2 * maxBytes,
  description: `up to ${maxBytes} bytes in hex`,
})

export const wireBytesOf = (size: number): JsonSchema => ({
  type: 'string',
  pattern: `^0x[0-9a-fA-F]{${2 * size}}$`,
  description: `${size} bytes in hex`,
})

/** `schema`, shown as `json` in the document. */
export const shownAs = <Schema extends z.ZodType>(schema: Schema, json: JsonSchema): Schema =>
  schema.meta({ wire: json })

/** A type that is checked by whoever makes the value, shown as `json`. */
export const typed = <Type>(json: JsonSchema): z.ZodType<Type> => shownAs(z.custom<Type>(), json)
