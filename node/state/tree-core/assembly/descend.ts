/**
 * The way down, a level at a time ({@link descend}). A slice whose node is not in the cache is wanted: the caller supplies
 * it and calls again. Where no inner node stands, what remains of the changes are leaves ({@link settle}): none, one, or
 * several, which make new inner nodes below.
 */
import { find } from './cache'
import { child, childHash, childVersion, leaves, NODE_HEAD, nodeBytes, present, putHead } from './node'
import { addStale } from './output'
import { HASH } from './sha256'
import {
  After,
  allocateWork,
  Before,
  changeAt,
  DEPTHS,
  exists,
  firstOf,
  FLAGS,
  IS_HELD,
  isDeletion,
  isEqual,
  LEAF_HASH,
  newChild,
  nibbleAt,
  Slice,
} from './slices'

let level: u32 = 0
let wanted: usize = 0

export function startAt(depth: u32): void {
  level = depth
}

/** Below the deepest slices, once it has arrived. */
export function endLevel(): u32 {
  return level
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
  const node = allocateWork(nodeBytes(popcnt(present)))
  putHead(node, present, leaves)
  slice.node = node
  slice.before = Before.INNER
  slice.isCacheable = isCacheable
  return node + NODE_HEAD
}

/** Returns where its key hash and its hash go. */
export function supplyLeaf(at: usize): usize {
  const slice = changetype<Slice>(at)
  slice.leaf = allocateWork(2 * HASH)
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
