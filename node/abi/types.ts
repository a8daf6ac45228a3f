/**
 * A contract's ABI: its methods, events, errors, structs and storage, as the SDK's compiler writes it (compact JSON in the
 * module's custom section `vex.abi`, where what is false or empty is left out). It comes from a deployer, so nothing in
 * it is believed unchecked.
 */
import * as z from 'zod'
import { LIMITS } from '../params.ts'
import { AbiError } from './error.ts'
import { parseValueType } from './value-type.ts'

export const ABI_SECTION = 'vex.abi'
/** Exports of one module (vm's profile); also more events or structs than any contract needs. */
const MAX_ENTRIES = 64
const MAX_FIELDS = 32
/** A slot is one byte. */
const MAX_SLOTS = 256
const MAX_TYPE_ARGUMENTS = 3

const name = z
  .string()
  .max(LIMITS.methodNameBytes)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a name of letters, digits and _')
const typeName = z.string().max(256)
const field = z.strictObject({ name, type: typeName })
const TWICE = 'two entries have the same name'
const unique = (entries: readonly { name: string }[]): boolean =>
  new Set(entries.map(entry => entry.name)).size === entries.length
const named = <T extends z.ZodType<{ name: string }>>(entry: T, max: number) =>
  z.array(entry).max(max).refine(unique, TWICE)

export const abiSchema = z.strictObject({
  name,
  version: z.literal(1),
  methods: named(
    z.strictObject({
      name,
      kind: z.enum(['init', 'call', 'view', 'migrate']),
      payable: z.boolean().default(false),
      /** May run while another call of the same contract does. */
      reentrant: z.boolean().default(false),
      params: named(field, MAX_FIELDS).default([]),
      /** `void` for a method that returns nothing. */
      returns: typeName,
    }),
    MAX_ENTRIES,
  ).default([]),
  events: named(
    z.strictObject({
      name,
      fields: named(field.extend({ indexed: z.boolean().default(false) }), MAX_FIELDS).default([]),
    }),
    MAX_ENTRIES,
  ).default([]),
  /** What a method may revert with. */
  errors: named(z.strictObject({ name, fields: named(field, MAX_FIELDS).default([]) }), MAX_ENTRIES).default(
    [],
  ),
  /** Never empty: a vector of nothing would be long and take no bytes. */
  structs: named(
    z.strictObject({ name, fields: z.array(field).min(1).max(MAX_FIELDS).refine(unique, TWICE) }),
    MAX_ENTRIES,
  ).default([]),
  /** The contract's fields in the order of their slots; `kind` is the SDK's class, `types` what it was given. */
  storage: named(
    z.strictObject({ name, kind: name, types: z.array(typeName).max(MAX_TYPE_ARGUMENTS).default([]) }),
    MAX_SLOTS,
  ).default([]),
})

export type Abi = z.infer<typeof abiSchema>
export type AbiMethod = Abi['methods'][number]
export type AbiField = z.infer<typeof field>

/** `transfer(to: address, amount: u64)`, for messages and listings. */
export const formatMethod = ({ name: methodName, params, returns }: AbiMethod): string =>
  `${methodName}(${params.map(param => `${param.name}: ${param.type}`).join(', ')})${returns === 'void' ? '' : `: ${returns}`}`

/** Checks what came out of `JSON.parse`. Throws an AbiError `bad_abi` that says where it is wrong. */
export const parseAbi = (json: unknown): Abi => {
  const result = abiSchema.safeParse(json)
  if (!result.success) {
    const [issue] = result.error.issues
    const where = issue === undefined || issue.path.length === 0 ? 'the ABI' : issue.path.join('.')
    throw new AbiError('bad_abi', `not a contract ABI: ${where}: ${issue?.message ?? 'malformed'}`)
  }
  const abi = result.data
  const check = (where: string, type: string): void => {
    try {
      parseValueType(type, abi.structs)
    } catch (error) {
      if (error instanceof AbiError)
        throw new AbiError('bad_abi', `not a contract ABI: ${where}: ${error.message}`)
      throw error
    }
  }
  for (const struct of abi.structs) check(`struct ${struct.name}`, struct.name)
  for (const method of abi.methods) {
    for (const param of method.params) check(`${method.name}, ${param.name}`, param.type)
    if (method.returns !== 'void') check(`${method.name}, what it returns`, method.returns)
  }
  for (const event of abi.events)
    for (const { name: fieldName, type } of event.fields) check(`event ${event.name}, ${fieldName}`, type)
  for (const error of abi.errors)
    for (const { name: fieldName, type } of error.fields) check(`error ${error.name}, ${fieldName}`, type)
  for (const { name: slotName, types } of abi.storage)
    for (const type of types) check(`storage ${slotName}`, type)
  return abi
}

/** Throws an AbiError `unknown_method` that lists what there is. */
export const findMethod = (abi: Abi, methodName: string): AbiMethod => {
  const method = abi.methods.find(entry => entry.name === methodName)
  if (method !== undefined) return method
  const known = abi.methods.map(entry => entry.name).join(', ')
  throw new AbiError(
    'unknown_method',
    `the contract ${abi.name} has no method ${JSON.stringify(methodName)}; it has: ${known}`,
  )
}

/**
 * The ABI inside a module, or `undefined` if the module carries none. `code` must have passed the VM's
 * profile or may be anything: what is malformed throws an AbiError `bad_abi`.
 */
export const abiFromCode = (code: Uint8Array): Abi | undefined => {
  const content = findCustomSection(code, ABI_SECTION)
  if (content === undefined) return undefined
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content))
  } catch {
    throw new AbiError('bad_abi', `the section ${ABI_SECTION} of the module does not hold JSON`)
  }
  return parseAbi(json)
}

const WASM_HEADER_BYTES = 8
const CUSTOM_SECTION = 0
const MAX_ULEB_BYTES = 5

const findCustomSection = (code: Uint8Array, wanted: string): Uint8Array | undefined => {
  let at = WASM_HEADER_BYTES
  const readLength = (end: number): number => {
    let value = 0
    for (let i = 0; i < MAX_ULEB_BYTES; i++) {
      const byte = at < end ? code[at++] : undefined
      if (byte === undefined) break
      value += (byte & 0x7f) * 2 ** (7 * i)
      if (byte < 0x80) {
        if (value > end - at) break
        return value
      }
    }
    throw new AbiError('bad_abi', `the module is malformed near byte ${at}`)
  }
  while (at < code.length) {
    const id = code[at++]
    const end = readLength(code.length) + at
    if (id === CUSTOM_SECTION) {
      const nameEnd = readLength(end) + at
      const sectionName = new TextDecoder().decode(code.subarray(at, nameEnd))
      if (sectionName === wanted) return code.subarray(nameEnd, end)
    }
    at = end
  }
  return undefined
}
