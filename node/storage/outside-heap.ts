/**
 * Small keys and values on their way to RocksDB, which copies them: in memory outside V8's heap, where those of a block
 * would otherwise be moved one by one (types/in-heap.ts).
 */
import { IN_HEAP_BYTES } from '../types/in-heap.ts'

/** For one at a time. */
export class Outside {
  readonly #views: readonly Uint8Array[]

  constructor() {
    const bytes = new ArrayBuffer(IN_HEAP_BYTES)
    this.#views = Array.from({ length: IN_HEAP_BYTES + 1 }, (_, length) => new Uint8Array(bytes, 0, length))
  }

  /** Until the next call. */
  put(bytes: Uint8Array): Uint8Array {
    const view = this.#views[bytes.length]
    if (view === undefined) return bytes
    view.set(bytes)
    return view
  }
}

/** Many at once. */
export const allOutside = (keys: readonly Uint8Array[]): readonly Uint8Array[] => {
  let size = IN_HEAP_BYTES + 1
  for (const { length } of keys) size += length
  const all = new Uint8Array(size)
  let at = 0
  return keys.map(key => {
    all.set(key, at)
    return all.subarray(at, (at += key.length))
  })
}
