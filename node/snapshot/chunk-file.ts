/**
 * A chunk as bytes. It proves itself: the subtree that is built of its entries has the hash that the chunk list says,
 * and the hashes of the list make the state root (chunk-list.ts).
 *
 *   chunk = for each entry, in the order of the key hashes:
 *           u16 length of the key | key | u32 length of the value | value                          big-endian
 */
import type { StateLeaf } from '../state/leaves.ts'
import { buildSubtree, isBelow, type Subtree } from '../state/tree.ts'
import { createLeaf, sha256Latin1 } from '../state/tree-node.ts'
import { fromLatin1, toHex, toLatin1 } from '../types/primitives.ts'

/** No value of the state is larger than 1 MiB, and a chunk of several is not above its budget. */
export const MAX_CHUNK_BYTES = 8 << 20

const KEY_LENGTH_BYTES = 2
const VALUE_LENGTH_BYTES = 4

/** What an entry takes in a chunk. */
export const entryBytes = ({ key, value }: StateLeaf): number =>
  KEY_LENGTH_BYTES + key.length + VALUE_LENGTH_BYTES + value.length

export const encodeChunk = (leaves: readonly StateLeaf[]): Uint8Array => {
  const bytes = Buffer.allocUnsafeSlow(leaves.reduce((sum, leaf) => sum + entryBytes(leaf), 0))
  let at = 0
  for (const { key, value } of leaves) {
    at = bytes.writeUInt16BE(key.length, at)
    at += bytes.write(key, at, 'latin1')
    at = bytes.writeUInt32BE(value.length, at)
    bytes.set(value, at)
    at += value.length
  }
  return new Uint8Array(bytes.buffer)
}

/** The subtree of the entries, at the chunk's place in a tree of that version. */
export const chunkSubtree = (version: bigint, prefix: string, leaves: readonly StateLeaf[]): Subtree =>
  buildSubtree(
    version,
    prefix,
    leaves.map(({ keyHash, key, value }) => createLeaf(key, keyHash, sha256Latin1(value))),
  )

/** The bytes are not those of a chunk with this prefix; the message goes on after the file's name. */
export class ChunkError extends Error {
  override readonly name = 'ChunkError'
}

/** Values are parts of `bytes`. Throws a {@link ChunkError}. */
export const decodeChunk = (bytes: Uint8Array, prefix: string): StateLeaf[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const leaves: StateLeaf[] = []
  let before = ''
  let at = 0
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new ChunkError('ends in the middle of an entry')
    at += length
    return bytes.subarray(at - length, at)
  }
  const takeNumber = (length: 2 | 4): number => {
    const start = at
    take(length)
    return length === KEY_LENGTH_BYTES ? view.getUint16(start) : view.getUint32(start)
  }
  while (at < bytes.length) {
    const key = take(takeNumber(KEY_LENGTH_BYTES))
    const value = take(takeNumber(VALUE_LENGTH_BYTES))
    const keyHash = sha256Latin1(key)
    if (!isBelow(keyHash, prefix)) throw new ChunkError(`holds key ${toHex(key)}, which belongs to another`)
    if (keyHash <= before) throw new ChunkError(`holds key ${toHex(key)} twice or in the wrong place`)
    leaves.push({ keyHash, key: toLatin1(key), value })
    before = keyHash
  }
  return leaves
}

/** The entries of a chunk that holds what it must, with their subtree. Throws a {@link ChunkError}. */
export const proveChunk = (
  bytes: Uint8Array,
  { prefix, hash, entries }: { readonly prefix: string; readonly hash: string; readonly entries: number },
  version: bigint,
): { readonly leaves: readonly StateLeaf[]; readonly subtree: Subtree } => {
  const leaves = decodeChunk(bytes, prefix)
  if (leaves.length !== entries) throw new ChunkError(`holds ${leaves.length} entries, not ${entries}`)
  const subtree = chunkSubtree(version, prefix, leaves)
  if (subtree.top.hash !== hash)
    throw new ChunkError(
      `has the hash ${toHex(fromLatin1(subtree.top.hash))}, not the one that the state root stands for`,
    )
  return { leaves, subtree }
}
