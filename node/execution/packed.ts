/** Many byte strings in one buffer, which changes threads without a copy for each. */
import { ADDRESS_BYTES, HASH_BYTES, toAddress, toHash } from '../types/primitives.ts'
import type { NamedTransaction } from '../types/transaction.ts'

export interface Packed {
  readonly data: Uint8Array<ArrayBuffer>
  readonly lengths: Uint32Array<ArrayBuffer>
}

export const pack = (items: readonly Uint8Array[]): Packed => {
  const lengths = Uint32Array.from(items, ({ length }) => length)
  const data = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0))
  let at = 0
  for (const item of items) {
    data.set(item, at)
    at += item.length
  }
  return { data, lengths }
}

/** To hand to another thread; here they are empty then. */
export const packedBuffers = ({ data, lengths }: Packed): ArrayBuffer[] => [data.buffer, lengths.buffer]

/** Views of the one buffer, which stays as long as one of them does: copy what outlives the others. */
export const unpack = ({ data, lengths }: Packed): Uint8Array[] => {
  let at = 0
  return Array.from(lengths, length => data.subarray(at, (at += length)))
}

/** Transactions, each with its id and its sender's address: two hashes that the other thread need not make again. */
export interface PackedTransactions {
  readonly bytes: Packed
  readonly names: Uint8Array<ArrayBuffer>
}

const NAME_BYTES = HASH_BYTES + ADDRESS_BYTES

export const packTransactions = (transactions: readonly NamedTransaction[]): PackedTransactions => {
  const names = new Uint8Array(transactions.length * NAME_BYTES)
  transactions.forEach(({ id, sender }, i) => {
    names.set(id, i * NAME_BYTES)
    names.set(sender, i * NAME_BYTES + HASH_BYTES)
  })
  return { bytes: pack(transactions.map(({ bytes }) => bytes)), names }
}

export const packedTransactionBuffers = ({ bytes, names }: PackedTransactions): ArrayBuffer[] => [
  ...packedBuffers(bytes),
  names.buffer,
]

/** Views of the buffers, as {@link unpack} has it, each made when it is asked for. */
export function* unpackTransactions({ bytes, names }: PackedTransactions): Generator<NamedTransaction> {
  let start = 0
  for (const [i, length] of bytes.lengths.entries()) {
    const at = i * NAME_BYTES
    const end = start + length
    yield {
      bytes: bytes.data.subarray(start, end),
      id: toHash(names.subarray(at, at + HASH_BYTES)),
      sender: toAddress(names.subarray(at + HASH_BYTES, at + NAME_BYTES)),
    }
    start = end
  }
}
