/**
 * The way up: each slice says what stands at its path now ({@link join}), and the hashes of a level are made together,
 * four at a time.
 *
 * A leaf's place depends on its neighbours: it is handed up loose, until an inner node with company for it fixes it.
 */
import {
  below,
  CHILD,
  child,
  childCount,
  childHash,
  childVersion,
  hashAt,
  isJoined,
  isSingle,
  leaves,
  MIN_KEPT_CHILDREN,
  nodeBytes,
  placeHash,
  PLACES,
  places,
  present,
  putHead,
  putVersion,
  VERSION,
} from './node'
import { addStale, Kind, putLeaf, putRecord } from './output'
import { finish, HASH, hashInner } from './sha256'
import { After, allocateWork, exists, firstOf, Slice } from './slices'

/** By nibble: the slice below that has changed. */
const CHANGED: usize = memory.data(64, 16)

let version: u64 = 0

/** From the depth above `end` to `top`. What is new has this version. */
export function ascend(end: u32, top: u32, ofVersion: u64): void {
  version = ofVersion
  for (let depth = end; depth > top; ) {
    depth--
    for (let slice = firstOf(depth); exists(slice); slice = slice.next)
      if (slice.node != 0 || slice.isFresh) join(slice)
    hashLevel(depth)
  }
}

/** The node of a slice that changed nothing, as one of this version. */
export function rewrite(slice: Slice): void {
  build(slice, present(slice.node), leaves(slice.node), 0)
  hashLevel(slice.depth)
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
  const path = allocateWork(HASH)
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
  slice.places = children >= MIN_KEPT_CHILDREN ? places(made) : allocateWork(PLACES)
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
