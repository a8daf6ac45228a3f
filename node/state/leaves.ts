/**
 * The entries of a state in the order of the tree, which is that of their key hashes: of the version that the tree
 * has, or of an earlier one, with what later blocks replaced laid over it. The tree of the earlier version need not
 * be there. In memory there is one path of the tree, and what was replaced.
 */
import { fromLatin1, toHex } from '../types/primitives.ts'
import { type NodeSource, NIBBLES } from './tree.ts'
import { sha256Latin1, TreeError, versionToLatin1 } from './tree-node.ts'

export interface StateLeaf {
  readonly keyHash: string
  /** In latin1. */
  readonly key: string
  readonly value: Uint8Array
}

export interface ReadableState {
  readonly source: NodeSource
  /** Of the tree, and of the values. */
  readonly version: bigint
  valueOf(key: Uint8Array): Uint8Array | undefined
}

const damaged = (code: 'missing_node' | 'bad_node', message: string): never => {
  throw new TreeError(code, `${message}: the database is damaged`)
}

/** Every key of the tree with its hash, in order. */
function* keysOf({ source, version }: ReadableState): Generator<{ keyHash: string; key: string }> {
  const nodeKeys = [versionToLatin1(version)]
  for (let nodeKey = nodeKeys.pop(); nodeKey !== undefined; nodeKey = nodeKeys.pop()) {
    const node =
      source(nodeKey) ??
      damaged('missing_node', `node ${toHex(fromLatin1(nodeKey))} of the state tree is not stored`)
    if (node.kind === 'leaf') yield node
    if (node.kind !== 'inner') continue
    const path = nodeKey.slice(8)
    for (let nibble = 15; nibble >= 0; nibble--) {
      const child = node.children[nibble]
      if (child !== undefined) nodeKeys.push(child.version + path + NIBBLES[nibble])
    }
  }
}

/**
 * The state before `replaced` was replaced: the keys, in latin1, that blocks up to the tree's version have changed, with
 * the values from before them (undo.ts).
 */
export function* leavesBefore(
  now: ReadableState,
  replaced: ReadonlyMap<string, Uint8Array | undefined>,
): Generator<StateLeaf> {
  const before = [...replaced]
    .flatMap(([key, value]) =>
      value === undefined ? [] : { keyHash: sha256Latin1(fromLatin1(key)), key, value },
    )
    .sort((a, b) => (a.keyHash < b.keyHash ? -1 : 1))
  let next = 0
  for (const { keyHash, key } of keysOf(now)) {
    for (; next < before.length && (before[next] as StateLeaf).keyHash < keyHash; next++)
      yield before[next] as StateLeaf
    if (replaced.has(key)) continue
    const bytes = fromLatin1(key)
    const value =
      now.valueOf(bytes) ??
      damaged('bad_node', `key ${toHex(bytes)} has a leaf in the state tree but no value`)
    yield { keyHash, key, value }
  }
  for (; next < before.length; next++) yield before[next] as StateLeaf
}
