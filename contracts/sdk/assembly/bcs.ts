/**
 * BCS of every type a contract may store, take or return: bool, integers of 8 to 64 bits, u128, u256, string,
 * Address, Uint8Array, Array<T> of these, and @struct classes. The choice is made at compile time.
 */
import { Address } from './address'
import { Reader } from './reader'
import { u128 } from './u128'
import { u256 } from './u256'
import { Writer } from './writer'

/**
 * Appends a value of any of these types: bool, an integer, u128, u256, string, Address, Uint8Array, Array, a @struct
 * class. Cost: a number about 75 gas, text about 60 for each byte, bytes about 230.
 */
export function encode<T>(writer: Writer, value: T): void {
  if (isInteger<T>()) {
    store<T>(writer.reserve(sizeof<T>()), value)
  } else if (isString<T>()) {
    writer.string(value)
  } else if (idof<T>() == idof<Address>() || idof<T>() == idof<u128>() || idof<T>() == idof<u256>()) {
    writer.raw(changetype<usize>(value), offsetof<T>())
  } else if (idof<T>() == idof<Uint8Array>()) {
    writer.bytes(changetype<Uint8Array>(value))
  } else if (isArray<T>()) {
    writer.count(value.length)
    for (let i = 0, n = value.length; i < n; i++) encode<valueof<T>>(writer, value[i])
  } else if (isDefined(value.__encode)) {
    value.__encode(writer)
  } else {
    ERROR(
      'this type has no BCS form: use bool, an integer, string, Address, u128, u256, Uint8Array, Array or a @struct class',
    )
  }
}

/**
 * Reads what {@link encode} wrote. Cost: a number about 60 gas, text about 85 for each byte, bytes about 550.
 */
export function decode<T>(reader: Reader): T {
  if (isBoolean<T>()) {
    return reader.bool()
  } else if (isInteger<T>()) {
    return load<T>(reader.take(sizeof<T>()))
  } else if (isString<T>()) {
    return reader.string()
  } else if (idof<T>() == idof<Address>() || idof<T>() == idof<u128>() || idof<T>() == idof<u256>()) {
    const value = instantiate<T>()
    memory.copy(changetype<usize>(value), reader.take(offsetof<T>()), offsetof<T>())
    return value
  } else if (idof<T>() == idof<Uint8Array>()) {
    return changetype<T>(reader.bytes())
  } else if (isArray<T>()) {
    const length = reader.count()
    const values = instantiate<T>(length)
    for (let i: u32 = 0; i < length; i++) values[i] = decode<valueof<T>>(reader)
    return values
  } else {
    const value = changetype<T>(__new(offsetof<T>(), idof<T>()))
    if (isDefined(value.__decode)) value.__decode(reader)
    else
      ERROR(
        'this type has no BCS form: use bool, an integer, string, Address, u128, u256, Uint8Array, Array or a @struct class',
      )
    return value
  }
}

/** What a storage slot that was never written holds: 0, false, '', no bytes, no elements, the zero address. */
export function zero<T>(): T {
  if (isInteger<T>()) return <T>0
  else if (isString<T>()) return changetype<T>('')
  else if (idof<T>() == idof<Uint8Array>()) return instantiate<T>(0)
  else if (
    isArray<T>() ||
    idof<T>() == idof<Address>() ||
    idof<T>() == idof<u128>() ||
    idof<T>() == idof<u256>()
  )
    return instantiate<T>()
  else {
    const value = changetype<T>(__new(offsetof<T>(), idof<T>()))
    value.__zero()
    return value
  }
}
