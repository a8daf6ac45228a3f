/** Host functions for what a contract keeps. */
import type { Frame } from './frame.ts'
import { define, HOST_LIMITS, type HostFunction, readCharged, readKey } from './host-function.ts'
import { PRICE } from './host-prices.ts'

/** Of an entry in the register; HOST_LIMITS.storageKeyBytes fits. */
const KEY_LENGTH_BYTES = 2

const ITERATION_GAS = {
  base: PRICE.storageNext,
  perByte: PRICE.storageReadByte,
  bytes: 'prefix, start, key and value',
  perItem: PRICE.storagePassed,
  items: 'key on the way that this block deleted',
} as const

export const STORAGE_FUNCTIONS: readonly HostFunction[] = [
  define({
    name: 'storage_read',
    params: ['i32', 'i32'],
    result: 'i32',
    gas: { base: PRICE.storageRead, perByte: PRICE.storageReadByte, bytes: 'key and value' },
    since: 1,
    doc: 'storage_read(key, keyLen): puts the value into the register and returns its length, or -1 if there is none.',
    run(frame, keyPointer, keyLength) {
      const value = frame.host.storageRead(readKey(frame, keyPointer, keyLength))
      if (value === undefined) return -1
      frame.chargeBytes(value.length)
      return frame.toRegister(value)
    },
  }),
  define({
    name: 'storage_write',
    params: ['i32', 'i32', 'i32', 'i32'],
    gas: { base: PRICE.storageWrite, perByte: PRICE.storageWriteByte, bytes: 'key and value' },
    since: 1,
    doc: 'storage_write(key, keyLen, value, valueLen): sets the value of a key.',
    run(frame, keyPointer, keyLength, valuePointer, valueLength) {
      frame.refuseIfStatic()
      const key = readKey(frame, keyPointer, keyLength)
      const value = readCharged(frame, valuePointer, valueLength, HOST_LIMITS.storageValueBytes, 'the value')
      frame.host.storageWrite(key, value)
    },
  }),
  define({
    name: 'storage_delete',
    params: ['i32', 'i32'],
    result: 'i32',
    gas: { base: PRICE.storageDelete, perByte: PRICE.storageReadByte, bytes: 'key' },
    since: 1,
    doc: 'storage_delete(key, keyLen): removes a key. Returns 1 if it had a value, 0 if not.',
    run(frame, keyPointer, keyLength) {
      frame.refuseIfStatic()
      return frame.host.storageDelete(readKey(frame, keyPointer, keyLength)) ? 1 : 0
    },
  }),
  define({
    name: 'storage_has',
    params: ['i32', 'i32'],
    result: 'i32',
    gas: { base: PRICE.storageRead, perByte: PRICE.storageReadByte, bytes: 'key' },
    since: 1,
    doc: 'storage_has(key, keyLen): 1 if the key has a value, 0 if not.',
    run: (frame, keyPointer, keyLength) =>
      frame.host.storageRead(readKey(frame, keyPointer, keyLength)) === undefined ? 0 : 1,
  }),
  define({
    name: 'storage_next',
    params: ['i32', 'i32', 'i32', 'i32'],
    result: 'i32',
    gas: ITERATION_GAS,
    since: 1,
    doc:
      'storage_next(prefix, prefixLen, after, afterLen): the first key in byte order that starts with the prefix and is ' +
      'above `after`, or the first at all if afterLen is 0. Puts u16 length of the key (little-endian), the key and the ' +
      'value into the register and returns their length, or -1 if there is none. Sees what the transaction wrote and ' +
      'deleted. Prefix and `after` take 0 to 256 bytes; nothing is kept open between calls.',
    run: (frame, ...args) => neighbour(frame, args, false),
  }),
  define({
    name: 'storage_previous',
    params: ['i32', 'i32', 'i32', 'i32'],
    result: 'i32',
    gas: ITERATION_GAS,
    since: 1,
    doc:
      'storage_previous(prefix, prefixLen, before, beforeLen): as storage_next, downwards: the last key that starts with ' +
      'the prefix and is below `before`, or the last at all if beforeLen is 0.',
    run: (frame, ...args) => neighbour(frame, args, true),
  }),
]

function neighbour(
  frame: Frame,
  [prefix, prefixLength, beyond, beyondLength]: [number, number, number, number],
  isReverse: boolean,
): number {
  const most = HOST_LIMITS.storageKeyBytes
  const question = {
    prefix: readCharged(frame, prefix, prefixLength, most, 'the prefix'),
    beyond: readCharged(frame, beyond, beyondLength, most, 'the key to start at'),
    isReverse,
  }
  const found = frame.host.storageNext(question, () => frame.chargeItems(1))
  if (found === undefined) return -1
  const { key, value } = found
  frame.chargeBytes(key.length + value.length)
  const entry = new Uint8Array(KEY_LENGTH_BYTES + key.length + value.length)
  new DataView(entry.buffer).setUint16(0, key.length, true)
  entry.set(key, KEY_LENGTH_BYTES)
  entry.set(value, KEY_LENGTH_BYTES + key.length)
  return frame.toRegister(entry)
}
