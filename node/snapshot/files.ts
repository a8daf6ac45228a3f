/** The files of a snapshot: read with a limit, because they come from anywhere; written so that they are there. */
import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { badFile } from './error.ts'

/** Whoever opens one closes it. Throws a SnapshotError for one that is not there, or is no file. */
const openFile = (folder: string, name: string): { descriptor: number; size: number } => {
  let descriptor: number
  try {
    // Not waiting for whoever writes to it, should it be a pipe.
    descriptor = openSync(join(folder, name), constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR'
    throw badFile(name, isMissing ? 'is missing: fetch it again' : `cannot be read: ${message}`, cause)
  }
  const stats = fstatSync(descriptor)
  if (stats.isFile()) return { descriptor, size: stats.size }
  closeSync(descriptor)
  throw badFile(name, 'is not a file')
}

/** Up to `length` bytes; fewer at the file's end. */
const readUpTo = (descriptor: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  let at = 0
  while (at < length) {
    const count = readSync(descriptor, bytes, at, length - at, null)
    if (count === 0) break
    at += count
  }
  return bytes.subarray(0, at)
}

const readWhole = (folder: string, name: string, checkSize: (size: number) => void): Uint8Array => {
  const { descriptor, size } = openFile(folder, name)
  try {
    checkSize(size)
    return readUpTo(descriptor, size)
  } finally {
    closeSync(descriptor)
  }
}

export const readSnapshotFile = (folder: string, name: string, maxBytes: number): Uint8Array =>
  readWhole(folder, name, size => {
    if (size > maxBytes) throw badFile(name, `has ${size} bytes, and may have ${maxBytes} at most`)
  })

export const readSnapshotText = (folder: string, name: string, maxBytes: number): string =>
  new TextDecoder().decode(readSnapshotFile(folder, name, maxBytes))

/** Of a size that is known. */
export const readSizedFile = (folder: string, name: string, bytes: number): Uint8Array =>
  readWhole(folder, name, size => {
    if (size !== bytes) throw badFile(name, `has ${size} bytes, not ${bytes}: fetch it again`)
  })

const LENGTH_BYTES = 4

/** A file of records, each after its length (u32, big-endian), one at a time. */
export function* readRecords(folder: string, name: string, maxRecordBytes: number): Generator<Uint8Array> {
  const { descriptor } = openFile(folder, name)
  try {
    for (;;) {
      const prefix = readUpTo(descriptor, LENGTH_BYTES)
      if (prefix.length === 0) return
      const length = prefix.length === LENGTH_BYTES ? Buffer.from(prefix).readUInt32BE() : 0
      if (length > maxRecordBytes)
        throw badFile(name, `has a record of ${length} bytes, and one may have ${maxRecordBytes} at most`)
      const record = readUpTo(descriptor, length)
      if (length === 0 || record.length < length) throw badFile(name, 'is cut short: fetch it again')
      yield record
    }
  } finally {
    closeSync(descriptor)
  }
}

/** Writes the parts one after another; on disk when it returns, but for the folder's entry. */
export const writeSnapshotFile = (folder: string, name: string, parts: Iterable<Uint8Array>): number => {
  const path = join(folder, name)
  const descriptor = openSync(path, 'wx')
  let bytes = 0
  try {
    for (const part of parts)
      for (let at = 0; at < part.length; ) {
        const count = writeSync(descriptor, part, at)
        at += count
        bytes += count
      }
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  return bytes
}

export function* toRecords(records: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const record of records) {
    const prefix = Buffer.alloc(LENGTH_BYTES)
    prefix.writeUInt32BE(record.length)
    yield prefix
    yield record
  }
}
