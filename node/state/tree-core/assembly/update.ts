/**
 * One update of the tree: sorted changes walk down it (descend.ts), and new nodes and hashes come up again (ascend.ts).
 * What comes out are records and stale keys (output.ts).
 */
import { ascend as ascendFrom, rewrite } from './ascend'
import { keep } from './cache'
import { endLevel, startAt } from './descend'
import { EMPTY_HASH } from './node'
import { addStale, Kind, putLeaf, putRecord, releaseOutput } from './output'
import { finish, HASH, hashLeaf } from './sha256'
import {
  After,
  Before,
  changeAt,
  exists,
  firstOf,
  isDeletion,
  LEAF_HASH,
  newSlice,
  releaseSlices,
  setChanges,
  Slice,
  VALUE_HASH,
} from './slices'

const NO_PATH: usize = memory.data(32, 16)

let version: u64 = 0
let top: usize = 0
let topDepth: u32 = 0

/** `previous` is the version to start from if there is one. Changes lie sorted by key hash at `at`. */
export function begin(at: usize, count: u32, toVersion: u64, hasPrevious: bool, previous: u64, depth: u32): void {
  setChanges(at)
  version = toVersion
  topDepth = depth
  startAt(depth)
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

/** After the way down: makes all that is new. */
export function ascend(): void {
  ascendFrom(endLevel(), topDepth, version)
}

/** After {@link ascend}: every version has a root of its own, even one that changed nothing. Returns its hash. */
export function putRoot(): usize {
  const slice = changetype<Slice>(top)
  if (slice.after == After.SAME && slice.before != Before.NOTHING) {
    addStale(slice.version, 0, slice.path)
    if (slice.node != 0) {
      rewrite(slice)
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
  for (let depth: u32 = topDepth; depth < endLevel(); depth++)
    for (let slice = firstOf(depth); exists(slice); slice = slice.next)
      if (slice.isCacheable) keep(slice.version, slice.depth, slice.path, slice.node)
  releaseSlices()
  releaseOutput()
  top = 0
}
