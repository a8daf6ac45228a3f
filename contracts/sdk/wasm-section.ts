/** The few looks into a module that the compiler needs. The module comes from asc: it is well-formed. */

const HEADER_BYTES = 8
const SECTION = { custom: 0, import: 2 } as const

const uleb = (value: number): number[] => {
  const low = value & 0x7f
  return value < 0x80 ? [value] : [low | 0x80, ...uleb(value >>> 7)]
}

class Cursor {
  at: number
  private readonly bytes: Uint8Array
  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }
  byte(): number {
    const byte = this.bytes[this.at++]
    if (byte === undefined) throw new RangeError('the module ends early')
    return byte
  }
  uleb(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  name(): string {
    const length = this.uleb()
    this.at += length
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at))
  }
}

interface Section {
  readonly id: number
  /** Offsets of the whole section and of what is in it. */
  readonly start: number
  readonly content: number
  readonly end: number
}

const sectionsOf = function* (wasm: Uint8Array): Generator<Section> {
  for (let start = HEADER_BYTES; start < wasm.length; ) {
    const cursor = new Cursor(wasm, start)
    const id = cursor.byte()
    const size = cursor.uleb()
    const end = cursor.at + size
    yield { id, start, content: cursor.at, end }
    start = end
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

export const appendCustomSection = (
  wasm: Uint8Array,
  name: string,
  content: Uint8Array,
): Uint8Array<ArrayBuffer> => {
  const nameBytes = new TextEncoder().encode(name)
  const head = [...uleb(nameBytes.length), ...nameBytes]
  return concat([wasm, [SECTION.custom], uleb(head.length + content.length), head, content])
}

/** The module without every custom section called `name`. Offsets of what stands before it do not move. */
export const withoutCustomSection = (wasm: Uint8Array, name: string): Uint8Array<ArrayBuffer> => {
  const kept = [...sectionsOf(wasm)].filter(
    ({ id, content }) => id !== SECTION.custom || new Cursor(wasm, content).name() !== name,
  )
  return concat([wasm.subarray(0, HEADER_BYTES), ...kept.map(({ start, end }) => wasm.subarray(start, end))])
}

/** A ULEB count, then each name as its ULEB length and its UTF-8. */
export const nameList = (names: readonly string[]): Uint8Array<ArrayBuffer> =>
  concat([
    uleb(names.length),
    ...names.flatMap(name => {
      const bytes = new TextEncoder().encode(name)
      return [uleb(bytes.length), bytes]
    }),
  ])

const FUNCTION_NAMES = 1

/** By index, imports first, from the `name` section; a function without a name has an empty one. */
export const functionNames = (wasm: Uint8Array): string[] => {
  const names: string[] = []
  for (const { id, content, end } of sectionsOf(wasm)) {
    if (id !== SECTION.custom) continue
    const cursor = new Cursor(wasm, content)
    if (cursor.name() !== 'name') continue
    while (cursor.at < end) {
      const kind = cursor.byte()
      const next = cursor.uleb() + cursor.at
      if (kind === FUNCTION_NAMES)
        for (let count = cursor.uleb(); count > 0; count--) names[cursor.uleb()] = cursor.name()
      cursor.at = next
    }
  }
  return Array.from(names, name => name ?? '')
}

/** `module.name` of each imported function. asc imports nothing else with the options of asconfig.json. */
export const importedFunctions = (wasm: Uint8Array): string[] => {
  const section = [...sectionsOf(wasm)].find(({ id }) => id === SECTION.import)
  if (section === undefined) return []
  const cursor = new Cursor(wasm, section.content)
  return Array.from({ length: cursor.uleb() }, () => {
    const path = `${cursor.name()}.${cursor.name()}`
    if (cursor.byte() !== 0) throw new RangeError(`the import ${path} is not a function`)
    cursor.uleb()
    return path
  })
}
