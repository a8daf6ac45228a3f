/**
 * An inner node in memory: as it is stored (../../tree-node.ts), with what saves hashing it anew.
 *
 * | at                     | bytes                                                                          |
 * | ---------------------- | ------------------------------------------------------------------------------ |
 * | 0                      | u16: which places' hashes are there, bit 15 unused                              |
 * | 2                      | u8: children                                                                    |
 * | 3                      | u8: used since the cache's hand passed (cache.ts)                               |
 * | 4                      | u32: bytes of the stored form                                                   |
 * | 8                      | 02, u16 children, u16 which are leaves, for each child: u48 version, hash       |
 * | 8 + those, rounded up  | with 5 children or more, the hashes of places 1 to 15                           |
 *
 * Place 1 is the node itself; below place i are 2i and 2i + 1; places 16 to 31 are the children. Small nodes keep no
 * hashes, because there is little to save, and most nodes are small.
 */
import { HASH } from './sha256'

export const NODE_HEAD: usize = 8
const INNER_HEAD: usize = 5
const INNER_TAG: u8 = 2
export const VERSION: usize = 6
export const CHILD: usize = VERSION + HASH
export const PLACES: usize = 15 * HASH
export const MIN_KEPT_CHILDREN: i32 = 5

export const EMPTY_HASH: usize = memory.data<u8>([
  83, 80, 65, 82, 83, 69, 95, 77, 69, 82, 75, 76, 69, 95, 80, 76, 65, 67, 69, 72, 79, 76, 68, 69, 82, 95, 72, 65, 83,
  72, 95, 95,
])

@inline
export function nodeBytes(children: i32): usize {
  return NODE_HEAD + bodyRoom(children) + (children >= MIN_KEPT_CHILDREN ? PLACES : 0)
}

@inline
function bodyRoom(children: i32): usize {
  return (INNER_HEAD + CHILD * <usize>children + 7) & ~7
}

@inline
export function present(node: usize): u32 {
  return (<u32>load<u8>(node, NODE_HEAD + 1) << 8) | load<u8>(node, NODE_HEAD + 2)
}

@inline
export function leaves(node: usize): u32 {
  return (<u32>load<u8>(node, NODE_HEAD + 3) << 8) | load<u8>(node, NODE_HEAD + 4)
}

@inline
export function childCount(node: usize): i32 {
  return load<u8>(node, 2)
}

/** Where the child at a nibble stands, or, if there is none, the next. */
@inline
export function child(node: usize, nibble: u32): usize {
  return node + NODE_HEAD + INNER_HEAD + CHILD * <usize>popcnt(present(node) & ((1 << nibble) - 1))
}

@inline
export function childHash(at: usize): usize {
  return at + VERSION
}

export function childVersion(at: usize): u64 {
  return (<u64>bswap<u16>(load<u16>(at)) << 32) | bswap<u32>(load<u32>(at, 2))
}

export function putVersion(at: usize, version: u64): void {
  store<u16>(at, bswap<u16>(<u16>(version >> 32)))
  store<u32>(at, bswap<u32>(<u32>version), 2)
}

/** Everything before the children. Returns where they begin. */
export function putHead(node: usize, present: u32, leaves: u32): usize {
  const children = popcnt(present)
  store<u16>(node, 0)
  store<u8>(node, <u8>children, 2)
  store<u8>(node, 0, 3)
  store<u32>(node, <u32>(INNER_HEAD + CHILD * <usize>children), 4)
  store<u8>(node, INNER_TAG, NODE_HEAD)
  store<u16>(node, bswap<u16>(<u16>present), NODE_HEAD + 1)
  store<u16>(node, bswap<u16>(<u16>leaves), NODE_HEAD + 3)
  return node + NODE_HEAD + INNER_HEAD
}

/** Of a node with at least {@link MIN_KEPT_CHILDREN}. */
@inline
export function places(node: usize): usize {
  return node + NODE_HEAD + bodyRoom(childCount(node))
}

@inline
export function placeHash(places: usize, place: u32): usize {
  return places + HASH * <usize>(place - 1)
}

/** The bits of the children below a place that has room for `width` of them. */
@inline
export function below(present: u32, place: u32, width: u32): u32 {
  return present & (((1 << width) - 1) << (place * width - 16))
}

@inline
export function isSingle(bits: u32): bool {
  return (bits & (bits - 1)) == 0
}

/** Whether a place has a hash that is no child's and not that of nothing. */
@inline
export function isJoined(bits: u32, leaves: u32, width: u32): bool {
  return bits != 0 && width > 1 && !(isSingle(bits) && (leaves & bits) != 0)
}

/** Of a place whose joined hashes below are made already. */
export function hashAt(node: usize, places: usize, place: u32, width: u32): usize {
  const bits = below(present(node), place, width)
  if (bits == 0) return EMPTY_HASH
  if (isJoined(bits, leaves(node), width)) return placeHash(places, place)
  return childHash(child(node, ctz(bits)))
}
