/**
 * What a block's changes replaced, so that a state of the past can be read: the state now, and over it what each
 * block since then replaced, the oldest on top.
 *
 * A record is, for each changed key: u16 length, key, u32 length of the value and one more, value; 0 for a key that
 * had none. Big-endian.
 */
import { toLatin1 } from '../types/primitives.ts'
import { SortedKeys } from './sorted-keys.ts'
import type { StateChange, StateReader } from './view.ts'
import { firstWrittenOver } from './written-over.ts'

const KEY_LENGTH_BYTES = 2
const VALUE_LENGTH_BYTES = 4

/** `replaced` has each key once, with its value before the block. */
export const encodeUndo = (replaced: readonly StateChange[]): Uint8Array => {
  let size = 0
  for (const { key, value } of replaced)
    size += KEY_LENGTH_BYTES + key.length + VALUE_LENGTH_BYTES + (value?.length ?? 0)
  const record = Buffer.allocUnsafeSlow(size)
  let at = 0
  for (const { key, value } of replaced) {
    at = record.writeUInt16BE(key.length, at)
    record.set(key, at)
    at = record.writeUInt32BE(value === undefined ? 0 : value.length + 1, at + key.length)
    if (value === undefined) continue
    record.set(value, at)
    at += value.length
  }
  return new Uint8Array(record.buffer)
}

/** Calls back with each key, in latin1, and its value, a part of the record. Throws a RangeError for bytes that are no record. */
const readUndo = (
  record: Uint8Array,
  onReplaced: (key: string, value: Uint8Array | undefined) => void,
): void => {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength)
  for (let at = 0; at < record.length; ) {
    const keyEnd = at + KEY_LENGTH_BYTES + view.getUint16(at)
    const length = view.getUint32(keyEnd)
    const end = keyEnd + VALUE_LENGTH_BYTES + Math.max(0, length - 1)
    if (end > record.length) throw new RangeError('a record of replaced values ends too early')
    const start = record.byteOffset + keyEnd + VALUE_LENGTH_BYTES
    const value = length === 0 ? undefined : new Uint8Array(record.buffer, start, length - 1)
    onReplaced(toLatin1(record.subarray(at + KEY_LENGTH_BYTES, keyEnd)), value)
    at = end
  }
}

/** Every key, in latin1, that the blocks of the records changed, with its value before the first of them. Oldest first. */
export const replacedValues = (records: Iterable<Uint8Array>): Map<string, Uint8Array | undefined> => {
  const values = new Map<string, Uint8Array | undefined>()
  for (const record of records)
    readUndo(record, (key, value) => {
      if (!values.has(key)) values.set(key, value?.slice())
    })
  return values
}

/** The state before the block of the first record. `records` are of consecutive blocks, oldest first, up to `now`. */
export const stateBefore = (now: StateReader, records: Iterable<Uint8Array>): StateReader => {
  const values = replacedValues(records)
  let keys: SortedKeys | undefined
  return {
    get(key) {
      const name = toLatin1(key)
      return values.has(name) ? values.get(name) : now.get(key)
    },
    // Deletions on the way are the blocks', not a transaction's: nobody hears of them (LayerReader).
    first(range) {
      keys ??= new SortedKeys(values.keys())
      return firstWrittenOver(
        { keys, valueOf: key => values.get(key) },
        rest => now.first(rest),
        range,
        () => undefined,
      )
    },
  }
}
