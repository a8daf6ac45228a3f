/**
 * What an update brings, in two chains of pages; version means that of the update:
 *
 *   record: u32 size | u8 kind | u8 depth | u8 depth before | u8 | u32 change | u32 | u64 version before | path, 32 |
 *           an inner node's node (node.ts)
 *   stale:  u64 version | u8 depth, 8 bytes of room | path, 32
 *
 * A moved leaf names the key it was read under: its version and depth before.
 */
import { forget, keep } from './cache'
import { allocate, release } from './memory'
import { HASH } from './sha256'
import { After, changeAt, Slice } from './slices'

const HEAD: usize = 56
const PATH: usize = 24
const STALE: usize = 48
const STALE_PATH: usize = 16

export namespace Kind {
  export const INNER: u8 = 1
  export const LEAF: u8 = 2
  export const MOVED: u8 = 3
  export const EMPTY: u8 = 4
}

export const records: usize = memory.data(12, 16)
export const stale: usize = memory.data(12, 16)

/** Returns where what follows the head goes. */
export function putRecord(kind: u8, depth: u32, path: usize, bytes: usize): usize {
  const size = HEAD + bytes
  const at = allocate(records, size)
  store<u32>(at, <u32>size)
  store<u32>(at, <u32>kind | (depth << 8), 4)
  store<u64>(at, 0, 8)
  store<u64>(at, 0, 16)
  memory.copy(at + PATH, path, HASH)
  return at + HEAD
}

/** A loose leaf gets its place. */
export function putLeaf(slice: Slice, depth: u32): void {
  const path = slice.isMoved ? slice.movedPath : changeAt(slice.change)
  const at = putRecord(slice.isMoved ? Kind.MOVED : Kind.LEAF, depth, path, 0) - HEAD
  if (slice.isMoved) {
    store<u8>(at, <u8>slice.movedDepth, 6)
    store<u64>(at, slice.movedVersion, 16)
  } else {
    store<u32>(at, slice.change, 8)
  }
  slice.after = After.PLACED
  slice.isLeaf = true
}

export function addStale(version: u64, depth: u32, path: usize): void {
  const at = allocate(stale, STALE)
  store<u64>(at, version)
  store<u64>(at, depth, 8)
  memory.copy(at + STALE_PATH, path, HASH)
}

export function releaseOutput(): void {
  release(records)
  release(stale)
}

/** Makes the records of an update that is on disk now part of the cache. The last may be cut off: returns the bytes of the whole ones. */
export function absorb(from: usize, bytes: u32, version: u64): u32 {
  const end = from + bytes
  let at = from
  while (at + HEAD <= end && at + load<u32>(at) <= end) {
    if (load<u8>(at, 4) == Kind.INNER) keep(version, load<u8>(at, 5), at + PATH, at + HEAD)
    at += load<u32>(at)
  }
  return <u32>(at - from)
}

export function forgetStale(at: usize, bytes: u32): void {
  for (const end = at + bytes; at < end; at += STALE) forget(load<u64>(at), load<u8>(at, 8), at + STALE_PATH)
}
