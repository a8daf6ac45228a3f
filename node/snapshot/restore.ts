/**
 * A verified snapshot into an empty database, chunk by chunk: each is proved, then its values, the nodes of its subtree
 * and a mark go into one batch. The mark is there if and only if the rest is, so that a restore that was killed goes on
 * where it was: what is not marked is restored, again or for the first time.
 *
 * Nothing is synced before the last batch, which makes the block the head: a database without a head is no chain.
 */
import { createHash } from 'node:crypto'
import { genesisBlock, genesisChanges } from '../chain/genesis.ts'
import { BlockStore, blockWrites, certificateWrite, handOverWrites, keptFromWrite } from '../chain/store.ts'
import { encodeNode, type TreeNode } from '../state/tree-node.ts'
import { updateTree } from '../state/tree.ts'
import { COLUMNS, type Database, type Write } from '../storage/database.ts'
import { blockCodec, blockHash } from '../types/block.ts'
import { bytesEqual, fromLatin1, type Height } from '../types/primitives.ts'
import { receiptsOf } from '../types/receipt.ts'
import { parseTransaction } from '../types/transaction.ts'
import { ChunkError, proveChunk } from './chunk-file.ts'
import type { ListedChunk } from './chunk-list.ts'
import { badFile, SnapshotError } from './error.ts'
import { readSizedFile } from './files.ts'
import { chunkFile, SNAPSHOT_FILES } from './manifest.ts'
import { readHandOvers, type VerifiedSnapshot } from './verify.ts'
import { blockTerms } from '../types/transaction-terms.ts'

/** Of hand-overs that go into one batch. */
const BATCH_WRITES = 300
/** More bad files are counted, and not named. */
const MAX_NAMED_FILES = 10

export interface RestoredChunks {
  readonly chunks: number
  /** Of them, those that an earlier run had restored. */
  readonly before: number
  readonly entries: number
}

/** After each chunk. */
export interface RestoreStep {
  /** Which part of all chunks is done, well or badly, from 0 to 1. */
  readonly done: number
  /** What is wrong with this chunk: the restore goes on with the others, and fails at the end. */
  readonly bad: SnapshotError | undefined
}

const markKey = (prefix: string): Uint8Array => Buffer.from(`restored/${prefix}`, 'latin1')

const nodeWrites = (nodes: ReadonlyMap<string, TreeNode>): Write[] =>
  [...nodes].map(([key, node]) => ({
    column: COLUMNS.treeNodes,
    key: fromLatin1(key),
    value: encodeNode(node),
  }))

const chunkWrites = (folder: string, listed: ListedChunk, height: Height): Write[] => {
  const file = chunkFile(listed.prefix)
  const bytes = readSizedFile(folder, file, listed.bytes)
  try {
    const { leaves, subtree } = proveChunk(bytes, listed, height)
    const writes: Write[] = leaves.map(({ key, value }) => ({
      column: COLUMNS.state,
      key: fromLatin1(key),
      value,
    }))
    writes.push(...nodeWrites(subtree.nodes))
    writes.push({ column: COLUMNS.meta, key: markKey(listed.prefix), value: fromLatin1(listed.hash) })
    return writes
  } catch (error) {
    if (error instanceof ChunkError) throw badFile(file, `${error.message}: fetch it again`, error)
    throw error
  }
}

const refusal = (bad: readonly SnapshotError[]): SnapshotError => {
  const [first] = bad
  if (first !== undefined && bad.length === 1) return first
  const files = bad.map(({ file }) => file)
  const named = files.slice(0, MAX_NAMED_FILES).join(', ')
  const rest = files.length > MAX_NAMED_FILES ? ` and ${files.length - MAX_NAMED_FILES} more` : ''
  return new SnapshotError(
    'bad_file',
    `${bad.length} files of the snapshot are missing or damaged: ${named}${rest}. Fetch them again`,
    {
      cause: first,
    },
  )
}

/** Whether it was there already. */
const restoreChunk = (db: Database, folder: string, listed: ListedChunk, height: Height): boolean => {
  const mark = db.get(COLUMNS.meta, markKey(listed.prefix))
  if (mark !== undefined && bytesEqual(mark, fromLatin1(listed.hash))) return true
  db.write(chunkWrites(folder, listed, height), { sync: false })
  return false
}

/** All chunks that are not restored yet, one a step. Throws a {@link SnapshotError} after the last if one was bad. */
export function* restoreChunks(
  db: Database,
  { folder, manifest: { chunks, height } }: VerifiedSnapshot,
): Generator<RestoreStep, RestoredChunks> {
  const allBad: SnapshotError[] = []
  let before = 0
  let entries = 0
  for (const [index, listed] of chunks.entries()) {
    entries += listed.entries
    let bad: SnapshotError | undefined
    try {
      if (restoreChunk(db, folder, listed, height)) before++
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error
      bad = error
      allBad.push(error)
    }
    yield { done: (index + 1) / chunks.length, bad }
  }
  if (allBad.length > 0) throw refusal(allBad)
  return { chunks: chunks.length, before, entries }
}

/** The header of each epoch's last block, who was to vote next, and the votes that ended it: for light clients and peers. */
const restoreHandOvers = (db: Database, { folder, handOversHash }: VerifiedSnapshot): void => {
  const hash = createHash('sha256')
  let writes: Write[] = []
  for (const handOver of readHandOvers(folder, bytes => hash.update(bytes))) {
    writes.push(...handOverWrites(handOver))
    if (writes.length < BATCH_WRITES) continue
    db.write(writes, { sync: false })
    writes = []
  }
  if (hash.digest('hex') !== handOversHash)
    throw badFile(SNAPSHOT_FILES.handOvers, 'was changed while it was read: run the command again')
  db.write(writes, { sync: false })
}

/** Without its state, which only the head's needs to be there. */
const genesisBlockWrites = ({ genesis }: VerifiedSnapshot): Iterable<Write> => {
  const { root } = updateTree(() => undefined, undefined, 0n, genesisChanges(genesis))
  const block = genesisBlock(genesis, root)
  return blockWrites({
    hash: blockHash(block.header),
    header: block.header,
    blockBytes: blockCodec.encode(block),
    ids: new Uint8Array(0),
    receiptBytes: [],
    terms: new Map(),
  })
}

/** Makes the snapshot's block the head: all chunks are restored. On disk when it returns. */
export const restoreHead = (db: Database, snapshot: VerifiedSnapshot): void => {
  const { manifest, block, blockBytes, receiptBytes, lastHandOver, upperTree } = snapshot
  restoreHandOvers(db, snapshot)
  const transactions = block.transactions.map(parseTransaction)
  db.write(
    [
      ...nodeWrites(upperTree.nodes),
      ...genesisBlockWrites(snapshot),
      // Later in the batch than the genesis block's, its head counts.
      ...blockWrites({
        hash: manifest.blockHash,
        header: block.header,
        blockBytes,
        ids: Buffer.concat(transactions.map(({ id }) => id)),
        receiptBytes,
        terms: blockTerms(transactions, receiptsOf({ receiptBytes })),
        nextValidators: lastHandOver.nextValidators,
      }),
      certificateWrite(block.header.height, lastHandOver.certificate),
      keptFromWrite(block.header.height),
      ...manifest.chunks.map(
        ({ prefix }): Write => ({ column: COLUMNS.meta, key: markKey(prefix), value: undefined }),
      ),
    ],
    { sync: true },
  )
}

/** An earlier run did everything here. */
export const isRestored = (db: Database): boolean => new BlockStore(db).head() !== undefined
