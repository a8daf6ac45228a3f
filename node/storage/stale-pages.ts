/**
 * How the database names the nodes of the state tree that went stale: as many under one key as one slice of pruning takes,
 * because each key costs more than the name of a node.
 *
 *   u64 version they went stale | u32 page -> u8 length | node key, …
 */
import { putU32, putU64 } from '../types/big-endian.ts'

export const STALE_PER_PAGE = 32

const stalePageKey = (version: bigint, page: number): Uint8Array => {
  const key = new Uint8Array(12)
  putU64(key, version, 0)
  putU32(key, page, 8)
  return key
}

const encodeStalePage = (nodeKeys: readonly Uint8Array[]): Uint8Array => {
  const bytes = new Uint8Array(nodeKeys.reduce((sum, { length }) => sum + 1 + length, 0))
  let at = 0
  for (const nodeKey of nodeKeys) {
    bytes[at] = nodeKey.length
    bytes.set(nodeKey, at + 1)
    at += 1 + nodeKey.length
  }
  return bytes
}

export const decodeStalePage = (bytes: Uint8Array): Uint8Array[] => {
  const nodeKeys: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const start = at + 1
    at = start + (bytes[at] as number)
    nodeKeys.push(bytes.slice(start, at))
  }
  return nodeKeys
}

/** The entries of nodes that went stale with `version`; the first has the number `firstPage`. */
export const stalePages = (
  version: bigint,
  nodeKeys: readonly Uint8Array[],
  firstPage = 0,
): [key: Uint8Array, value: Uint8Array][] =>
  Array.from({ length: Math.ceil(nodeKeys.length / STALE_PER_PAGE) }, (_, page) => [
    stalePageKey(version, firstPage + page),
    encodeStalePage(nodeKeys.slice(page * STALE_PER_PAGE, (page + 1) * STALE_PER_PAGE)),
  ])
