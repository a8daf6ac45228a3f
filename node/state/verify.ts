/**
 * The whole tree of one version against the flat values: every node is there and hashes to what its parent says, every
 * leaf lies where its key's hash leads and its value is the flat one, and no flat value lacks a leaf. In memory there
 * is one path of the tree and one page of values, however large the state is.
 */
import { COLUMNS, type Database, StorageError } from '../storage/database.ts'
import { bytesEqual, fromLatin1, type Hash, type Height, toHex } from '../types/primitives.ts'
import { readPages } from './read-pages.ts'
import { isBelow, type NodeSource, readRoot } from './tree.ts'
import { decodeNode, hashNode, sha256Latin1, type TreeNode, versionToLatin1 } from './tree-node.ts'

/** Progress is told for each subtree that begins with so many nibbles: 256 times in a large tree. */
const PROGRESS_DEPTH = 2

export interface Verified {
  readonly leaves: number
  readonly nodes: number
}

/** Throws a {@link StorageError}. `onProgress` hears which part of the tree is done, from 0 to 1. */
export const verifyState = (
  db: Database,
  { height, root }: { readonly height: Height; readonly root: Hash },
  onProgress: (done: number) => void = () => undefined,
): Verified => {
  const fail = (message: string): never => {
    throw new StorageError('corrupt', `the state of block ${height} does not verify: ${message}`)
  }
  const source: NodeSource = nodeKey => {
    const bytes = db.get(COLUMNS.treeNodes, fromLatin1(nodeKey))
    return bytes === undefined ? undefined : decodeNode(bytes, nodeKey)
  }
  let leaves = 0
  let nodes = 0
  const walk = (node: TreeNode, path: string, from: number, share: number): void => {
    nodes++
    if (node.kind === 'leaf') {
      leaves++
      const key = fromLatin1(node.key)
      if (!isBelow(node.keyHash, path)) fail(`the leaf of key ${toHex(key)} lies in another place`)
      const value = db.get(COLUMNS.state, key)
      if (value === undefined || sha256Latin1(value) !== node.valueHash)
        fail(`key ${toHex(key)} has a leaf but another value`)
    } else if (node.kind === 'inner') {
      node.children.forEach((child, nibble) => {
        if (child === undefined) return
        const childPath = path + String.fromCharCode(nibble)
        const childKey = child.version + childPath
        const found = source(childKey)
        if (found === undefined || hashNode(found) !== child.hash)
          return fail(`node ${toHex(fromLatin1(childKey))} is missing or has another hash`)
        walk(found, childPath, from + (share * nibble) / 16, share / 16)
      })
    }
    if (path.length <= PROGRESS_DEPTH) onProgress(from + share)
  }
  if (!bytesEqual(readRoot(source, height), root)) fail('the root differs from the header')
  walk(source(versionToLatin1(height)) as TreeNode, '', 0, 1)
  let values = 0
  for (const page of readPages(db, COLUMNS.state)) values += page.length
  if (values !== leaves) fail(`there are ${values} values and ${leaves} leaves`)
  return { leaves, nodes }
}
