/**
 * The inner nodes used last, by version and path. What stands here is on disk, so that any of it may be forgotten.
 *
 * Nodes lie in slots of four sizes. A slot is 0: the path's first 16 nibbles | 8: version << 8 | depth | 16: the node.
 * Deeper nodes, which only somebody who searches for collisions makes, are not kept. A table with open addressing
 * leads to the slots; it doubles when it is two thirds full, for a young chain's nodes are few. When no page is left, the
 * clock's hand goes round the pages of the wanted size and takes the first slot that was not used since it came by last;
 * a size that evicts much takes a page of one that does not.
 */
import { givePage, PAGE, PAGE_HEAD, takePage, takeRun } from './memory'
import { childCount, nodeBytes } from './node'

const SLOT_HEAD: usize = 16
const USED: usize = SLOT_HEAD + 3
const MAX_DEPTH: i32 = 16
const FREE: u64 = u64.MAX_VALUE
const SIZES = 4
/** Evictions, in pages' worth, after which a size looks for a page of another. */
const PATIENCE: u32 = 4

/** What there is of one size of slots. */
@unmanaged
class Size {
  bytes: u32
  /** Where the hand is: its page, zero if there is none, and the next slot. */
  page: usize
  hand: usize
  /** The first free slot, which leads to the next. */
  free: usize
  pages: u32
  /** Since a page was looked for last. */
  evictions: u32
}
const SIZES_AT: usize = memory.data(96, 16)

/** As many as a page holds. */
const FIRST_ENTRIES: u32 = 16384

let table: usize = 0
let tableMask: u32 = 0
/** Entries that are taken. */
let kept: u32 = 0
let pagesLeft: i32 = 0

/** Once. No bytes: nothing is kept. */
export function prepare(bytes: u32): void {
  for (let i = 0; i < SIZES; i++) sizeAt(i).bytes = <u32>(SLOT_HEAD + nodeBytes(largest(i)))
  pagesLeft = <i32>(bytes >> 16)
  if (pagesLeft == 0) return
  makeTable(FIRST_ENTRIES)
}

function makeTable(entries: u32): void {
  table = takeRun(<i32>(entries / FIRST_ENTRIES))
  tableMask = entries - 1
}

/** Its pages are free afterwards, for whoever wants one. */
function growTable(): void {
  const old = table
  const end = entry(tableMask + 1)
  makeTable(2 * (tableMask + 1))
  for (let at = old; at < end; at += 4) {
    const slot = load<usize>(at)
    if (slot != 0) store<usize>(entry(search(load<u64>(slot), load<u64>(slot, 8))), slot)
  }
  for (let page = old; page < end; page += PAGE) givePage(page)
}

/** Children of the largest node of a size. */
function largest(i: i32): i32 {
  return 2 << i
}

function sizeFor(children: i32): Size {
  return sizeAt(children <= 2 ? 0 : children <= 4 ? 1 : children <= 8 ? 2 : 3)
}

@inline
function sizeAt(i: i32): Size {
  return changetype<Size>(SIZES_AT + offsetof<Size>() * <usize>i)
}

@inline
function pathKey(path: usize, depth: i32): u64 {
  return depth == 0 ? 0 : bswap<u64>(load<u64>(path)) & (u64.MAX_VALUE << (64 - 4 * depth))
}

@inline
function nodeKey(version: u64, depth: i32): u64 {
  return (version << 8) | depth
}

/** A path's bits are the upper ones, and multiplying carries none of them down: they are folded onto the lower ones before. */
@inline
function home(path: u64, node: u64): u32 {
  const both = path ^ (node * 0x9e3779b97f4a7c15)
  const mixed = (both ^ (both >> 32)) * 0xd6e8feb86659fd93
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
  setFree(sizeFor(childCount(slot + SLOT_HEAD)), slot)
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
  if (3 * (kept + 1) > 2 * (tableMask + 1)) growTable()
  // Taking a slot may have moved entries.
  store<usize>(entry(search(atPath, key)), slot)
  kept++
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
  kept--
}

@inline
function setFree(size: Size, slot: usize): void {
  store<u64>(slot, FREE, 8)
  store<usize>(slot, size.free)
  size.free = slot
}

/** Zero: there is no page, not even one to take. */
function takeSlot(size: Size): usize {
  if (size.free == 0) {
    if (pagesLeft > 0) {
      pagesLeft--
      addPage(size, takePage())
    } else {
      const page = isDue(size) ? takeFromOthers(size) : 0
      if (page != 0) addPage(size, page)
      else return size.pages == 0 ? 0 : evict(size)
    }
  }
  const slot = size.free
  size.free = load<usize>(slot)
  return slot
}

function isDue(size: Size): bool {
  return size.pages == 0 || size.evictions >= PATIENCE * (<u32>(PAGE - PAGE_HEAD) / size.bytes)
}

function addPage(size: Size, page: usize): void {
  // Pages of a size form a ring.
  if (size.page == 0) {
    store<usize>(page, page)
    size.page = page
    size.hand = page + PAGE_HEAD
  } else {
    store<usize>(page, load<usize>(size.page))
    store<usize>(size.page, page)
  }
  size.pages++
  for (let slot = page + PAGE_HEAD; slot + size.bytes <= page + PAGE; slot += size.bytes) setFree(size, slot)
}

/** Of a size whose slots are all taken. */
function evict(size: Size): usize {
  while (true) {
    if (size.hand + size.bytes > size.page + PAGE) {
      size.page = load<usize>(size.page)
      size.hand = size.page + PAGE_HEAD
    }
    const slot = size.hand
    size.hand += size.bytes
    if (load<u8>(slot, USED) == 0) {
      leaveTable(search(load<u64>(slot), load<u64>(slot, 8)))
      size.evictions++
      return slot
    }
    store<u8>(slot, 0, USED)
  }
}

/** A page of the size that evicted least, if that is much less. Its nodes are forgotten. */
function takeFromOthers(own: Size): usize {
  let least = own
  for (let i = 0; i < SIZES; i++) {
    const other = sizeAt(i)
    if (other == own || other.pages == 0) continue
    if (least == own || other.evictions < least.evictions) least = other
  }
  const isWorth = least != own && (own.pages == 0 || least.evictions < own.evictions / 4)
  for (let i = 0; i < SIZES; i++) sizeAt(i).evictions = 0
  return isWorth ? takePageOf(least) : 0
}

/** The one after that at the hand. */
function takePageOf(size: Size): usize {
  const page = load<usize>(size.page)
  for (let slot = page + PAGE_HEAD; slot + size.bytes <= page + PAGE; slot += size.bytes)
    if (load<u64>(slot, 8) != FREE) leaveTable(search(load<u64>(slot), load<u64>(slot, 8)))
  let kept: usize = 0
  for (let slot = size.free; slot != 0; ) {
    const next = load<usize>(slot)
    if (slot < page || slot >= page + PAGE) {
      store<usize>(slot, kept)
      kept = slot
    }
    slot = next
  }
  size.free = kept
  size.pages--
  if (size.pages == 0) size.page = 0
  else store<usize>(size.page, load<usize>(page))
  return page
}
