/** Writes a snapshot's folder: whole, or not at all under its name. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { formatGenesis } from '../genesis-file.ts'
import { makeFolder } from '../storage/make-folder.ts'
import { syncFolder } from '../storage/synced-files.ts'
import { StorageError } from '../storage/database.ts'
import { handOverCodec } from '../types/hand-over.ts'
import { bytesEqual, fromLatin1 } from '../types/primitives.ts'
import { chunkSubtree, encodeChunk } from './chunk-file.ts'
import { joinChunks, type ListedChunk } from './chunk-list.ts'
import { CHUNK_BUDGET_BYTES, cutIntoChunks } from './chunks.ts'
import { SnapshotError } from './error.ts'
import { toRecords, writeSnapshotFile } from './files.ts'
import { chunkFile, formatManifest, type Manifest, SNAPSHOT_FILES } from './manifest.ts'
import type { SnapshotSource } from './source.ts'

export interface WriteOptions {
  /** Must not exist. */
  readonly folder: string
  readonly chunkBudgetBytes?: number
}

/** Where it is made. What an earlier run that was killed has left there goes. */
const makePartial = (folder: string): string => {
  const partial = `${folder}.partial`
  const known: readonly string[] = Object.values(SNAPSHOT_FILES)
  if (existsSync(partial)) {
    if (readdirSync(partial).some(name => !known.includes(name)))
      throw new SnapshotError(
        'exists',
        `${partial} holds something else than an unfinished snapshot: move it away`,
      )
    rmSync(partial, { recursive: true })
  }
  makeFolder(dirname(partial))
  mkdirSync(partial)
  mkdirSync(join(partial, SNAPSHOT_FILES.chunks))
  return partial
}

/** Which part of all key hashes is below the end of a prefix. */
const shareBelow = (prefix: string): number => {
  let share = 0
  for (let i = prefix.length - 1; i >= 0; i--) share = (share + prefix.charCodeAt(i)) / 16
  return share + 16 ** -prefix.length
}

function* encodeHandOvers(source: SnapshotSource): Generator<Uint8Array> {
  for (const handOver of source.handOvers()) yield handOverCodec.encode(handOver)
}

function* writeFiles(
  partial: string,
  source: SnapshotSource,
  budgetBytes: number,
): Generator<number, Manifest> {
  const { header } = source
  const chunks: ListedChunk[] = []
  for (const { prefix, leaves } of cutIntoChunks(source.leaves(), budgetBytes)) {
    const { hash } = chunkSubtree(header.height, prefix, leaves).top
    const bytes = writeSnapshotFile(partial, chunkFile(prefix), [encodeChunk(leaves)])
    chunks.push({ prefix, hash, entries: leaves.length, bytes })
    yield shareBelow(prefix)
  }
  const { root } = joinChunks(chunks, header.height)
  if (!bytesEqual(fromLatin1(root), header.stateRoot))
    throw new StorageError(
      'corrupt',
      `the state of block ${header.height} is not the one that its header names: vex state verify says what is wrong`,
    )
  const manifest: Manifest = {
    chainId: header.chainId,
    genesisHash: source.genesisHash,
    height: header.height,
    blockHash: source.blockHash,
    stateRoot: header.stateRoot,
    chunks,
  }
  const write = (name: string, parts: Iterable<Uint8Array>) => writeSnapshotFile(partial, name, parts)
  write(SNAPSHOT_FILES.genesis, [Buffer.from(formatGenesis(source.genesis))])
  write(SNAPSHOT_FILES.handOvers, toRecords(encodeHandOvers(source)))
  write(SNAPSHOT_FILES.block, [source.blockBytes])
  write(SNAPSHOT_FILES.receipts, toRecords(source.receiptBytes))
  write(SNAPSHOT_FILES.manifest, [Buffer.from(formatManifest(manifest))])
  syncFolder(join(partial, SNAPSHOT_FILES.chunks))
  syncFolder(partial)
  return manifest
}

/**
 * In steps of a chunk, so that whoever must not be kept waiting does something else in between. Yields which part of the
 * state is done, from 0 to 1. Throws a {@link SnapshotError} if the folder is there; leaves nothing behind if it ends early.
 */
export function* writeSnapshot(source: SnapshotSource, options: WriteOptions): Generator<number, Manifest> {
  const folder = resolve(options.folder)
  if (existsSync(folder))
    throw new SnapshotError('exists', `${options.folder} is there already: give a folder that is not`)
  const partial = makePartial(folder)
  try {
    const manifest = yield* writeFiles(partial, source, options.chunkBudgetBytes ?? CHUNK_BUDGET_BYTES)
    renameSync(partial, folder)
    syncFolder(dirname(folder))
    return manifest
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}
