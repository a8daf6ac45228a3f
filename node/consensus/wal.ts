/**
 * The write-ahead log: what a validator must not forget, durable before anything that depends on it is sent.
 * Its bytes are log-format.ts's.
 *
 * `append` only collects; `sync` writes all that was collected as ONE frame and waits until it is on disk. No
 * frame is written before the one ahead of it is durable, so a crash can damage the last frame alone, whose
 * records nobody has acted on.
 *
 * A new file and a rewritten one are made beside the log, synced, renamed over it, and the directory synced.
 */
import { randomBytes } from 'node:crypto'
import { constants, fdatasync } from 'node:fs'
import { type FileHandle, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { ConsensusError } from './error.ts'
import {
  fileHeader,
  framedBytes,
  HEADER_BYTES,
  type LogBytes,
  readHeader,
  type Scan,
  scanFrames,
  toFrame,
} from './log-format.ts'

const syncData = promisify(fdatasync)

/**
 * On Linux a write returns when it is on disk: one trip to the thread pool and back instead of two, and all that a vote waits
 * for. Elsewhere the flag may be missing, or trust the drive's cache as macOS does: there fdatasync follows.
 */
const WRITES_THROUGH = process.platform === 'linux' ? constants.O_DSYNC : 0
const openToWrite = (path: string): Promise<FileHandle> => open(path, constants.O_RDWR | WRITES_THROUGH)

export interface WriteAheadLog {
  /** The records found on opening, oldest first. */
  readonly recovered: readonly Uint8Array[]
  /** There was no log. On a validator that has voted before, its votes are then unknown. */
  readonly isNew: boolean
  /** Cut off on opening: the rest of a write that a crash interrupted. */
  readonly droppedBytes: number
  /** Of the file, with what is not yet written. */
  readonly sizeBytes: number
  /** Nobody may change its bytes until they are written. */
  append(record: LogBytes): void
  /** All appended records are on disk when it resolves. One call at a time. */
  sync(): Promise<void>
  /** Replaces the whole log, atomically; nothing may be waiting for a sync. */
  rewrite(records: readonly LogBytes[]): Promise<void>
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
    handle = await guard(path, () => openToWrite(path))
    if (droppedBytes > 0) await guard(path, () => truncate(handle, scan.endBytes))
  }

  let endBytes = scan.endBytes
  let sequence = scan.frames
  let waiting: LogBytes[] = []
  let waitingBytes = 0
  let isClosed = false
  let isSyncing = false
  /** After a failed write or sync nobody knows what is on disk; a second sync may claim success. */
  let failure: unknown

  const assertOpen = () => {
    if (failure !== undefined) throw failure
    if (isClosed) throw new ConsensusError('stopped', 'the consensus log is closed')
  }
  const sync = async () => {
    assertOpen()
    if (isSyncing) throw new RangeError('two syncs of one log at a time')
    if (waiting.length === 0) return
    const frame = toFrame(waiting, sequence, salt)
    waiting = []
    waitingBytes = 0
    isSyncing = true
    try {
      await guard(path, async () => {
        await writeAll(handle, frame.parts, endBytes)
        if (WRITES_THROUGH === 0) await syncData(handle.fd)
      })
    } catch (error) {
      failure = error
      throw error
    } finally {
      isSyncing = false
    }
    endBytes += frame.bytes
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
      waitingBytes += framedBytes(record)
    },
    sync,
    async rewrite(records) {
      assertOpen()
      if (waiting.length > 0) throw new RangeError('rewrite of a log with records that wait for a sync')
      const newSalt = randomBytes(4).readUInt32LE()
      const frames = records.length > 0 ? [toFrame(records, 0, newSalt)] : []
      const parts = [fileHeader(newSalt), ...frames.flatMap(frame => frame.parts)]
      const next = await guard(path, () => replaceFile(path, parts))
      await handle.close()
      handle = next
      salt = newSalt
      sequence = frames.length
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

const readIfExists = async (path: string): Promise<Buffer | undefined> => {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** In one call of the system, but for what a full disk, or a signal, leaves out of it. */
const writeAll = async (handle: FileHandle, parts: readonly Uint8Array[], at: number): Promise<void> => {
  const { bytesWritten } = await handle.writev([...parts], at)
  const left = parts.reduce((sum, part) => sum + part.length, -bytesWritten)
  if (left === 0) return
  const rest = Buffer.concat(parts).subarray(bytesWritten)
  for (let done = 0; done < left; )
    done += (await handle.write(rest, done, left - done, at + bytesWritten + done)).bytesWritten
}

const truncate = async (handle: FileHandle, length: number): Promise<void> => {
  await handle.truncate(length)
  await handle.sync()
}

const within = async (handle: FileHandle, action: (handle: FileHandle) => Promise<void>): Promise<void> => {
  try {
    await action(handle)
  } finally {
    await handle.close()
  }
}

/** After a crash at any point there is the old file or the new one, whole. Gives the new one, open for writing. */
const replaceFile = async (path: string, parts: readonly Uint8Array[]): Promise<FileHandle> => {
  const beside = `${path}.new`
  await within(await open(beside, 'w'), async made => {
    await writeAll(made, parts, 0)
    await made.sync()
  })
  // While it has not its name yet: who fails here still has the old one.
  const handle = await openToWrite(beside)
  try {
    await rename(beside, path)
    await within(await open(dirname(path), 'r'), directory => directory.sync())
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
