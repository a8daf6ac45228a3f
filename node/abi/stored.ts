/**
 * What a contract keeps, in its author's words: from a storage key to the field, and what is in brackets behind it.
 *
 * | kind              | key after the slot's byte       | value    | told as                            |
 * | ----------------- | ------------------------------- | -------- | ---------------------------------- |
 * | Value<T>          |                                 | T        | `supply`                           |
 * | Mapping<K, V>     | K                               | V        | `balances[K]`                      |
 * | PairMapping       | A B                             | V        | `allowances[A][B]`                 |
 * | OrderedMap<K, V>  | K, in an order of bytes         | V        | `bids[K]`                          |
 * | OrderedSet<K>     | K, in an order of bytes         | no bytes | `members[K]`, true                 |
 * | Vector<T>         | none, or the index              | i32 or T | `list.length`, `list[3]`           |
 * | Ownership         | none, or 1                      | address  | `owner`, `owner.offered`           |
 * | Roles             | the role and the account        | no bytes | `roles[1][vex1…]`, true            |
 * | Pause             |                                 | no bytes | `pause`, true                      |
 *
 * The SDK's classes write them (contracts/sdk/assembly/storage.ts and its neighbours). Values are BCS.
 */
import { DEFAULT_MAX_BYTES } from '../types/codec.ts'
import { toHex } from '../types/primitives.ts'
import { AbiError } from './error.ts'
import type { Abi } from './types.ts'
import { decodeAs, decodeFields } from './values.ts'

export interface StoredPlace {
  /** Of the contract. */
  readonly field: string
  /** A map's key, a pair's two, a vector's index. */
  readonly keys: readonly unknown[]
  /** What else a field keeps beside what it is for: `length`, `offered`. */
  readonly part: string | undefined
  /** `undefined`: nothing but the key is stored. */
  readonly valueType: string | undefined
}

type StorageField = Abi['storage'][number]
type Found = Omit<StoredPlace, 'field'>

const OFFER = 1

const plain = (keys: readonly unknown[], valueType: string | undefined, part?: string): Found => ({
  keys,
  part,
  valueType,
})

/** Big-endian, signed ones with the sign bit turned: back to BCS. */
const fromOrderedNumber = (type: string, bytes: Uint8Array): Uint8Array => {
  const number = bytes.toReversed()
  const last = number.length - 1
  if (type.startsWith('i') && last >= 0) number[last] = (number[last] as number) ^ 0x80
  return number
}

const decodeOrdered = (abi: Abi, type: string, bytes: Uint8Array, where: string): unknown => {
  switch (type) {
    case 'string':
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    case 'bytes':
      return `0x${toHex(bytes)}`
    case 'address':
    case 'bool':
      return decodeAs(abi, type, bytes, DEFAULT_MAX_BYTES, where)
    default:
      return decodeAs(abi, type, fromOrderedNumber(type, bytes), DEFAULT_MAX_BYTES, where)
  }
}

const findIn = (abi: Abi, { name, kind, types }: StorageField, key: Uint8Array): Found | undefined => {
  const [first = '', second = '', third = ''] = types
  const where = `the key of ${name}`
  const keysOf = (...of: string[]): unknown[] =>
    decodeFields(
      abi,
      of.map((type, i) => ({ name: String(i), type })),
      key,
      DEFAULT_MAX_BYTES,
      where,
    ).map(([, value]) => value)
  const isPlain = key.length === 0
  switch (kind) {
    case 'Value':
      return isPlain ? plain([], first) : undefined
    case 'Mapping':
      return plain(keysOf(first), second)
    case 'PairMapping':
      return plain(keysOf(first, second), third)
    case 'OrderedMap':
      return plain([decodeOrdered(abi, first, key, where)], second)
    case 'OrderedSet':
      return plain([decodeOrdered(abi, first, key, where)], undefined)
    case 'Vector':
      return isPlain ? plain([], 'i32', 'length') : plain(keysOf('i32'), first)
    case 'Roles':
      return plain(keysOf('u8', 'address'), undefined)
    case 'Ownership':
      if (isPlain) return plain([], 'address')
      return key.length === 1 && key[0] === OFFER ? plain([], 'address', 'offered') : undefined
    case 'Pause':
      return isPlain ? plain([], undefined) : undefined
    default:
      return undefined
  }
}

/** What does not fit is the contract's own way of storing: nobody's fault. */
const unlessUnfit = <T>(read: () => T): T | undefined => {
  try {
    return read()
  } catch (error) {
    if (error instanceof AbiError || error instanceof TypeError) return undefined
    throw error
  }
}

/** `undefined`: the ABI knows no such key. A contract may have written it by other means than its fields. */
export const findStored = (abi: Abi, key: Uint8Array): StoredPlace | undefined => {
  const [slot] = key
  const field = slot === undefined ? undefined : abi.storage[slot]
  if (field === undefined) return undefined
  const found = unlessUnfit(() => findIn(abi, field, key.subarray(1)))
  return found && { field: field.name, ...found }
}

export type StoredValue = { readonly value: unknown } | undefined

/** `undefined`: the bytes are not what the ABI says. */
export const readStored = (abi: Abi, { field, valueType }: StoredPlace, bytes: Uint8Array): StoredValue => {
  if (valueType === undefined) return bytes.length === 0 ? { value: true } : undefined
  return unlessUnfit(() => ({
    value: decodeAs(abi, valueType, bytes, DEFAULT_MAX_BYTES, `the value of ${field}`),
  }))
}
