/**
 * One update of the tree: sorted changes walk down it a level at a time, and new nodes and hashes come up again.
 *
 * The changes below a node's path are a {@link Slice}. Going down ({@link descend}), a slice whose node is not in the
 * cache is wanted: the caller supplies it and calls again. Where no inner node stands, what remains of the changes are
 * leaves ({@link settle}): none, one, or several, which make new inner nodes below. Going up ({@link ascend}), each
 * slice says what stands at its path now, and the hashes of a level are made together, four at a time.
 *
 * A leaf's place depends on its neighbours: it is handed up loose, until an inner node with company for it fixes it.
 *
 * What comes out are records and stale keys, each in a chain of pages; version means that of the update:
 *
 *   record: u32 size | u8 kind | u8 depth | u8 depth before | u8 | u32 change | u32 | u64 version before | path, 32 |
 *           an inner node's node (node.ts)
 *   stale:  u64 version | u8 depth, 8 bytes of room | path, 32
 *
 * A path is a key hash of which the first `depth` nibbles count. A moved leaf names the key it was read under.
 */
import { find, forget, keep } from './cache'
import { allocate, release } from './memory'
import {
  below,
  CHILD,
  child,
  childCount,
  childHash,
  childVersion,
  EMPTY_HASH,
  hashAt,
  isJoined,
  isSingle,
  leaves,
  MIN_KEPT_CHILDREN,
  NODE_HEAD,
  nodeBytes,
  placeHash,
  PLACES,
  places,
  present,
  putHead,
  putVersion,
  VERSION,
} from './node'
import { finish, HASH, hashInner, hashLeaf } from './sha256'

export const CHANGE: usize = 104
const VALUE_HASH: usize = 32
const LEAF_HASH: usize = 64
const FLAGS: usize = 96
const IS_DELETION: u32 = 1
/** The key is in the previous version: the only leaf that can stand on its way is its own. */
const IS_HELD: u32 = 2

const RECORD_HEAD: usize = 56
const RECORD_PATH: usize = 24
const STALE: usize = 48
const STALE_PATH: usize = 16

namespace Kind {
  export const INNER: u8 = 1
  export const LEAF: u8 = 2
  export const MOVED: u8 = 3
  export const EMPTY: u8 = 4
}

/** What stood at a slice's path. */
namespace Before {
  export const NOTHING: u8 = 0
  /** The empty root. */
  export const EMPTY: u8 = 1
  export const LEAF: u8 = 2
  export const INNER: u8 = 3
  /** A root that was not read yet. */
  export const UNKNOWN: u8 = 4
}

/** What stands there now. */
namespace After {
  export const SAME: u8 = 0
  export const NOTHING: u8 = 1
  /** A leaf that has no place yet. */
  export const LOOSE: u8 = 2
  export const PLACED: u8 = 3
}

