/**
 * The write-ahead log: what a validator must not forget, durable before anything that depends on it is sent.
 *
 *   file  = magic "vexlog1\n" | u32 salt | u32 crc32(magic | salt)            16 bytes
 *   frame = u32 mark | u32 sequence | u32 length | u32 crc32(salt | sequence | length | body) | body
 *   body  = (u32 length | record)*                                            integers little-endian
 *
 * `append` only collects; `sync` writes all that was collected as ONE frame and waits until it is on disk. No
 * frame is written before the one ahead of it is durable, so a crash can damage the last frame alone, whose
 * records nobody has acted on. Hence on opening:
 * - a bad frame with nothing good after it is a torn write: it is cut off, and how much is reported;
 * - a bad frame with a good one after it is damage to durable records: `log_corrupt`, nothing is signed.
 * (Damage to the very last durable frame looks like a torn write; only a copy elsewhere could tell.)
 * The random salt keeps bytes inside a record, which others may have chosen, from passing as a frame.
 *
 * A new file and a rewritten one are made beside the log, synced, renamed over it, and the directory synced.
 */
import { randomBytes } from 'node:crypto'
import { fdatasync } from 'node:fs'
import { type FileHandle, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import { ConsensusError } from './error.ts'

const MAGIC = Buffer.from('vexlog1\n')
const HEADER_BYTES = 16
const FRAME_HEADER_BYTES = 16
const MARK = Buffer.from('vxfr')
/** Longer frames are never written, and not believed when read. */
const MAX_FRAME_BYTES = 512 * 1024 * 1024

const syncData = promisify(fdatasync)

export interface WriteAheadLog {
  /** The records found on opening, oldest first. */
  readonly recovered: readonly Uint8Array[]
  /** There was no log. On a validator that has voted before, its votes are then unknown. */
  readonly isNew: boolean
  /** Cut off on opening: the rest of a write that a crash interrupted. */
  readonly droppedBytes: number
  /** Of the file, with what is not yet written. */
  readonly sizeBytes: number
  append(record: Uint8Array): void
  /** All appended records are on disk when it resolves. One call at a time. */
  sync(): Promise<void>
  /** Replaces the whole log, atomically; nothing may be waiting for a sync. */
  rewrite(records: readonly Uint8Array[]): Promise<void>
  /** Writes what is left, then closes. After a failure it only closes. */
  close(): Promise<void>
}

export const openLog = async (path: string): Promise<WriteAheadLog> => {
  const found = await guard(path, () => readIfExists(path))
  let salt: number
  let handle: FileHandle
  let scan: Scan = { records: [], endBytes: HEADER_BYTES, frames: 0 }
  let droppedBytes = 0
  if (found === undefined) {
    salt = randomBytes(4).readUInt32LE()
    handle = await guard(path, () => replaceFile(path, [fileHeader(salt)]))
  } else {
    salt = readHeader(found, path)
    scan = scanFrames(found, salt, path)
    droppedBytes = found.length - scan.endBytes
    handle = await guard(path, () => open(path, 'r+'))
    if (droppedBytes > 0) await guard(path, () => truncate(handle, scan.endBytes))
  }

  let endBytes = scan.endBytes
  let sequence = scan.frames
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  let isClosed = false
  /** After a failed write or sync nobody knows what is on disk; a second sync may claim success. */
  let failure: unknown

  const assertOpen = () => {
    if (failure !== undefined) throw failure
    if (isClosed) throw new ConsensusError('stopped', 'the consensus log is closed')
  }
  const sync = async () => {
    assertOpen()
    if (waiting.length === 0) return
    const frame = toFrame(waiting, sequence, salt)
    waiting = []
    waitingBytes = 0
    try {
      await guard(path, async () => {
        for (let at = 0; at < frame.length; ) {
          const { bytesWritten } = await handle.write(frame, at, frame.length - at, endBytes + at)
          at += bytesWritten
        }
        await syncData(handle.fd)
      })
    } catch (error) {
      failure = error
      throw error
    }
    endBytes += frame.length
    sequence++
  }

  return {
    recovered: scan.records,
    isNew: found === undefined,
    droppedBytes,
    get sizeBytes() {
      return endBytes + waitingBytes
    },
    append(record) {
      assertOpen()
      waiting.push(record)
      waitingBytes += record.length + 4
    },
    sync,
    async rewrite(records) {
      assertOpen()
      if (waiting.length > 0) throw new RangeError('rewrite of a log with records that wait for a sync')
      const newSalt = randomBytes(4).readUInt32LE()
      const parts = [fileHeader(newSalt)]
      if (records.length > 0) parts.push(toFrame(records, 0, newSalt))
      const next = await guard(path, () => replaceFile(path, parts))
      await handle.close()
      handle = next
      salt = newSalt
      sequence = parts.length - 1
      endBytes = parts.reduce((sum, part) => sum + part.length, 0)
    },
    async close() {
      if (isClosed) return
      try {
        if (failure === undefined) await sync()
      } finally {
        isClosed = true
        await handle.close()
      }
    },
  }
}

const fileHeader = (salt: number): Buffer => {
  const header = Buffer.alloc(HEADER_BYTES)
  MAGIC.copy(header)
  header.writeUInt32LE(salt, 8)
  header.writeUInt32LE(crc32(header.subarray(0, 12)), 12)
  return header
}

const readHeader = (file: Buffer, path: string): number => {
  const salt = file.length >= HEADER_BYTES ? file.readUInt32LE(8) : 0
  // Only ever renamed into place complete, so a crash cannot have torn it.
  if (!file.subarray(0, HEADER_BYTES).equals(fileHeader(salt))) throw corrupt(path, 0)
  return salt
}

const frameCrc = (salt: number, header: Buffer, body: Buffer): number => {
  const prefix = Buffer.alloc(12)
  prefix.writeUInt32LE(salt)
  header.copy(prefix, 4, 4, 12)
  return crc32(body, crc32(prefix))
}

const toFrame = (records: readonly Uint8Array[], sequence: number, salt: number): Buffer => {
  const length = records.reduce((sum, record) => sum + 4 + record.length, 0)
  if (length > MAX_FRAME_BYTES)
    throw new RangeError(`a log frame of ${length} bytes; the limit is ${MAX_FRAME_BYTES}`)
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + length)
  let at = FRAME_HEADER_BYTES
  for (const record of records) {
    at = frame.writeUInt32LE(record.length, at)
    frame.set(record, at)
    at += record.length
  }
  MARK.copy(frame)
  frame.writeUInt32LE(sequence, 4)
  frame.writeUInt32LE(length, 8)
  frame.writeUInt32LE(frameCrc(salt, frame, frame.subarray(FRAME_HEADER_BYTES)), 12)
  return frame
}

