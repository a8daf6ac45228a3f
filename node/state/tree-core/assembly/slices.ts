/**
 * What an update works on. The changes, which the caller lays out sorted by key hash:
 *
 *   change: key hash, 32 | hash of the value, 32 | hash of the leaf, 32, made here | u32 flags, 8 bytes of room
 *
 * and the slices of them, a {@link Slice} for each path on the way, in a chain for each depth. A path is a key hash of
 * which the first `depth` nibbles count.
 */
import { allocate, release } from './memory'

export const CHANGE: usize = 104
export const VALUE_HASH: usize = 32
export const LEAF_HASH: usize = 64
export const FLAGS: usize = 96
export const IS_DELETION: u32 = 1
/** The key is in the previous version: the only leaf that can stand on its way is its own. */
export const IS_HELD: u32 = 2

/** What stood at a slice's path. */
export namespace Before {
  export const NOTHING: u8 = 0
  /** The empty root. */
  export const EMPTY: u8 = 1
  export const LEAF: u8 = 2
  export const INNER: u8 = 3
  /** A root that was not read yet. */
  export const UNKNOWN: u8 = 4
}

/** What stands there now. */
export namespace After {
  export const SAME: u8 = 0
  export const NOTHING: u8 = 1
  /** A leaf that has no place yet. */
  export const LOOSE: u8 = 2
  export const PLACED: u8 = 3
}

/** Lies in an arena: never made with `new`. Where there is none, its address is zero. */
@unmanaged
export class Slice {
  next: Slice
  /** Of its inner node, in no order. */
  firstChild: Slice
  sibling: Slice
  from: u32
  to: u32
  /** A key hash below it. */
  path: usize
  /** The inner node that stood there; zero, if none, or not yet. */
  node: usize
  /** Of an existing leaf: key hash and hash. Zero, if it was not read. */
  leaf: usize
  /** The hash of a leaf that one of the changes is about, which need not be read. */
  heldHash: usize
  /** A leaf from further up, that moves down here: of which slice. */
  carried: Slice
  version: u64
  depth: u8
  nibble: u8
  before: u8
  after: u8
  isFresh: bool
  isLeaf: bool
  /** Loose: whose leaf, a change's or one that moves. */
  isMoved: bool
  isCacheable: bool
  change: u32
  movedDepth: u32
  movedPath: usize
  movedVersion: u64
  hash: usize
  /** Its new inner node and where its hashes are made. */
  made: usize
  places: usize
}

export const DEPTHS: u32 = 65
const LEVELS: usize = memory.data(260, 16)
/** For whatever the update alone needs. */
const work: usize = memory.data(12, 16)

let changes: usize = 0

export function setChanges(at: usize): void {
  changes = at
}

@inline
export function allocateWork(bytes: usize): usize {
  return allocate(work, bytes)
}

export function releaseSlices(): void {
  release(work)
  memory.fill(LEVELS, 0, 4 * DEPTHS)
}

@inline
export function changeAt(index: u32): usize {
  return changes + CHANGE * <usize>index
}

@inline
export function isDeletion(change: usize): bool {
  return (load<u32>(change, FLAGS) & IS_DELETION) != 0
}

@inline
export function nibbleAt(hash: usize, depth: u32): u32 {
  const byte = load<u8>(hash + (depth >> 1))
  return (depth & 1) == 0 ? byte >> 4 : byte & 15
}

@inline
export function isEqual(a: usize, b: usize): bool {
  return (
    load<u64>(a) == load<u64>(b) &&
    load<u64>(a, 8) == load<u64>(b, 8) &&
    load<u64>(a, 16) == load<u64>(b, 16) &&
    load<u64>(a, 24) == load<u64>(b, 24)
  )
}

export function newSlice(depth: u32, from: u32, to: u32, path: usize): Slice {
  const at = allocateWork(offsetof<Slice>())
  memory.fill(at, 0, offsetof<Slice>())
  const slice = changetype<Slice>(at)
  slice.depth = <u8>depth
  slice.from = from
  slice.to = to
  slice.path = path
  slice.next = changetype<Slice>(load<usize>(LEVELS + 4 * depth))
  store<usize>(LEVELS + 4 * depth, at)
  return slice
}

export function newChild(parent: Slice, nibble: u32, from: u32, to: u32, path: usize): Slice {
  const slice = newSlice(parent.depth + 1, from, to, path)
  slice.nibble = <u8>nibble
  slice.sibling = parent.firstChild
  parent.firstChild = slice
  return slice
}

@inline
export function exists(slice: Slice): bool {
  return changetype<usize>(slice) != 0
}

@inline
export function firstOf(depth: u32): Slice {
  return changetype<Slice>(load<usize>(LEVELS + 4 * depth))
}