/** Lies in an arena: never made with `new`. Where there is none, its address is zero. */
@unmanaged
class Slice {
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

const DEPTHS: u32 = 65
const LEVELS: usize = memory.data(260, 16)
const work: usize = memory.data(12, 16)
export const records: usize = memory.data(12, 16)
export const stale: usize = memory.data(12, 16)
const CHANGED: usize = memory.data(64, 16)
const NO_PATH: usize = memory.data(32, 16)

let changes: usize = 0
let version: u64 = 0
let top: usize = 0
let topDepth: u32 = 0
let level: u32 = 0
let wanted: usize = 0

@inline
function changeAt(index: u32): usize {
  return changes + CHANGE * <usize>index
}

@inline
function isDeletion(change: usize): bool {
  return (load<u32>(change, FLAGS) & IS_DELETION) != 0
}

@inline
function nibbleAt(hash: usize, depth: u32): u32 {
  const byte = load<u8>(hash + (depth >> 1))
  return (depth & 1) == 0 ? byte >> 4 : byte & 15
}

@inline
function isEqual(a: usize, b: usize): bool {
  return (
    load<u64>(a) == load<u64>(b) &&
    load<u64>(a, 8) == load<u64>(b, 8) &&
    load<u64>(a, 16) == load<u64>(b, 16) &&
    load<u64>(a, 24) == load<u64>(b, 24)
  )
}

function newSlice(depth: u32, from: u32, to: u32, path: usize): Slice {
  const at = allocate(work, offsetof<Slice>())
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

function newChild(parent: Slice, nibble: u32, from: u32, to: u32, path: usize): Slice {
  const slice = newSlice(parent.depth + 1, from, to, path)
  slice.nibble = <u8>nibble
  slice.sibling = parent.firstChild
  parent.firstChild = slice
  return slice
}

@inline
function exists(slice: Slice): bool {
  return changetype<usize>(slice) != 0
}

@inline
function firstOf(depth: u32): Slice {
  return changetype<Slice>(load<usize>(LEVELS + 4 * depth))
}

/** `previous` is the version to start from if there is one. Changes lie sorted by key hash at `at`. */
export function begin(at: usize, count: u32, toVersion: u64, hasPrevious: bool, previous: u64, depth: u32): void {
  changes = at
  version = toVersion
  topDepth = depth
  level = depth
  for (let i: u32 = 0; i < count; i++) {
    const change = changeAt(i)
    if (!isDeletion(change)) hashLeaf(change, change + VALUE_HASH, change + LEAF_HASH)
  }
  finish()
  const slice = newSlice(depth, 0, count, count == 0 ? NO_PATH : at)
  slice.before = hasPrevious ? Before.UNKNOWN : Before.NOTHING
  slice.version = previous
  top = changetype<usize>(slice)
}

/** How many nodes are wanted before it can go on; none: it has arrived at the bottom. */
export function descend(): u32 {
  for (; level < DEPTHS && exists(firstOf(level)); level++) {
    const count = look()
    if (count > 0) return count
    for (let slice = firstOf(level); exists(slice); slice = slice.next) {
      if (slice.node != 0) split(slice)
      else settle(slice)
    }
  }
  return 0
}

/** Finds the nodes of a level. Returns how many are not there. */
function look(): u32 {
  let count: u32 = 0
  wanted = 0
  for (let slice = firstOf(level); exists(slice); slice = slice.next) {
    if (slice.node != 0 || slice.leaf != 0) continue
    if (slice.before == Before.INNER || slice.before == Before.UNKNOWN) {
      slice.node = find(slice.version, slice.depth, slice.path)
      if (slice.node != 0) {
        slice.before = Before.INNER
        continue
      }
    } else if (slice.before != Before.LEAF || slice.heldHash != 0) continue
    // The field is free until hashes are made.
    slice.hash = wanted
    wanted = changetype<usize>(slice)
    count++
  }
  return count
}

export function firstWanted(): usize {
  return wanted
}

export function nextWanted(at: usize): usize {
  return changetype<Slice>(at).hash
}

export function wantedVersion(at: usize): u64 {
  return changetype<Slice>(at).version
}

export function wantedDepth(at: usize): u32 {
  return changetype<Slice>(at).depth
}

export function wantedPath(at: usize): usize {
  return changetype<Slice>(at).path
}

/** Returns where its stored form goes. `isCacheable`: it is on disk. */
export function supplyInner(at: usize, present: u32, leaves: u32, isCacheable: bool): usize {
  const slice = changetype<Slice>(at)
  const node = allocate(work, nodeBytes(popcnt(present)))
  putHead(node, present, leaves)
  slice.node = node
  slice.before = Before.INNER
  slice.isCacheable = isCacheable
  return node + NODE_HEAD
}

/** Returns where its key hash and its hash go. */
export function supplyLeaf(at: usize): usize {
  const slice = changetype<Slice>(at)
  slice.leaf = allocate(work, 2 * HASH)
  slice.before = Before.LEAF
  return slice.leaf
}

export function supplyEmpty(at: usize): void {
  changetype<Slice>(at).before = Before.EMPTY
}

function endOfNibble(from: u32, to: u32, depth: u32, nibble: u32): u32 {
  let end = from + 1
  while (end < to && nibbleAt(changeAt(end), depth) == nibble) end++
  return end
}

function split(slice: Slice): void {
  const node = slice.node
  const depth: u32 = slice.depth
  for (let start = slice.from; start < slice.to; ) {
    const path = changeAt(start)
    const nibble = nibbleAt(path, depth)
    const end = endOfNibble(start, slice.to, depth, nibble)
    const below = newChild(slice, nibble, start, end, path)
    const bit: u32 = 1 << nibble
    if ((present(node) & bit) != 0) {
      const at = child(node, nibble)
      below.version = childVersion(at)
      if ((leaves(node) & bit) == 0) below.before = Before.INNER
      else {
        below.before = Before.LEAF
        if (isHeld(start, end)) below.heldHash = childHash(at)
      }
    }
    start = end
  }
}

function isHeld(from: u32, to: u32): bool {
  for (let i = from; i < to; i++) if ((load<u32>(changeAt(i), FLAGS) & IS_HELD) != 0) return true
  return false
}

/** The change of a slice's own leaf; `to`, if there is none. */
function ownChange(slice: Slice): u32 {
  for (let i = slice.from; i < slice.to; i++) {
    const change = changeAt(i)
    if (slice.leaf != 0 ? isEqual(change, slice.leaf) : (load<u32>(change, FLAGS) & IS_HELD) != 0) return i
  }
  return slice.to
}

/** Where no inner node stands. */
function settle(slice: Slice): void {
  let inserted = 0
  let last: u32 = 0
  for (let i = slice.from; i < slice.to; i++) {
    if (isDeletion(changeAt(i))) continue
    inserted++
    last = i
  }
  if (slice.before == Before.LEAF) {
    const isOwn = ownChange(slice) < slice.to
    const hash = slice.heldHash != 0 ? slice.heldHash : slice.leaf + HASH
    if (isOwn ? inserted == 1 && isEqual(changeAt(last) + LEAF_HASH, hash) : inserted == 0) return
    if (!isOwn) slice.carried = slice
    addStale(slice.version, slice.depth, slice.path)
  } else if (inserted == 0 && !exists(slice.carried)) {
    return
  } else if (slice.before == Before.EMPTY) {
    addStale(slice.version, 0, slice.path)
  }
  const carried = slice.carried
  const count = inserted + <i32>exists(carried)
  if (count == 0) slice.after = After.NOTHING
  else if (count > 1) scatter(slice, carried)
  else if (exists(carried)) {
    slice.after = After.LOOSE
    slice.isMoved = true
    slice.movedVersion = carried.version
    slice.movedDepth = carried.depth
    slice.movedPath = carried.leaf
    slice.hash = carried.leaf + HASH
  } else {
    slice.after = After.LOOSE
    slice.change = last
    slice.hash = changeAt(last) + LEAF_HASH
  }
}

/** Several leaves, to the sixteen places of a new inner node. */
function scatter(slice: Slice, carried: Slice): void {
  slice.isFresh = true
  const depth: u32 = slice.depth
  let carriedNibble: u32 = !exists(carried) ? 16 : nibbleAt(carried.leaf, depth)
  for (let start = slice.from; start < slice.to; ) {
    const path = changeAt(start)
    const nibble = nibbleAt(path, depth)
    const end = endOfNibble(start, slice.to, depth, nibble)
    const below = newChild(slice, nibble, start, end, path)
    if (nibble == carriedNibble) {
      below.carried = carried
      carriedNibble = 16
    }
    start = end
  }
  if (carriedNibble < 16)
    newChild(slice, carriedNibble, 0, 0, carried.leaf).carried = carried
}

/** After {@link descend}: makes all that is new. */
export function ascend(): void {
  for (let depth = level; depth > topDepth; ) {
    depth--
    for (let slice = firstOf(depth); exists(slice); slice = slice.next)
      if (slice.node != 0 || slice.isFresh) join(slice)
    hashLevel(depth)
  }
}

function join(slice: Slice): void {
  let changed: u32 = 0
  let now: u32 = 0
  for (let below = slice.firstChild; exists(below); below = below.sibling) {
    if (below.after == After.SAME) continue
    const bit: u32 = 1 << below.nibble
    changed |= bit
    if (below.after != After.NOTHING) now |= bit
    store<usize>(CHANGED + 4 * <usize>below.nibble, changetype<usize>(below))
  }
  if (changed == 0) return
  const node = slice.node
  let leaf: u32 = 0
  if (node != 0) {
    addStale(slice.version, slice.depth, slice.path)
    now |= present(node) & ~changed
    leaf = leaves(node) & ~changed
  }
  if (now == 0) {
    slice.after = After.NOTHING
    return
  }
  if (isSingle(now) && rise(slice, now, changed, leaf)) return
  for (let bits = now & changed; bits != 0; bits &= bits - 1) {
    const below = changedAt(ctz(bits))
    if (below.after == After.LOOSE) putLeaf(below, below.depth)
    if (below.isLeaf) leaf |= 1 << below.nibble
  }
  slice.after = After.PLACED
  build(slice, now, leaf, changed)
}

@inline
function changedAt(nibble: u32): Slice {
  return changetype<Slice>(load<usize>(CHANGED + 4 * nibble))
}

/** If all that is left is a leaf, it rises. */
function rise(slice: Slice, now: u32, changed: u32, leaf: u32): bool {
  const nibble = ctz(now)
  if ((changed & now) != 0) {
    const below = changedAt(nibble)
    if (below.after != After.LOOSE) return false
    slice.change = below.change
    slice.isMoved = below.isMoved
    slice.movedVersion = below.movedVersion
    slice.movedDepth = below.movedDepth
    slice.movedPath = below.movedPath
    slice.hash = below.hash
  } else {
    if ((leaf & now) == 0) return false
    const at = child(slice.node, nibble)
    slice.isMoved = true
    slice.movedVersion = childVersion(at)
    slice.movedDepth = slice.depth + 1
    slice.movedPath = pathBelow(slice, nibble)
    slice.hash = childHash(at)
    addStale(slice.movedVersion, slice.movedDepth, slice.movedPath)
  }
  slice.after = After.LOOSE
  return true
}

function pathBelow(slice: Slice, nibble: u32): usize {
  const path = allocate(work, HASH)
  memory.copy(path, slice.path, HASH)
  const at = path + (slice.depth >> 1)
  const byte = load<u8>(at)
  store<u8>(at, <u8>((slice.depth & 1) == 0 ? (byte & 15) | (nibble << 4) : (byte & 0xf0) | nibble))
  return path
}

/** The new inner node of a slice, without its hashes. */
function build(slice: Slice, now: u32, leaf: u32, changed: u32): void {
  const children = <i32>popcnt(now)
  const made = putRecord(Kind.INNER, slice.depth, slice.path, nodeBytes(children))
  let at = putHead(made, now, leaf)
  const before = slice.node
  for (let bits = now; bits != 0; bits &= bits - 1) {
    const nibble: u32 = ctz(bits)
    if ((changed & (1 << nibble)) == 0) memory.copy(at, child(before, nibble), CHILD)
    else {
      putVersion(at, version)
      memory.copy(at + VERSION, changedAt(nibble).hash, HASH)
    }
    at += CHILD
  }
  slice.made = made
  slice.places = children >= MIN_KEPT_CHILDREN ? places(made) : allocate(work, PLACES)
  if (children < MIN_KEPT_CHILDREN || before == 0 || childCount(before) < MIN_KEPT_CHILDREN) return
  memory.copy(slice.places, places(before), PLACES)
  let kept: u32 = load<u16>(before)
  for (let bits = changed; bits != 0; bits &= bits - 1)
    for (let place: u32 = (16 + ctz(bits)) >> 1; place >= 1; place >>= 1) kept &= ~(1 << place)
  store<u16>(made, <u16>kept)
}

/** Of the nodes made at a depth, from their children up, all together. */
function hashLevel(depth: u32): void {
  for (let width: u32 = 2, first: u32 = 8; width <= 16; width *= 2, first /= 2) {
    for (let slice = firstOf(depth); exists(slice); slice = slice.next) {
      const node = slice.made
      if (node == 0) continue
      let kept: u32 = load<u16>(node)
      for (let place = first; place < 2 * first; place++) {
        if ((kept & (1 << place)) != 0 || !isJoined(below(present(node), place, width), leaves(node), width)) continue
        hashInner(
          hashAt(node, slice.places, 2 * place, width / 2),
          hashAt(node, slice.places, 2 * place + 1, width / 2),
          placeHash(slice.places, place),
        )
        kept |= 1 << place
      }
      store<u16>(node, <u16>kept)
      if (first == 1) slice.hash = placeHash(slice.places, 1)
    }
    finish()
  }
}

/** Returns where what follows the head goes. */
function putRecord(kind: u8, depth: u32, path: usize, bytes: usize): usize {
  const size = RECORD_HEAD + bytes
  const at = allocate(records, size)
  store<u32>(at, <u32>size)
  store<u32>(at, <u32>kind | (depth << 8), 4)
  store<u64>(at, 0, 8)
  store<u64>(at, 0, 16)
  memory.copy(at + RECORD_PATH, path, HASH)
  return at + RECORD_HEAD
}

/** A loose leaf gets its place. */
function putLeaf(slice: Slice, depth: u32): void {
  const path = slice.isMoved ? slice.movedPath : changeAt(slice.change)
  const at = putRecord(slice.isMoved ? Kind.MOVED : Kind.LEAF, depth, path, 0) - RECORD_HEAD
  if (slice.isMoved) {
    store<u8>(at, <u8>slice.movedDepth, 6)
    store<u64>(at, slice.movedVersion, 16)
  } else {
    store<u32>(at, slice.change, 8)
  }
  slice.after = After.PLACED
  slice.isLeaf = true
}

function addStale(version: u64, depth: u32, path: usize): void {
  const at = allocate(stale, STALE)
  store<u64>(at, version)
  store<u64>(at, depth, 8)
  memory.copy(at + STALE_PATH, path, HASH)
}

/** After {@link ascend}: every version has a root of its own, even one that changed nothing. Returns its hash. */
export function putRoot(): usize {
  const slice = changetype<Slice>(top)
  if (slice.after == After.SAME && slice.before != Before.NOTHING) {
    addStale(slice.version, 0, slice.path)
    if (slice.node != 0) {
      build(slice, present(slice.node), leaves(slice.node), 0)
      hashLevel(0)
      return slice.hash
    }
    if (slice.leaf != 0) {
      slice.isMoved = true
      slice.movedVersion = slice.version
      slice.movedPath = slice.leaf
      slice.hash = slice.leaf + HASH
      slice.after = After.LOOSE
    }
  }
  if (slice.after == After.PLACED) return slice.hash
  if (slice.after == After.LOOSE) {
    putLeaf(slice, topDepth)
    return slice.hash
  }
  putRecord(Kind.EMPTY, topDepth, NO_PATH, 0)
  return EMPTY_HASH
}

export function isTopLeaf(): bool {
  return changetype<Slice>(top).isLeaf
}

/** Keeps the nodes that came from the disk, and frees all that the update used. */
export function end(): void {
  for (let depth: u32 = topDepth; depth < level; depth++)
    for (let slice = firstOf(depth); exists(slice); slice = slice.next)
      if (slice.isCacheable) keep(slice.version, slice.depth, slice.path, slice.node)
  release(work)
  release(records)
  release(stale)
  memory.fill(LEVELS, 0, 4 * DEPTHS)
  top = 0
  level = topDepth
}

/** Makes the records of an update that is on disk now part of the cache. */
export function absorb(at: usize, bytes: u32, version: u64): void {
  for (const end = at + bytes; at < end; at += load<u32>(at))
    if (load<u8>(at, 4) == Kind.INNER) keep(version, load<u8>(at, 5), at + RECORD_PATH, at + RECORD_HEAD)
}

export function forgetStale(at: usize, bytes: u32): void {
  for (const end = at + bytes; at < end; at += STALE) forget(load<u64>(at), load<u8>(at, 8), at + STALE_PATH)
}