/** The body of the frame at `offset`, if it is whole; of any sequence number. */
const readFrame = (
  file: Buffer,
  offset: number,
  salt: number,
): { sequence: number; body: Buffer } | undefined => {
  const header = file.subarray(offset, offset + FRAME_HEADER_BYTES)
  if (header.length < FRAME_HEADER_BYTES || !header.subarray(0, 4).equals(MARK)) return undefined
  const length = header.readUInt32LE(8)
  const start = offset + FRAME_HEADER_BYTES
  if (length > MAX_FRAME_BYTES || start + length > file.length) return undefined
  const body = file.subarray(start, start + length)
  return frameCrc(salt, header, body) === header.readUInt32LE(12)
    ? { sequence: header.readUInt32LE(4), body }
    : undefined
}

interface Scan {
  records: Uint8Array[]
  /** Where the good part ends. */
  endBytes: number
  frames: number
}

const scanFrames = (file: Buffer, salt: number, path: string): Scan => {
  const records: Uint8Array[] = []
  let offset = HEADER_BYTES
  let frames = 0
  for (;;) {
    const frame = readFrame(file, offset, salt)
    if (frame === undefined || frame.sequence !== frames) break
    for (let at = 0; at < frame.body.length; ) {
      const start = at + 4
      at = start + frame.body.readUInt32LE(at)
      records.push(Uint8Array.from(frame.body.subarray(start, at)))
    }
    offset += FRAME_HEADER_BYTES + frame.body.length
    frames++
  }
  for (let at = file.indexOf(MARK, offset); at >= 0; at = file.indexOf(MARK, at + 1))
    if (readFrame(file, at, salt) !== undefined) throw corrupt(path, offset)
  return { records, endBytes: offset, frames }
}

const corrupt = (path: string, offset: number): ConsensusError =>
  new ConsensusError(
    'log_corrupt',
    `the consensus log ${path} is damaged at byte ${offset}, in a part that was already durable: which votes ` +
      `this validator has cast is unknown, so it must not vote. Check the disk. To follow the chain without ` +
      `voting, start without the vote key. To vote again, put a good copy of this very file back, or register a new vote key`,
  )

const readIfExists = async (path: string): Promise<Buffer | undefined> => {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const truncate = async (handle: FileHandle, length: number): Promise<void> => {
  await handle.truncate(length)
  await handle.sync()
}

/** After a crash at any point there is the old file or the new one, whole. The handle stays open for writing. */
const replaceFile = async (path: string, parts: readonly Buffer[]): Promise<FileHandle> => {
  const beside = `${path}.new`
  const handle = await open(beside, 'w')
  try {
    for (const part of parts) await handle.appendFile(part)
    await handle.sync()
    await rename(beside, path)
    const directory = await open(dirname(path), 'r')
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  } catch (error) {
    await handle.close()
    throw error
  }
  return handle
}

/** Turns the system's errors into sentences. */
const guard = async <T>(path: string, action: () => Promise<T>): Promise<T> => {
  try {
    return await action()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new ConsensusError(
        'disk_full',
        `no space left for the consensus log ${path}: voting stopped before anything unlogged was sent. Free space and start again`,
        { cause: error },
      )
    }
    throw new ConsensusError('io', `the consensus log ${path} cannot be read or written: ${String(error)}`, {
      cause: error,
    })
  }
}
