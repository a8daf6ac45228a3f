/**
 * The snapshots that a node has for its peers: folders that were made whole (snapshot/write.ts), each under the height of
 * its block, side by side in one folder. A name that is no height is none of them: what is being made has another.
 */
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { SnapshotError } from '../snapshot/error.ts'
import { readSnapshotText } from '../snapshot/files.ts'
import { FILE_LIMITS, parseManifest, SNAPSHOT_FILES } from '../snapshot/manifest.ts'
import { bytesEqual, type Hash, type Height, toHash } from '../types/primitives.ts'
import type { ListedSnapshot, SnapshotPartAnswer, SnapshotPartRequest } from './messages.ts'

export interface SnapshotShelf {
  /** Newest first. */
  list(): ListedSnapshot[]
  /** `undefined`: no such snapshot, file or place in it. */
  read(
    part: Pick<SnapshotPartRequest, 'height' | 'manifestHash' | 'file' | 'offset'>,
    maxBytes: number,
  ): Promise<SnapshotPartAnswer | undefined>
}

const FOLDER = /^[1-9]\d{0,19}$/
const CHUNK = new RegExp(`^${SNAPSHOT_FILES.chunks}/(all|[0-9a-f]{1,64})$`)
const { chunks: _, ...SINGLE_FILES } = SNAPSHOT_FILES
const NAMES: readonly string[] = Object.values(SINGLE_FILES)

/** A name from outside: never a path to anything else. */
export const isSnapshotFile = (name: string): boolean => NAMES.includes(name) || CHUNK.test(name)

export const hashManifest = (text: string): Hash => toHash(createHash('sha256').update(text).digest())

const readPart = async (
  file: FileHandle,
  offset: number,
  maxBytes: number,
): Promise<SnapshotPartAnswer | undefined> => {
  const { size } = await file.stat()
  if (offset > size || (offset === size && size > 0)) return undefined
  const bytes = new Uint8Array(Math.min(maxBytes, size - offset))
  const { bytesRead } = await file.read(bytes, 0, bytes.length, offset)
  return { fileBytes: BigInt(size), bytes: bytes.subarray(0, bytesRead) }
}

/** `folder` need not be there yet. What is put into it or taken away is noticed. */
export const openSnapshotShelf = (folder: string): SnapshotShelf => {
  /** By height; a whole snapshot never changes. `undefined`: one that cannot be read. */
  const known = new Map<Height, ListedSnapshot | undefined>()

  const readListed = (height: Height): ListedSnapshot | undefined => {
    try {
      const text = readSnapshotText(
        join(folder, String(height)),
        SNAPSHOT_FILES.manifest,
        FILE_LIMITS.manifest,
      )
      const manifest = parseManifest(text)
      if (manifest.height !== height) return undefined
      return { height, blockHash: manifest.blockHash, manifestHash: hashManifest(text) }
    } catch (error) {
      if (error instanceof SnapshotError) return undefined
      throw error
    }
  }
  const heights = (): Height[] => {
    try {
      return readdirSync(folder)
        .filter(name => FOLDER.test(name))
        .map(BigInt)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  const list = (): ListedSnapshot[] => {
    const there = new Set(heights())
    for (const height of known.keys()) if (!there.has(height)) known.delete(height)
    for (const height of there) if (!known.has(height)) known.set(height, readListed(height))
    return [...known.values()]
      .filter(listed => listed !== undefined)
      .sort((a, b) => (a.height > b.height ? -1 : 1))
  }

  return {
    list,
    async read({ height, manifestHash, file, offset }, maxBytes) {
      const listed = known.get(height) ?? list().find(other => other.height === height)
      if (listed === undefined || !bytesEqual(listed.manifestHash, manifestHash) || !isSnapshotFile(file))
        return undefined
      let handle: FileHandle | undefined
      try {
        handle = await open(join(folder, String(height), file))
        return await readPart(handle, Number(offset), maxBytes)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      } finally {
        await handle?.close()
      }
    },
  }
}
