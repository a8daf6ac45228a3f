/**
 * A contract's values between what people and programs write and what contracts read.
 *
 * | type            | given as                                        | comes back as     |
 * | --------------- | ----------------------------------------------- | ----------------- |
 * | bool            | true, false                                     | boolean           |
 * | u8…u32, i8…i32  | number, bigint, decimal string                  | number            |
 * | u64…u256, i64   | number up to 2^53, bigint, decimal string       | bigint            |
 * | string          | string                                          | string            |
 * | address         | `vex1…`, 32 bytes                               | `vex1…`           |
 * | bytes           | `0x…`, bytes                                    | `0x…`             |
 * | vec<T>          | array                                           | array             |
 * | option<T>       | null or undefined, or a T                       | undefined, or a T |
 * | struct          | object with exactly the fields                  | object            |
 */
import { formatAddress } from '../crypto/address.ts'
import { LIMITS } from '../params.ts'
import { CodecError, createCodec } from '../types/codec.ts'
import { type Address, toHex } from '../types/primitives.ts'
import { AbiError } from './error.ts'
import { toWireValue } from './given-value.ts'
import { type Abi, type AbiField, findMethod, formatMethod } from './types.ts'
import { parseValueType, type ValueType } from './value-type.ts'
import { toWireType, tupleOf } from './wire.ts'

/** BCS of the arguments of `method`. Throws an AbiError that names the argument and what it should be. */
export const encodeArguments = (abi: Abi, methodName: string, args: readonly unknown[]): Uint8Array => {
  const method = findMethod(abi, methodName)
  const { params } = method
  if (args.length !== params.length)
    throw new AbiError(
      'bad_value',
      `${formatMethod(method)} takes ${params.length} argument${params.length === 1 ? '' : 's'}, ${args.length} given`,
    )
  const where = (param: AbiField, i: number) => `${methodName}, argument ${i + 1} (${param.name})`
  return encodeFields(abi, methodName, params, args, where)
}

/** The same from an object by the parameters' names; those of an `option` may be left out. */
export const encodeNamedArguments = (abi: Abi, methodName: string, args: unknown): Uint8Array => {
  const method = findMethod(abi, methodName)
  const { params } = method
  const refuse = (reason: string): never => {
    throw new AbiError('bad_value', `${methodName}: ${reason}. It is ${formatMethod(method)}`)
  }
  if (typeof args !== 'object' || args === null || Array.isArray(args))
    return refuse('expected the arguments as an object by their names')
  const given = args as Readonly<Record<string, unknown>>
  const surplus = Object.keys(given).find(key => !params.some(param => param.name === key))
  if (surplus !== undefined) return refuse(`there is no argument ${JSON.stringify(surplus)}`)
  const values = params.map(({ name, type }) => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    return value === undefined && !type.startsWith('option<')
      ? refuse(`the argument ${name} is missing`)
      : value
  })
  return encodeFields(abi, methodName, params, values, param => `${methodName}: ${param.name}`)
}

const encodeFields = (
  abi: Abi,
  methodName: string,
  params: readonly AbiField[],
  args: readonly unknown[],
  where: (param: AbiField, i: number) => string,
): Uint8Array => {
  const types = params.map(param => parseValueType(param.type, abi.structs))
  const values = params.map((param, i) =>
    toWireValue(types[i] as ValueType, param.type, args[i], where(param, i)),
  )
  const codec = createCodec(tupleOf('arguments', types), LIMITS.callArgumentsBytes)
  return orAbiError('bad_value', methodName, () => codec.encode(values))
}

/** What a method returned; `undefined` for `void`. */
export const decodeReturn = (abi: Abi, methodName: string, data: Uint8Array): unknown => {
  const { returns } = findMethod(abi, methodName)
  const where = `the result of ${methodName}`
  if (returns === 'void') {
    if (data.length === 0) return undefined
    throw new AbiError('bad_data', `${where}: ${data.length} bytes from a method that returns nothing`)
  }
  return decodeAs(abi, returns, data, LIMITS.returnDataBytes, where)
}

/** The arguments of a call that was made, in the order of the parameters. */
export const decodeArguments = (abi: Abi, methodName: string, data: Uint8Array): unknown[] => {
  const { params } = findMethod(abi, methodName)
  return decodeFields(abi, params, data, LIMITS.callArgumentsBytes, methodName).map(([, value]) => value)
}

export interface DecodedEvent {
  readonly name: string
  /** In the order of the event's declaration. */
  readonly fields: Readonly<Record<string, unknown>>
}

export type DecodedError = DecodedEvent

/** Also of an event that no ABI is known of. */
export const nameOfEvent = ({ topics }: { readonly topics: readonly Uint8Array[] }): string =>
  new TextDecoder().decode(topics[0])

