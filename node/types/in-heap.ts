/**
 * V8 keeps up to so many bytes of a Uint8Array in its own heap. Once native code asks for them, or anybody for a view of them
 * or for their `buffer`, they move out for good: that takes 800 ns, and the garbage collector half as much again, ten times
 * what it takes to copy them. So where there are many, what is that small is copied to memory that lies outside already, or
 * worked on byte by byte.
 */
export const IN_HEAP_BYTES = 64

/**
 * One that lies outside takes 500 ns to be made; in the heap, 250 bytes even for a hash of 32, most of them for an ArrayBuffer of
 * its own. A part of another takes 100: some bytes outside are made at a time, 40 ns each, and nothing moves any more.
 */
const SLAB_BYTES = 1024
const MAX_SHARED_BYTES = SLAB_BYTES / 4

let slab = new Uint8Array(SLAB_BYTES)
let used = 0

/**
 * Zeroed. For what outlives the work that made it. Short ones share their memory with others that were made at the same time,
 * and keep it as long as the last of them is kept: never hand their `buffer` over.
 */
export const newBytes = (length: number): Uint8Array => {
  if (length > MAX_SHARED_BYTES) return new Uint8Array(length)
  if (used + length > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES)
    used = 0
  }
  const bytes = slab.subarray(used, used + length)
  used += length
  return bytes
}
