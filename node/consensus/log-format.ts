/**
 * The bytes of the write-ahead log (wal.ts), apart from any disk.
 *
 *   file  = magic "vexlog1\n" | u32 salt | u32 crc32(magic | salt)            16 bytes
 *   frame = u32 mark | u32 sequence | u32 length | u32 crc32(salt | sequence | length | body) | body
 *   body  = (u32 length | record)*                                            integers little-endian
 *
 * One frame holds what one sync makes durable, and no frame is written before the one ahead of it is durable.
 * Hence on reading:
 * - a bad frame with nothing good after it is a torn write: it is cut off, and how much is reported;
 * - a bad frame with a good one after it is damage to durable records: `log_corrupt`, nothing is signed.
 * (Damage to the very last durable frame looks like a torn write; only a copy elsewhere could tell.)
 * The random salt keeps bytes inside a record, which others may have chosen, from passing as a frame.
 */
import { crc32 } from 'node:zlib'
import { ConsensusError } from './error.ts'

const MAGIC = Buffer.from('vexlog1\n')
export const HEADER_BYTES = 16
const FRAME_HEADER_BYTES = 16
/** Of a record, in front of it. */
const LENGTH_BYTES = 4
const MARK = Buffer.from('vxfr')
/** Longer frames are never written, and not believed when read. */
const MAX_FRAME_BYTES = 512 * 1024 * 1024

/** What every log starts with. */
export const fileHeader = (salt: number): Buffer => {
  const header = Buffer.alloc(HEADER_BYTES)
  MAGIC.copy(header)
  header.writeUInt32LE(salt, 8)
  header.writeUInt32LE(crc32(header.subarray(0, 12)), 12)
  return header
}

/** The salt; throws `log_corrupt`, which names `path`. */
export const readHeader = (file: Buffer, path: string): number => {
  const salt = file.length >= HEADER_BYTES ? file.readUInt32LE(8) : 0
  // Only ever renamed into place complete, so a crash cannot have torn it.
  if (!file.subarray(0, HEADER_BYTES).equals(fileHeader(salt))) throw corrupt(path, 0)
  return salt
}

const frameCrc = (salt: number, header: Buffer, body: readonly Uint8Array[]): number => {
  const prefix = Buffer.alloc(12)
  prefix.writeUInt32LE(salt)
  header.copy(prefix, 4, 4, 12)
  return body.reduce((crc, part) => crc32(part, crc), crc32(prefix))
}

/** Its bytes, or parts of them that follow each other. */
export type LogBytes = Uint8Array | readonly Uint8Array[]

const partsOf = (record: LogBytes): readonly Uint8Array[] =>
  record instanceof Uint8Array ? [record] : record

const lengthOf = (record: LogBytes): number => partsOf(record).reduce((sum, { length }) => sum + length, 0)

/** What a record adds to its frame. */
export const framedBytes = (record: LogBytes): number => LENGTH_BYTES + lengthOf(record)

/** A frame in parts, one after the other, the records as they are: a block is not copied. `sequence`: the frames before it. */
export const toFrame = (
  records: readonly LogBytes[],
  sequence: number,
  salt: number,
): { readonly parts: readonly Uint8Array[]; readonly bytes: number } => {
  const length = records.reduce((sum, record) => sum + framedBytes(record), 0)
  if (length > MAX_FRAME_BYTES)
    throw new RangeError(`a log frame of ${length} bytes; the limit is ${MAX_FRAME_BYTES}`)
  const lengths = Buffer.alloc(LENGTH_BYTES * records.length)
  const body = records.flatMap((record, i) => {
    const at = LENGTH_BYTES * i
    lengths.writeUInt32LE(lengthOf(record), at)
    return [lengths.subarray(at, at + LENGTH_BYTES), ...partsOf(record)]
  })
  const header = Buffer.alloc(FRAME_HEADER_BYTES)
  MARK.copy(header)
  header.writeUInt32LE(sequence, 4)
  header.writeUInt32LE(length, 8)
  header.writeUInt32LE(frameCrc(salt, header, body), 12)
  return { parts: [header, ...body], bytes: FRAME_HEADER_BYTES + length }
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
  return frameCrc(salt, header, [body]) === header.readUInt32LE(12)
    ? { sequence: header.readUInt32LE(4), body }
    : undefined
}

export interface Scan {
  records: Uint8Array[]
  /** Where the good part ends. */
  endBytes: number
  frames: number
}

/** All records of the good frames; throws `log_corrupt`, which names `path`. */
export const scanFrames = (file: Buffer, salt: number, path: string): Scan => {
  const records: Uint8Array[] = []
  let offset = HEADER_BYTES
  let frames = 0
  for (;;) {
    const frame = readFrame(file, offset, salt)
    if (frame === undefined || frame.sequence !== frames) break
    for (let at = 0; at < frame.body.length; ) {
      const start = at + LENGTH_BYTES
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
