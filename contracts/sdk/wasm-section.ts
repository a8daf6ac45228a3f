/** Custom sections of a module that the compiler just wrote: u8 0, ULEB128 size, ULEB128 name length, name, bytes. */

const HEADER_BYTES = 8
const CUSTOM_SECTION = 0

const uleb = (value: number): number[] => {
  const low = value & 0x7f
  return value < 0x80 ? [value] : [low | 0x80, ...uleb(value >>> 7)]
}

const readUleb = (bytes: Uint8Array, at: number): { value: number; next: number } => {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]
    if (byte === undefined) throw new RangeError('the module ends inside a length')
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return { value, next: at }
  }
}

const concat = (parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> => {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

export const appendCustomSection = (wasm: Uint8Array, name: string, content: Uint8Array): Uint8Array<ArrayBuffer> => {
  const nameBytes = new TextEncoder().encode(name)
  const head = [...uleb(nameBytes.length), ...nameBytes]
  return concat([wasm, [CUSTOM_SECTION], uleb(head.length + content.length), head, content])
}

/** The module without every custom section called `name`. Offsets of the sections before it do not move. */
export const withoutCustomSection = (wasm: Uint8Array, name: string): Uint8Array<ArrayBuffer> => {
  const kept: Uint8Array[] = [wasm.subarray(0, HEADER_BYTES)]
  for (let at = HEADER_BYTES; at < wasm.length; ) {
    const size = readUleb(wasm, at + 1)
    const end = size.next + size.value
    if (wasm[at] !== CUSTOM_SECTION || readName(wasm, size.next) !== name) kept.push(wasm.subarray(at, end))
    at = end
  }
  return concat(kept)
}

const readName = (wasm: Uint8Array, at: number): string => {
  const length = readUleb(wasm, at)
  return new TextDecoder().decode(wasm.subarray(length.next, length.next + length.value))
}
