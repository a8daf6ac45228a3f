/** BCS of a {@link ValueType}. Values here are exact: bigint from 64 bits on, bytes for addresses. */
import {
  type BcsType,
  bool,
  byteString,
  list,
  option,
  string,
  u128,
  u16,
  u256,
  u32,
  u64,
  u8,
} from '../types/codec.ts'
import { addressType } from '../types/primitives.ts'
import { LIMITS } from '../params.ts'
import type { ValueType } from './value-type.ts'

type Wire = BcsType<unknown>

const UNSIGNED: Readonly<Record<8 | 16 | 32 | 64 | 128 | 256, Wire>> = {
  8: u8,
  16: u16,
  32: u32,
  64: u64,
  128: u128,
  256: u256,
}

/** Two's complement on top of the unsigned type of the same size. */
const signed = (bits: 8 | 16 | 32 | 64 | 128 | 256): Wire => {
  const unsigned = UNSIGNED[bits]
  return {
    name: `i${bits}`,
    read: reader => {
      const value = BigInt.asIntN(bits, BigInt(unsigned.read(reader) as number | bigint))
      return bits < 64 ? Number(value) : value
    },
    write: (value, writer) => {
      const raw = BigInt.asUintN(bits, BigInt(value as number | bigint))
      unsigned.write(bits < 64 ? Number(raw) : raw, writer)
    },
  }
}

export const toWireType = (type: ValueType): Wire => {
  switch (type.kind) {
    case 'bool':
      return bool
    case 'string':
      return string
    case 'address':
      return addressType
    case 'bytes':
      return byteString(LIMITS.callArgumentsBytes)
    case 'integer':
      return type.isSigned ? signed(type.bits) : UNSIGNED[type.bits]
    case 'vec':
      return list(toWireType(type.element), LIMITS.callArgumentsBytes)
    case 'option':
      return option(toWireType(type.element))
    case 'struct':
      return tupleOf(
        type.name,
        type.fields.map(field => field.type),
      )
  }
}

/** Fields one after the other, without anything between them. The value is an array. */
export const tupleOf = (name: string, types: readonly ValueType[]): Wire => {
  const fields = types.map(toWireType)
  return {
    name,
    read: reader => fields.map(field => field.read(reader)),
    write: (values, writer) => {
      for (const [i, field] of fields.entries()) field.write((values as readonly unknown[])[i], writer)
    },
  }
}
