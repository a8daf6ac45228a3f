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
/** After a failed write, how long until the next try. */
const RETRY_MS = 10_000

type Pool = Pick<Mempool, 'bytes' | 'transactions'>

export interface Journal {
  /** What the file held, in order, dead transactions and repeats among it. Given up at the first `settle`. */
  readonly recovered: readonly Uint8Array[]
  /** Of a transaction that is in the pool. Returns at once. */
  append(transaction: Uint8Array): void
  /** After each block, never before what was recovered is in the pool again: rewrites the file if that is due. */
  settle(pool: Pool): void
  /** Resolves when all that was asked so far is with the operating system, or has failed to get there. */
  written(): Promise<void>
  /** Idempotent. */
  close(): Promise<void>
}

const encodeRecord = (transaction: Uint8Array): Buffer => {
  const record = Buffer.allocUnsafe(RECORD_HEADER_BYTES + transaction.length)
  record.writeUInt32LE(transaction.length, 0)
  record.writeUInt32LE(crc32(transaction), 4)
  record.set(transaction, RECORD_HEADER_BYTES)
  return record
}

/** The records up to the first that is damaged, and where they end; none if the file is of another kind. */
const decodeRecords = (file: Buffer): { transactions: Uint8Array[]; endBytes: number } => {
  const transactions: Uint8Array[] = []
  if (!file.subarray(0, MAGIC.length).equals(MAGIC)) return { transactions, endBytes: 0 }
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
  return { transactions, endBytes: offset }
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

interface JournalFile {
  readonly handle: FileHandle
  bytes: number
}

/** Opens the file at `path`, or makes it, and cuts off what may be damaged at its end. */
const openFile = async (path: string): Promise<{ file: JournalFile; transactions: Uint8Array[] }> => {
  const handle = await open(path, 'a+')
  try {
    const { size } = await handle.stat()
    const { transactions, endBytes } = decodeRecords(await readStart(handle, Math.min(size, MAX_READ_BYTES)))
    await handle.truncate(endBytes)
    if (endBytes === 0) await handle.appendFile(MAGIC)
    return { file: { handle, bytes: Math.max(endBytes, MAGIC.length) }, transactions }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** Replaces the file at `path`; the old one stays until the new one is complete. */
const replaceFile = async (path: string, transactions: readonly Uint8Array[]): Promise<JournalFile> => {
  const draft = `${path}.new`
  const handle = await open(draft, 'w')
  let chunk: Uint8Array[] = [MAGIC]
  let chunkBytes = MAGIC.length
  let bytes = 0
  const flush = async (): Promise<void> => {
    await handle.appendFile(Buffer.concat(chunk))
    bytes += chunkBytes
    chunk = []
    chunkBytes = 0
  }
  try {
    for (const transaction of transactions) {
      chunk.push(encodeRecord(transaction))
      chunkBytes += RECORD_HEADER_BYTES + transaction.length
      if (chunkBytes >= CHUNK_BYTES) await flush()
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

const toError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))

/** Throws if the file cannot be opened. Later faults go to `onError`, once until writing works again. */
export const openJournal = async (
  path: string,
  { onError }: { readonly onError: (error: Error) => void },
): Promise<Journal> => {
  const opened = await openFile(path)
  let recovered: readonly Uint8Array[] = opened.transactions
  /** None after a failed write: the file may end in half a record. What is lost is in the pool, for a rewrite. */
  let file: JournalFile | undefined = opened.file
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  let rewriteFrom: Pool | undefined
  let failedAtMs: number | undefined
  let work: Promise<void> | undefined
  let isClosed = false

  const takePending = (): Buffer => {
    const batch = Buffer.concat(pending)
    pending = []
    pendingBytes = 0
    return batch
  }

  const appendPending = async (): Promise<void> => {
    const batch = takePending()
    if (file === undefined) return
    await file.handle.appendFile(batch)
    file.bytes += batch.length
  }

  const rewrite = async (pool: Pool): Promise<void> => {
    rewriteFrom = undefined
    const live = Array.from(pool.transactions(), parsed => parsed.bytes)
    // What is pending is in the pool.
    takePending()
    const old = file
    file = await replaceFile(path, live)
    failedAtMs = undefined
    await old?.handle.close()
  }

  const giveUpFile = async (reason: unknown): Promise<void> => {
    if (failedAtMs === undefined) onError(toError(reason))
    failedAtMs = performance.now()
    const broken = file
    file = undefined
    await broken?.handle.close()
  }

  const drain = async (): Promise<void> => {
    while (pending.length > 0 || rewriteFrom !== undefined) {
      // Everything that this turn of the event loop brings goes into one write.
      await nextTurn()
      try {
        await (rewriteFrom === undefined ? appendPending() : rewrite(rewriteFrom))
      } catch (error) {
        await giveUpFile(error)
      }
    }
    work = undefined
  }

  const isRewriteDue = (pool: Pool): boolean => {
    if (file === undefined) return failedAtMs === undefined || performance.now() - failedAtMs >= RETRY_MS
    return file.bytes + pendingBytes > Math.max(REWRITE_MIN_BYTES, REWRITE_FACTOR * pool.bytes)
  }

  return {
    get recovered() {
      return recovered
    },
    append(transaction) {
      if (isClosed) return
      const record = encodeRecord(transaction)
      pending.push(record)
      pendingBytes += record.length
      work ??= drain()
    },
    settle(pool) {
      recovered = []
      if (isClosed || !isRewriteDue(pool)) return
      rewriteFrom = pool
      work ??= drain()
    },
    async written() {
      await work
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await work
      await file?.handle.close()
      file = undefined
    },
  }
}
