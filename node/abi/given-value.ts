/** Takes values as people and programs give them (the table of values.ts) and makes them exact, or says why not. */
import { AddressError, parseAddress } from '../crypto/address.ts'
import { ADDRESS_BYTES, fromHex } from '../types/primitives.ts'
import { AbiError } from './error.ts'
import type { ValueType } from './value-type.ts'

const MAX_SHOWN = 60
const describe = (value: unknown): string => {
  const text =
    typeof value === 'bigint'
      ? `${value}`
      : value instanceof Uint8Array
        ? `${value.length} bytes`
        : (JSON.stringify(value, (_, inner: unknown) =>
            typeof inner === 'bigint' ? String(inner) : inner,
          ) ?? String(value))
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}

const ADVICE: Readonly<Record<ValueType['kind'], string>> = {
  bool: 'true or false',
  integer: 'a whole number (a string of digits if it is large)',
  string: 'a string',
  address: 'an address that starts with vex1',
  bytes: 'hex digits that start with 0x',
  vec: 'a list',
  option: 'null or a value',
  struct: 'an object',
}

/**
 * From what was given to the wire's exact value. `typeName` and `where` are for the error.
 * Throws an AbiError `bad_value`.
 */
export const toWireValue = (type: ValueType, typeName: string, value: unknown, where: string): unknown => {
  const refuse = (reason = `expected ${ADVICE[type.kind]}`): never => {
    throw new AbiError('bad_value', `${where}: ${reason}; ${typeName} wanted, ${describe(value)} given`)
  }
  switch (type.kind) {
    case 'bool':
      return typeof value === 'boolean' ? value : refuse()
    case 'string':
      if (typeof value !== 'string') return refuse()
      return value.isWellFormed() ? value : refuse('half of a surrogate pair is not text')
    case 'integer':
      return checkInteger(type, value, refuse)
    case 'address':
      return checkAddress(value, refuse)
    case 'bytes':
      return checkBytes(value, refuse)
    case 'vec': {
      if (!Array.isArray(value)) return refuse()
      const elementName = typeName.slice('vec<'.length, -1)
      return value.map((element: unknown, i) =>
        toWireValue(type.element, elementName, element, `${where}[${i}]`),
      )
    }
    case 'option':
      if (value === null || value === undefined) return undefined
      return toWireValue(type.element, typeName.slice('option<'.length, -1), value, where)
    case 'struct': {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse()
      const known = new Set(type.fields.map(field => field.name))
      const surplus = Object.keys(value).find(key => !known.has(key))
      if (surplus !== undefined) return refuse(`there is no field ${JSON.stringify(surplus)}`)
      return type.fields.map(field => {
        const isGiven = Object.hasOwn(value, field.name)
        if (!isGiven && field.type.kind !== 'option') return refuse(`the field ${field.name} is missing`)
        const given = isGiven ? (value as Record<string, unknown>)[field.name] : undefined
        return toWireValue(field.type, field.typeName, given, `${where}.${field.name}`)
      })
    }
  }
}

type Refuse = (reason?: string) => never

/** Digits of the widest type and a sign; longer strings are refused before they are parsed. */
const MAX_DIGITS = 79

const checkInteger = (
  { bits, isSigned }: Extract<ValueType, { kind: 'integer' }>,
  value: unknown,
  refuse: Refuse,
): number | bigint => {
  let integer: bigint
  if (typeof value === 'bigint') integer = value
  else if (typeof value === 'number') {
    if (!Number.isInteger(value)) return refuse()
    if (!Number.isSafeInteger(value))
      return refuse('a number this large is not exact in JSON: write it as a string')
    integer = BigInt(value)
  } else if (typeof value === 'string' && /^-?[0-9]+$/.test(value) && value.length <= MAX_DIGITS)
    integer = BigInt(value)
  else return refuse()
  const exact = isSigned ? BigInt.asIntN(bits, integer) : BigInt.asUintN(bits, integer)
  if (exact !== integer) {
    const low = isSigned ? -(1n << BigInt(bits - 1)) : 0n
    const high = (1n << BigInt(isSigned ? bits - 1 : bits)) - 1n
    return refuse(`must be between ${low} and ${high}`)
  }
  return bits < 64 ? Number(integer) : integer
}

const checkAddress = (value: unknown, refuse: Refuse): Uint8Array => {
  if (value instanceof Uint8Array && value.length === ADDRESS_BYTES) return value
  if (typeof value !== 'string') return refuse()
  try {
    return parseAddress(value)
  } catch (error) {
    if (error instanceof AddressError) return refuse(error.message)
    throw error
  }
}

const checkBytes = (value: unknown, refuse: Refuse): Uint8Array => {
  if (value instanceof Uint8Array) return value
  if (typeof value !== 'string' || !value.startsWith('0x')) return refuse()
  try {
    return fromHex(value)
  } catch (error) {
    if (error instanceof TypeError) return refuse()
    throw error
  }
}
