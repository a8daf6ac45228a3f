/**
 * Keys whose bytes have the order of what they stand for: numbers big-endian (signed ones with the sign bit turned),
 * bool as a byte, u128 and u256 big-endian, Address and Uint8Array as they are, strings as their UTF-8.
 */
import { Address } from './address'
import { u128 } from './u128'
import { u256 } from './u256'
import { Writer } from './writer'

export function encodeOrdered<K>(writer: Writer, key: K): void {
  if (isInteger<K>()) {
    let bits = <u64>key
    if (isSigned<K>()) bits ^= <u64>1 << (8 * sizeof<K>() - 1)
    store<u64>(writer.reserve(8), bswap<u64>(bits << (64 - 8 * <u64>sizeof<K>())))
    writer.drop(8 - <i32>sizeof<K>())
  } else if (isString<K>()) {
    writer.text(key)
  } else if (idof<K>() == idof<Address>()) {
    writer.raw(changetype<usize>(key), 32)
  } else if (idof<K>() == idof<u128>() || idof<K>() == idof<u256>()) {
    for (let at = <i32>offsetof<K>(); at > 0; at -= 8)
      store<u64>(writer.reserve(8), bswap<u64>(load<u64>(changetype<usize>(key) + at - 8)))
  } else if (idof<K>() == idof<Uint8Array>()) {
    const bytes = changetype<Uint8Array>(key)
    writer.raw(bytes.dataStart, bytes.length)
  } else {
    ERROR('a key with an order is bool, an integer, u128, u256, string, Address or Uint8Array')
  }
}

/** Reads what {@link encodeOrdered} wrote. */
export function decodeOrdered<K>(ptr: usize, len: i32): K {
  if (isBoolean<K>()) {
    return <K>(load<u8>(ptr) != 0)
  } else if (isInteger<K>()) {
    let bits: u64 = 0
    for (let i: usize = 0; i < sizeof<K>(); i++) bits = (bits << 8) | load<u8>(ptr + i)
    if (isSigned<K>()) bits ^= <u64>1 << (8 * sizeof<K>() - 1)
    return <K>bits
  } else if (isString<K>()) {
    return changetype<K>(String.UTF8.decodeUnsafe(ptr, len))
  } else if (idof<K>() == idof<u128>() || idof<K>() == idof<u256>()) {
    const number = instantiate<K>()
    for (let at = 0; at < len; at += 8)
      store<u64>(changetype<usize>(number) + at, bswap<u64>(load<u64>(ptr + len - at - 8)))
    return number
  } else if (idof<K>() == idof<Address>()) {
    const address = new Address()
    memory.copy(address.pointer, ptr, 32)
    return changetype<K>(address)
  } else {
    const bytes = new Uint8Array(len)
    memory.copy(bytes.dataStart, ptr, len)
    return changetype<K>(bytes)
  }
}

const MAX_KEY_BYTES = 256

/**
 * Turns the key into the highest one below it, so that what comes after that is the key itself or what follows it.
 * All keys of a kind have one length, but for text and bytes, which may have any up to the most a key takes.
 */
export function stepBelow<K>(key: Writer): void {
  const last = key.pointer + key.length - 1
  const byte = load<u8>(last)
  if (byte == 0) return key.drop(1)
  store<u8>(last, byte - 1)
  if (isString<K>()) fillUp(key)
  else if (!isInteger<K>()) {
    if (idof<K>() == idof<Uint8Array>()) fillUp(key)
  }
}

function fillUp(key: Writer): void {
  const rest = MAX_KEY_BYTES - key.length
  memory.fill(key.reserve(rest), 0xff, rest)
}
