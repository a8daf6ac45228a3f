/**
 * The pool's memory across restarts: a file to which every accepted transaction is appended.
 *
 *   "vexpool1", then records: u32 length | u32 CRC-32 | bytes of a transaction        (little-endian)
 *
 * It survives the death of the process, not of the machine: records are handed to the operating system in
 * batches, without a flush to the disk. A record cut short ends the file. What is read back is bytes, to be
 * checked as if somebody had just sent them.
 *
 * The file holds dead transactions too; once it is twice the size of the live ones it is written anew beside
 * itself and renamed. The same repairs it after a failed write (a full disk), which costs nothing but the
 * journal: the pool goes on.
 */
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { LIMITS } from '../params.ts'
import type { Mempool } from './mempool.ts'

const MAGIC = Buffer.from('vexpool1')
const RECORD_HEADER_BYTES = 8
const REWRITE_FACTOR = 2
/** Below this size a file is not worth rewriting. */
const REWRITE_MIN_BYTES = 4 * 1024 * 1024
/** Reads no more than this; a pool at its limit, rewritten in time, stays well below. */
const MAX_READ_BYTES = 256 * 1024 * 1024
const CHUNK_BYTES = 1024 * 1024
const FIRST_BYTES = 4 * 1024
/** Of memory, for the next records. */
const MAX_KEPT_BYTES = 512 * 1024
/** After a failed write, how long until the next try. */
const RETRY_MS = 10_000

export interface Journal {
  /** Of a transaction that is in the pool. Returns at once. */
  append(transaction: Uint8Array): void
  /** Resolves when all that was appended so far is with the operating system, or has failed to get there. */
  written(): Promise<void>
  /** Leaves a file with the live transactions only. Idempotent. */
  close(): Promise<void>
}

export interface JournalOptions {
  readonly path: string
  readonly pool: Pick<Mempool, 'bytes' | 'transactions'>
  /** A write failed (a full disk). Called once until writing works again. */
  readonly onError: (error: unknown) => void
}

/** Records one after another in memory that is used again. */
class Records {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #size = 0

  get size(): number {
    return this.#size
  }

  add(transaction: Uint8Array): void {
    const at = this.#size
    this.#size += RECORD_HEADER_BYTES + transaction.length
    if (this.#size > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.#size))
      larger.set(this.#bytes.subarray(0, at))
      this.#bytes = larger
    }
    this.#bytes.writeUInt32LE(transaction.length, at)
    this.#bytes.writeUInt32LE(crc32(transaction), at + 4)
    this.#bytes.set(transaction, at + RECORD_HEADER_BYTES)
  }

  /** Good until more is added, or they are cleared. */
  written(): Buffer {
    return this.#bytes.subarray(0, this.#size)
  }

  clear(): void {
    this.#size = 0
    if (this.#bytes.length > MAX_KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  }
}

/** The records up to the first that is damaged; none if the file is of another kind. */
const decodeRecords = (file: Buffer): Uint8Array[] => {
  const transactions: Uint8Array[] = []
  if (!file.subarray(0, MAGIC.length).equals(MAGIC)) return transactions
  let offset = MAGIC.length
  while (offset + RECORD_HEADER_BYTES <= file.length) {
    const length = file.readUInt32LE(offset)
    const start = offset + RECORD_HEADER_BYTES
    if (length > LIMITS.transactionBytes || start + length > file.length) break
    const transaction = Uint8Array.from(file.subarray(start, start + length))
    if (crc32(transaction) !== file.readUInt32LE(offset + 4)) break
    transactions.push(transaction)
    offset = start + length
  }
  return transactions
}

const readStart = async (handle: FileHandle, bytes: number): Promise<Buffer> => {
  const start = Buffer.alloc(bytes)
  let read = 0
  while (read < bytes) {
    const { bytesRead } = await handle.read(start, read, bytes - read, read)
    if (bytesRead === 0) break
    read += bytesRead
  }
  return start.subarray(0, read)
}

/** What the journal at `path` holds, in order, dead transactions and repeats among it; nothing if there is none. */
export const readJournal = async (path: string): Promise<Uint8Array[]> => {
  let handle: FileHandle
  try {
    handle = await open(path, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
  try {
    const { size } = await handle.stat()
    return decodeRecords(await readStart(handle, Math.min(size, MAX_READ_BYTES)))
  } finally {
    await handle.close()
  }
}

interface JournalFile {
  readonly handle: FileHandle
  bytes: number
}

/** Replaces the file at `path`; the old one stays until the new one is complete. */
const replaceFile = async (path: string, transactions: readonly Uint8Array[]): Promise<JournalFile> => {
  const draft = `${path}.new`
  const handle = await open(draft, 'w')
  const records = new Records()
  let bytes = MAGIC.length
  const flush = async (): Promise<void> => {
    await handle.appendFile(records.written())
    bytes += records.size
    records.clear()
  }
  try {
    await handle.appendFile(MAGIC)
    for (const transaction of transactions) {
      records.add(transaction)
      if (records.size >= CHUNK_BYTES) await flush()
    }
    await flush()
    await rename(draft, path)
    return { handle, bytes }
  } catch (error) {
    await handle.close()
    await rm(draft, { force: true })
    throw error
  }
}

/**
 * Replaces the file at `path` by what the pool holds: read it and fill the pool first. Does not throw for a
 * disk that fails; `onError` hears of it.
 */
export const openJournal = async ({ path, pool, onError }: JournalOptions): Promise<Journal> => {
  /** None after a failed write: the file may end in half a record. What is lost is in the pool, for a rewrite. */
  let file: JournalFile | undefined
  /** What waits, and what is being written. */
  let pending = new Records()
  let leaving = new Records()
  let failedAtMs: number | undefined
  let work: Promise<void> | undefined
  let closing: Promise<void> | undefined

  const giveUpFile = async (error: unknown): Promise<void> => {
    if (failedAtMs === undefined) onError(error)
    failedAtMs = performance.now()
    const broken = file
    file = undefined
    // The fault is reported; another of the same file says nothing more.
    await broken?.handle.close().catch(() => undefined)
  }

  const rewrite = async (): Promise<void> => {
    const live = Array.from(pool.transactions(), parsed => parsed.bytes)
    // What is pending is in the pool.
    pending.clear()
    const old = file
    try {
      file = await replaceFile(path, live)
      failedAtMs = undefined
      await old?.handle.close()
    } catch (error) {
      await giveUpFile(error)
    }
  }

  const writePending = async (): Promise<void> => {
    if (file === undefined) {
      if (failedAtMs === undefined || performance.now() - failedAtMs >= RETRY_MS) await rewrite()
      else pending.clear()
    } else if (file.bytes + pending.size > Math.max(REWRITE_MIN_BYTES, REWRITE_FACTOR * pool.bytes)) {
      await rewrite()
    } else {
      ;[pending, leaving] = [leaving, pending]
      try {
        await file.handle.appendFile(leaving.written())
        file.bytes += leaving.size
      } catch (error) {
        await giveUpFile(error)
      }
      leaving.clear()
    }
  }

  const drain = async (): Promise<void> => {
    while (pending.size > 0) {
      // Everything that this turn of the event loop brings goes into one write.
      await nextTurn()
      await writePending()
    }
    work = undefined
  }

  const close = async (): Promise<void> => {
    await work
    await rewrite()
    await file?.handle.close()
  }

  await rewrite()

  return {
    append(transaction) {
      if (closing !== undefined) return
      pending.add(transaction)
      work ??= drain()
    },
    async written() {
      await work
    },
    close() {
      closing ??= close()
      return closing
    },
  }
}
