/**
 * Instrumented contracts on disk, one file each, so that a node that starts again does not instrument them again
 * (vm/instrumented-cache.ts). A file holds a SHA-256 over the key and the entry, then the entry; one that does not match
 * counts as missing and is overwritten. Nothing here is synced, and nothing here can fail a call: what goes wrong is
 * reported, and the code is instrumented again. The folder may be deleted at any time.
 *
 * Several threads may use one folder: files appear and vanish whole.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import type { InstrumentedCache } from '../../vm/instrumented-cache.ts'
import { bytesEqual } from '../types/primitives.ts'
import { makeFolder } from './make-folder.ts'

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024
/** What is left when the folder was over its size, so that not every write after that looks at all files. */
const KEPT_SHARE = 0.75
const CHECKSUM_BYTES = 32
/** A temporary file that nobody can still be writing. */
const ABANDONED_MS = 60_000
const TEMPORARY = '.new'
/** Nothing else names a file here. */
const VALID_KEY = /^[0-9a-z-]{1,160}$/

export interface InstrumentedCacheOptions {
  readonly folder: string
  readonly maxBytes?: number
  /** A file that cannot be read or written, or is damaged. */
  readonly onProblem: (message: string, error?: unknown) => void
}

const checksum = (key: string, entry: Uint8Array): Uint8Array =>
  createHash('sha256').update(key).update('\0').update(entry).digest()

class FolderCache implements InstrumentedCache {
  readonly #folder: string
  readonly #maxBytes: number
  readonly #onProblem: InstrumentedCacheOptions['onProblem']
  /** About what all files have; other threads' writes are seen when it is taken anew. */
  #bytes = 0

  constructor({ folder, maxBytes = DEFAULT_MAX_BYTES, onProblem }: InstrumentedCacheOptions) {
    this.#folder = folder
    this.#maxBytes = maxBytes
    this.#onProblem = onProblem
    this.#try('cannot be opened', () => {
      makeFolder(folder)
      this.#shrink()
    })
  }

  read(key: string): Uint8Array | undefined {
    return this.#try('cannot be read', () => {
      const file = readFileIfThere(this.#path(key))
      if (file === undefined) return undefined
      const entry = file.subarray(CHECKSUM_BYTES)
      if (bytesEqual(file.subarray(0, CHECKSUM_BYTES), checksum(key, entry))) return entry
      this.#onProblem(`${this.#path(key)} is damaged; it is made again`)
      return undefined
    })
  }

  write(key: string, entry: Uint8Array): void {
    this.#try('cannot be written', () => {
      const temporary = `${this.#path(key)}.${process.pid}-${threadId}${TEMPORARY}`
      try {
        writeFileSync(temporary, Buffer.concat([checksum(key, entry), entry]))
        renameSync(temporary, this.#path(key))
      } catch (error) {
        rmSync(temporary, { force: true })
        throw error
      }
      this.#bytes += CHECKSUM_BYTES + entry.length
      if (this.#bytes > this.#maxBytes) this.#shrink()
    })
  }

  #path(key: string): string {
    if (!VALID_KEY.test(key)) throw new RangeError(`${JSON.stringify(key)} cannot name a file`)
    return join(this.#folder, key)
  }

  /** Removes what was never finished, and the oldest files if all together are too large. */
  #shrink(): void {
    const files = readdirSync(this.#folder).flatMap(name => {
      const path = join(this.#folder, name)
      const found = statSync(path, { throwIfNoEntry: false })
      if (found?.isFile() !== true) return []
      if (name.endsWith(TEMPORARY)) {
        if (found.mtimeMs < Date.now() - ABANDONED_MS) rmSync(path, { force: true })
        return []
      }
      return [{ path, bytes: found.size, changedMs: found.mtimeMs }]
    })
    this.#bytes = files.reduce((sum, { bytes }) => sum + bytes, 0)
    if (this.#bytes <= this.#maxBytes) return
    for (const { path, bytes } of files.sort((a, b) => a.changedMs - b.changedMs)) {
      if (this.#bytes <= this.#maxBytes * KEPT_SHARE) break
      rmSync(path, { force: true })
      this.#bytes -= bytes
    }
  }

  #try<T>(what: string, work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      this.#onProblem(`the cache of instrumented contracts in ${this.#folder} ${what}`, error)
      return undefined
    }
  }
}

const readFileIfThere = (path: string): Uint8Array | undefined => {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export const openInstrumentedCache = (options: InstrumentedCacheOptions): InstrumentedCache =>
  new FolderCache(options)
