/**
 * V8 keeps up to so many bytes of a Uint8Array in its own heap. Once native code asks for them, or anybody for a view of them
 * or for their `buffer`, they move out for good: that takes 800 ns, and the garbage collector half as much again, ten times
 * what it takes to copy them. So where there are many, what is that small is copied to memory that lies outside already, or
 * worked on byte by byte.
 */
export const IN_HEAP_BYTES = 64

/** What is larger lies outside from the start, and takes 500 ns to be made: some of it, some at a time, 40 each. */
const SLAB_BYTES = 1024
const MAX_SHARED_BYTES = SLAB_BYTES / 4

let slab = new Uint8Array(SLAB_BYTES)
let used = 0

/**
 * Zeroed. Those of little more than {@link IN_HEAP_BYTES} share their memory with up to fifteen others that were made at the
 * same time, and keep it as long as the last of them is kept: never hand their `buffer` over.
 */
export const newBytes = (length: number): Uint8Array => {
  if (length <= IN_HEAP_BYTES || length > MAX_SHARED_BYTES) return new Uint8Array(length)
  if (used + length > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES)
    used = 0
  }
  const bytes = slab.subarray(used, used + length)
  used += length
  return bytes
}
