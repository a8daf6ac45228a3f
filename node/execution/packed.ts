/** Many byte strings in one buffer, which changes threads without a copy for each. */
export interface Packed {
  readonly data: Uint8Array<ArrayBuffer>
  readonly lengths: Uint32Array<ArrayBuffer>
}

export const pack = (items: readonly Uint8Array[]): Packed => {
  const lengths = Uint32Array.from(items, ({ length }) => length)
  const data = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0))
  let at = 0
  for (const item of items) {
    data.set(item, at)
    at += item.length
  }
  return { data, lengths }
}

/** Views of the one buffer, which stays as long as one of them does: copy what outlives the others. */
export const unpack = ({ data, lengths }: Packed): Uint8Array[] => {
  let at = 0
  return Array.from(lengths, length => data.subarray(at, (at += length)))
}
