/**
 * The signer's floor: up to where this key has certainly signed, apart from the log. A log that knows less is an
 * older copy, put back from a backup: what was signed since is unknown, and must not be signed again differently.
 *
 * Written after the log and beside the sending, so that it costs no vote a second sync: it may lag behind the log by
 * what was signed in the last moments, and never runs ahead of it. It helps only where it is not put back together
 * with the log: keep it out of backups.
 *
 *   file = two slots of 128 bytes, written in turn; the good one with the higher sequence counts
 *   slot = "vexfloor" | u64 sequence | u64 epoch | u64 view | u8 kinds | 32 bytes owner | u32 crc32      little-endian
 */
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { ConsensusError } from './error.ts'
import { coversMark, raiseMark, type SignedMark } from './signed-mark.ts'

const MAGIC = Buffer.from('vexfloor')
const SLOT_BYTES = 128
const OWNER_BYTES = 32
const OWNER_AT = MAGIC.length + 3 * 8 + 1
const CRC_AT = OWNER_AT + OWNER_BYTES
/** Between two writes: what a backup could be too old by, unseen. */
const DEFAULT_INTERVAL_MS = 200

export interface SignerFloor {
  readonly mark: SignedMark | undefined
  /** Returns at once; written within the interval. Throws if the last write failed. */
  raise(mark: SignedMark): void
  /** Writes what is left. */
  close(): Promise<void>
}

export interface FloorOptions {
  readonly path: string
  /** 32 bytes that stand for chain and key: a floor says nothing about another's. */
  readonly owner: Uint8Array
  readonly intervalMs?: number
}

interface Slot {
  readonly sequence: bigint
  readonly mark: SignedMark
  readonly owner: Buffer
}

const toSlot = (sequence: bigint, { epoch, view, kinds }: SignedMark, owner: Uint8Array): Buffer => {
  const slot = Buffer.alloc(SLOT_BYTES)
  MAGIC.copy(slot)
  slot.writeBigUInt64LE(sequence, 8)
  slot.writeBigUInt64LE(epoch, 16)
  slot.writeBigUInt64LE(view, 24)
  slot.writeUInt8(kinds, 32)
  slot.set(owner, OWNER_AT)
  slot.writeUInt32LE(crc32(slot.subarray(0, CRC_AT)), CRC_AT)
  return slot
}

const readSlot = (slot: Buffer): Slot | undefined => {
  if (slot.length < SLOT_BYTES || !slot.subarray(0, 8).equals(MAGIC)) return undefined
  if (crc32(slot.subarray(0, CRC_AT)) !== slot.readUInt32LE(CRC_AT)) return undefined
  return {
    sequence: slot.readBigUInt64LE(8),
    mark: { epoch: slot.readBigUInt64LE(16), view: slot.readBigUInt64LE(24), kinds: slot.readUInt8(32) },
    owner: slot.subarray(OWNER_AT, CRC_AT),
  }
}

/** What the floor's bytes say; throws `log_corrupt` if there is something, but no good slot. */
export const readFloor = (file: Buffer, path: string): Slot | undefined => {
  const slots = [readSlot(file.subarray(0, SLOT_BYTES)), readSlot(file.subarray(SLOT_BYTES))]
  const best = slots.reduce((a, b) => (a === undefined || (b && b.sequence > a.sequence) ? b : a), undefined)
  // A crash during the very first write, to the second slot, leaves the first one empty.
  if (best === undefined && file.subarray(0, SLOT_BYTES).some(byte => byte !== 0)) {
    throw new ConsensusError(
      'log_corrupt',
      `the signer's floor ${path} is damaged: up to where this validator has signed is unknown, so it must not vote. Put a good copy back`,
    )
  }
  return best
}

/** Throws `log_corrupt` if the file holds something, but no good slot; `log_foreign` if it is another's. */
export const openFloor = async (options: FloorOptions): Promise<SignerFloor> => {
  const { path, owner, intervalMs = DEFAULT_INTERVAL_MS } = options
  const handle = await openOrMake(path)
  const file = await handle.readFile()
  let best: Slot | undefined
  try {
    best = readFloor(file, path)
  } catch (error) {
    await handle.close()
    throw error
  }
  if (best !== undefined && !best.owner.equals(owner)) {
    await handle.close()
    throw new ConsensusError('log_foreign', `the signer's floor ${path} belongs to another chain or vote key`)
  }

  let mark = best?.mark
  let written = mark
  let sequence = best?.sequence ?? 0n
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let failure: ConsensusError | undefined

  const write = async (): Promise<void> => {
    if (mark === undefined || failure !== undefined || (written !== undefined && coversMark(written, mark)))
      return
    const next = mark
    try {
      sequence++
      const at = sequence % 2n === 0n ? 0 : SLOT_BYTES
      await handle.write(toSlot(sequence, next, owner), 0, SLOT_BYTES, at)
      await handle.datasync()
      written = next
    } catch (cause) {
      failure = toFloorError(path, 'written', cause)
    }
  }

  return {
    get mark() {
      return mark
    },
    raise(by) {
      if (failure !== undefined) throw failure
      mark = raiseMark(mark, by)
      timer ??= setTimeout(() => {
        timer = undefined
        running = write()
      }, intervalMs)
    },
    async close() {
      clearTimeout(timer)
      await running
      await write()
      await handle.close()
    },
  }
}

const openOrMake = async (path: string): Promise<FileHandle> => {
  try {
    return await open(path, 'r+')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw toFloorError(path, 'opened', error)
  }
  try {
    const handle = await open(path, 'wx+')
    await handle.sync()
    const directory = await open(dirname(path), 'r')
    await directory.sync()
    await directory.close()
    return handle
  } catch (error) {
    throw toFloorError(path, 'opened', error)
  }
}

const toFloorError = (path: string, verb: 'opened' | 'written', cause: unknown): ConsensusError => {
  const { code } = cause as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new ConsensusError(
        'disk_full',
        `no space left for the signer's floor ${path}: voting stopped. Nothing is corrupted. Free space and start again`,
        { cause },
      )
    : new ConsensusError('io', `the signer's floor ${path} cannot be ${verb}: ${String(cause)}`, { cause })
}
