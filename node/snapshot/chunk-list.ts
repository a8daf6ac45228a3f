/**
 * The chunks of a snapshot as one tree: the hashes of their subtrees, joined by the inner nodes above them, make the
 * state root. So the list is proved once, and then each chunk by itself.
 */
import {
  type Child,
  createChild,
  createInner,
  EMPTY_NODE,
  hashNode,
  type TreeNode,
  versionToLatin1,
} from '../state/tree-node.ts'
import { NIBBLES } from '../state/tree.ts'

export interface ListedChunk {
  /** A character a nibble, as in the tree's paths. */
  readonly prefix: string
  /** Of its subtree, in latin1. */
  readonly hash: string
  readonly entries: number
  readonly bytes: number
}

/** The list is not that of a tree's parts; the message goes on after the file's name. */
export class ChunkListError extends Error {
  override readonly name = 'ChunkListError'
}

export interface UpperTree {
  /** In latin1. */
  readonly root: string
  /** Node key -> node: those above the chunks; none if the whole state is one chunk. */
  readonly nodes: ReadonlyMap<string, TreeNode>
}

/** The tree above the chunks, which are in the order of their prefixes. Throws a {@link ChunkListError}. */
export const joinChunks = (chunks: readonly ListedChunk[], height: bigint): UpperTree => {
  const version = versionToLatin1(height)
  const nodes = new Map<string, TreeNode>()
  let at = 0

  /** All chunks from `at` on that are below `path`. */
  const join = (path: string): Child | undefined => {
    const chunk = chunks[at]
    if (chunk === undefined || !chunk.prefix.startsWith(path)) return undefined
    if (chunk.prefix === path) {
      at++
      return createChild(version, chunk.hash, chunk.entries === 1)
    }
    const children = NIBBLES.map(nibble => join(path + nibble))
    const [first, second] = children.filter(child => child !== undefined)
    if (first?.isLeaf === true && second === undefined)
      throw new ChunkListError('lists a chunk for a single entry that is not where the tree has it')
    const node = createInner(children)
    nodes.set(version + path, node)
    return createChild(version, node.hash, false)
  }
  const top = join('')
  if (at < chunks.length) throw new ChunkListError('lists chunks that overlap or are not in order')
  if (top === undefined) nodes.set(version, EMPTY_NODE)
  return { root: top?.hash ?? hashNode(EMPTY_NODE), nodes }
}