/** An event's first topic is its name, the others its indexed fields; the rest is in `data`. */
export const decodeEvent = (
  abi: Abi,
  event: { readonly topics: readonly Uint8Array[]; readonly data: Uint8Array },
): DecodedEvent => {
  const name = nameOfEvent(event)
  const declared = abi.events.find(entry => entry.name === name)
  if (declared === undefined)
    throw new AbiError('unknown_event', `the contract ${abi.name} has no event ${JSON.stringify(name)}`)
  const indexed = declared.fields.filter(field => field.indexed)
  if (event.topics.length !== indexed.length + 1)
    throw new AbiError(
      'bad_data',
      `event ${name}: ${event.topics.length} topics where the ABI asks for ${indexed.length + 1}`,
    )
  const fromTopics = indexed.map(
    (field, i) =>
      [
        field.name,
        decodeAs(
          abi,
          field.type,
          event.topics[i + 1] as Uint8Array,
          LIMITS.eventTopicBytes,
          `event ${name}, ${field.name}`,
        ),
      ] as const,
  )
  const plain = declared.fields.filter(field => !field.indexed)
  const fromData = decodeFields(abi, plain, event.data, LIMITS.eventDataBytes, `event ${name}`)
  const all = new Map([...fromTopics, ...fromData])
  return { name, fields: Object.fromEntries(declared.fields.map(field => [field.name, all.get(field.name)])) }
}

/** The topic that an indexed field with this value has, to look events up by it. */
export const encodeTopic = (abi: Abi, eventName: string, fieldName: string, value: unknown): Uint8Array => {
  const field = abi.events
    .find(event => event.name === eventName)
    ?.fields.find(entry => entry.name === fieldName && entry.indexed)
  if (field === undefined)
    throw new AbiError(
      'unknown_event',
      `the contract ${abi.name} has no event ${eventName} indexed by ${fieldName}`,
    )
  const type = parseValueType(field.type, abi.structs)
  const where = `event ${eventName}, ${fieldName}`
  const checked = toWireValue(type, field.type, value, where)
  return orAbiError('bad_value', where, () =>
    createCodec(toWireType(type), LIMITS.eventTopicBytes).encode(checked),
  )
}

const TEXT_ERROR = 0
const TYPED_ERROR = 1

/** What a contract passed to `revert`, for people. Never throws: the data is the contract's own. */
export const decodeRevert = (data: Uint8Array): string => {
  if (data.length === 0) return 'the contract gave no reason'
  if (data[0] === TEXT_ERROR) {
    try {
      const text = createCodec(toWireType({ kind: 'string' }), LIMITS.returnDataBytes)
      return text.decode(data.subarray(1)) as string
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
    }
  }
  return takeTypedError(data)?.name ?? `0x${toHex(data)}`
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** A name is shorter than 128 bytes, so that its length is one byte. */
const takeTypedError = (data: Uint8Array): { name: string; fields: Uint8Array } | undefined => {
  const [kind, nameBytes = 0] = data
  const fieldsAt = 2 + nameBytes
  if (kind !== TYPED_ERROR || nameBytes > LIMITS.methodNameBytes || fieldsAt > data.length) return undefined
  const name = new TextDecoder().decode(data.subarray(2, fieldsAt))
  return NAME.test(name) ? { name, fields: data.subarray(fieldsAt) } : undefined
}

/**
 * The contract's own error in what was passed to `revert`. `undefined` if it is none that this ABI knows; it may
 * be one of a contract that was called on the way.
 */
export const decodeError = (abi: Abi, data: Uint8Array): DecodedError | undefined => {
  const typed = takeTypedError(data)
  const declared = abi.errors.find(entry => entry.name === typed?.name)
  if (typed === undefined || declared === undefined) return undefined
  const { name } = typed
  try {
    const fields = decodeFields(abi, declared.fields, typed.fields, LIMITS.returnDataBytes, `error ${name}`)
    return { name, fields: Object.fromEntries(fields) }
  } catch (error) {
    if (error instanceof AbiError) return undefined
    throw error
  }
}

const orAbiError = <T>(code: 'bad_value' | 'bad_data', where: string, run: () => T): T => {
  try {
    return run()
  } catch (error) {
    if (error instanceof CodecError) throw new AbiError(code, `${where}: ${error.message}`)
    throw error
  }
}

/** One value that fills `data`. Throws an AbiError `bad_data` that says what is wrong `where`. */
export const decodeAs = (
  abi: Abi,
  typeName: string,
  data: Uint8Array,
  maxBytes: number,
  where: string,
): unknown => {
  const type = parseValueType(typeName, abi.structs)
  return show(
    type,
    orAbiError('bad_data', where, () => createCodec(toWireType(type), maxBytes).decode(data)),
  )
}

/** Values one after the other that fill `data`. Throws as {@link decodeAs} does. */
export const decodeFields = (
  abi: Abi,
  fields: readonly AbiField[],
  data: Uint8Array,
  maxBytes: number,
  where: string,
): [name: string, value: unknown][] => {
  const types = fields.map(field => parseValueType(field.type, abi.structs))
  const values = orAbiError('bad_data', where, () =>
    createCodec(tupleOf(where, types), maxBytes).decode(data),
  )
  return fields.map((field, i) => [field.name, show(types[i] as ValueType, (values as unknown[])[i])])
}

/** From the wire's exact value to the one people see. */
const show = (type: ValueType, value: unknown): unknown => {
  switch (type.kind) {
    case 'bool':
    case 'string':
    case 'integer':
      return value
    case 'address':
      return formatAddress(value as Address)
    case 'bytes':
      return `0x${toHex(value as Uint8Array)}`
    case 'vec':
      return (value as unknown[]).map(element => show(type.element, element))
    case 'option':
      return value === undefined ? undefined : show(type.element, value)
    case 'struct':
      return Object.fromEntries(
        type.fields.map((field, i) => [field.name, show(field.type, (value as unknown[])[i])]),
      )
  }
}
