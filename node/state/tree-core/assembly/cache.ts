/**
 * The inner nodes used last, by version and path. What stands here is on disk, so that any of it may be forgotten.
 *
 * Nodes lie in slots of four sizes. A slot is 0: the path's first 16 nibbles | 8: version << 8 | depth | 16: the node.
 * Deeper nodes, which only somebody who searches for collisions makes, are not kept. A table with open addressing
 * leads to the slots. When no page is left, the clock's hand goes round the pages of the wanted size and takes the
 * first slot that was not used since it came by last; a size that evicts much takes a page of one that does not.
 */
import { PAGE, PAGE_HEAD, takePage, takeRun } from './memory'
import { childCount, nodeBytes } from './node'

const SLOT_HEAD: usize = 16
const USED: usize = SLOT_HEAD + 3
const MAX_DEPTH: i32 = 16
const FREE: u64 = u64.MAX_VALUE
const SIZES = 4
/** Evictions, in pages' worth, after which a size looks for a page of another. */
const PATIENCE: u32 = 4

/** By size: u32 bytes of a slot | page at the hand | slot at the hand | free slots | pages | evictions. */
const KIND: usize = 24
const KINDS: usize = memory.data(96, 16)

let table: usize = 0
let tableMask: u32 = 0
let pagesLeft: i32 = 0

/** Once. No bytes: nothing is kept. */
export function prepare(bytes: u32): void {
  for (let size = 0; size < SIZES; size++)
    store<u32>(kindAt(size), <u32>(SLOT_HEAD + nodeBytes(largest(size))))
  pagesLeft = <i32>(bytes >> 16)
  if (pagesLeft == 0) return
  let entries: u32 = 16384
  // Two thirds full at most.
  while (entries < (bytes / load<u32>(KINDS) / 2) * 3) entries *= 2
  tableMask = entries - 1
  table = takeRun(<i32>(entries / 16384))
}

/** Children of the largest node of a size. */
function largest(size: i32): i32 {
  return 2 << size
}

function sizeFor(children: i32): i32 {
  return children <= 2 ? 0 : children <= 4 ? 1 : children <= 8 ? 2 : 3
}

@inline
function kindAt(size: i32): usize {
  return KINDS + KIND * <usize>size
}

@inline
function pathKey(path: usize, depth: i32): u64 {
  return depth == 0 ? 0 : bswap<u64>(load<u64>(path)) & (u64.MAX_VALUE << (64 - 4 * depth))
}

@inline
function nodeKey(version: u64, depth: i32): u64 {
  return (version << 8) | depth
}

@inline
function home(path: u64, node: u64): u32 {
  const mixed = (path ^ (node * 0x9e3779b97f4a7c15)) * 0xd6e8feb86659fd93
  return <u32>(mixed >> 32) & tableMask
}

@inline
function entry(index: u32): usize {
  return table + 4 * <usize>index
}

/** Its entry, or the free one that it would have. */
function search(path: u64, node: u64): u32 {
  let index = home(path, node)
  while (true) {
    const slot = load<usize>(entry(index))
    if (slot == 0 || (load<u64>(slot) == path && load<u64>(slot, 8) == node)) return index
    index = (index + 1) & tableMask
  }
}

/** Zero: not here. */
export function find(version: u64, depth: i32, path: usize): usize {
  if (table == 0 || depth > MAX_DEPTH) return 0
  const slot = load<usize>(entry(search(pathKey(path, depth), nodeKey(version, depth))))
  if (slot == 0) return 0
  store<u8>(slot, 1, USED)
  return slot + SLOT_HEAD
}

export function forget(version: u64, depth: i32, path: usize): void {
  if (table == 0 || depth > MAX_DEPTH) return
  const index = search(pathKey(path, depth), nodeKey(version, depth))
  const slot = load<usize>(entry(index))
  if (slot == 0) return
  leaveTable(index)
  setFree(kindAt(sizeFor(childCount(slot + SLOT_HEAD))), slot)
}

export function keep(version: u64, depth: i32, path: usize, node: usize): void {
  if (table == 0 || depth > MAX_DEPTH) return
  const atPath = pathKey(path, depth)
  const key = nodeKey(version, depth)
  if (load<usize>(entry(search(atPath, key))) != 0) return
  const children = childCount(node)
  const slot = takeSlot(sizeFor(children))
  if (slot == 0) return
  store<u64>(slot, atPath)
  store<u64>(slot, key, 8)
  memory.copy(slot + SLOT_HEAD, node, nodeBytes(children))
  store<u8>(slot, 1, USED)
  // Taking a slot may have moved entries.
  store<usize>(entry(search(atPath, key)), slot)
}

