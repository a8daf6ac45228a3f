/**
 * The state tree's memory: what ../tree-core.ts calls. Addresses are of this module's memory.
 */
import { prepare as prepareCache } from './cache'
import { givePage, PAGE, takeRun } from './memory'
import { prepare as prepareHashes } from './sha256'

export { descend, firstWanted, nextWanted, supplyEmpty, supplyInner, supplyLeaf } from './descend'
export { wantedDepth, wantedPath, wantedVersion } from './descend'
export { absorb, forgetStale, records, stale } from './output'
export { CHANGE } from './slices'
export { ascend, begin, end, isTopLeaf, putRoot } from './update'

let roomAt: usize = 0
let roomPages: i32 = 0

/** Once. */
export function prepare(cacheBytes: u32): void {
  prepareHashes()
  prepareCache(cacheBytes)
}

/** In one piece, for what the caller hands over: good until it is asked for again. */
export function room(bytes: u32): usize {
  let pages = <i32>(bytes >> 16) + 1
  if (pages > roomPages) {
    // Runs that were too short are of no use but as single pages: all of them together are no longer than this one.
    pages = max(pages, 2 * roomPages)
    for (let i = 0; i < roomPages; i++) givePage(roomAt + <usize>i * PAGE)
    roomAt = takeRun(pages)
    roomPages = pages
  }
  return roomAt
}