/** Closes the gap: entries that only stand behind it because it was taken move up. */
function leaveTable(index: u32): void {
  let gap = index
  let next = index
  while (true) {
    next = (next + 1) & tableMask
    const slot = load<usize>(entry(next))
    if (slot == 0) break
    const distance = (next - home(load<u64>(slot), load<u64>(slot, 8))) & tableMask
    if (distance < ((next - gap) & tableMask)) continue
    store<usize>(entry(gap), slot)
    gap = next
  }
  store<usize>(entry(gap), 0)
}

@inline
function setFree(kind: usize, slot: usize): void {
  store<u64>(slot, FREE, 8)
  store<usize>(slot, load<usize>(kind, 12))
  store<usize>(kind, slot, 12)
}

/** Zero: there is no page, not even one to take. */
function takeSlot(size: i32): usize {
  const kind = kindAt(size)
  if (load<usize>(kind, 12) == 0) {
    if (pagesLeft > 0) {
      pagesLeft--
      addPage(kind, takePage())
    } else {
      const evicted = load<u32>(kind, 20)
      const isDue = load<u32>(kind, 16) == 0 || evicted >= PATIENCE * <u32>((PAGE - PAGE_HEAD) / load<u32>(kind))
      const page = isDue ? takeFromOthers(size) : 0
      if (page != 0) addPage(kind, page)
      else if (load<u32>(kind, 16) == 0) return 0
      else return evict(kind)
    }
  }
  const slot = load<usize>(kind, 12)
  store<usize>(kind, load<usize>(slot), 12)
  return slot
}

function addPage(kind: usize, page: usize): void {
  const bytes = load<u32>(kind)
  // Pages of a size form a ring.
  const at = load<usize>(kind, 4)
  if (at == 0) {
    store<usize>(page, page)
    store<usize>(kind, page, 4)
    store<usize>(kind, page + PAGE_HEAD, 8)
  } else {
    store<usize>(page, load<usize>(at))
    store<usize>(at, page)
  }
  store<u32>(kind, load<u32>(kind, 16) + 1, 16)
  for (let slot = page + PAGE_HEAD; slot + bytes <= page + PAGE; slot += bytes) setFree(kind, slot)
}

/** Of a size whose slots are all taken. */
function evict(kind: usize): usize {
  const bytes = load<u32>(kind)
  while (true) {
    let page = load<usize>(kind, 4)
    let slot = load<usize>(kind, 8)
    if (slot + bytes > page + PAGE) {
      page = load<usize>(page)
      slot = page + PAGE_HEAD
      store<usize>(kind, page, 4)
    }
    store<usize>(kind, slot + bytes, 8)
    if (load<u8>(slot, USED) == 0) {
      leaveTable(search(load<u64>(slot), load<u64>(slot, 8)))
      store<u32>(kind, load<u32>(kind, 20) + 1, 20)
      return slot
    }
    store<u8>(slot, 0, USED)
  }
}

/** A page of the size that evicted least, if that is much less. Its nodes are forgotten. */
function takeFromOthers(size: i32): usize {
  const own = kindAt(size)
  let least: usize = 0
  for (let other = 0; other < SIZES; other++) {
    const kind = kindAt(other)
    if (kind == own || load<u32>(kind, 16) == 0) continue
    if (least == 0 || load<u32>(kind, 20) < load<u32>(least, 20)) least = kind
  }
  const isWorth = least != 0 && (load<u32>(own, 16) == 0 || load<u32>(least, 20) < load<u32>(own, 20) / 4)
  for (let other = 0; other < SIZES; other++) store<u32>(kindAt(other), 0, 20)
  return isWorth ? takePageOf(least) : 0
}

function takePageOf(kind: usize): usize {
  const at = load<usize>(kind, 4)
  const page = load<usize>(at)
  const bytes = load<u32>(kind)
  for (let slot = page + PAGE_HEAD; slot + bytes <= page + PAGE; slot += bytes)
    if (load<u64>(slot, 8) != FREE) leaveTable(search(load<u64>(slot), load<u64>(slot, 8)))
  let link = kind + 12
  for (let slot = load<usize>(link); slot != 0; slot = load<usize>(slot)) {
    if (slot >= page && slot < page + PAGE) store<usize>(link, load<usize>(slot))
    else link = slot
  }
  store<u32>(kind, load<u32>(kind, 16) - 1, 16)
  if (page == at) {
    store<usize>(kind, 0, 4)
    return page
  }
  store<usize>(at, load<usize>(page))
  return page
}
