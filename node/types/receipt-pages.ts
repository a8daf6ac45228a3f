/**
 * How the receipts of a block lie in the database: some together under one key, because each key costs as much as the
 * receipt of a transfer.
 *
 *   u64 height | u16 page -> BCS list of receipts, each in bytes
 */
import { putU64 } from './big-endian.ts'
import { byteString, createCodec, list } from './codec.ts'
import type { Height } from './primitives.ts'
import { receiptCodec } from './receipt.ts'

/** Who asks for one reads so many. */
export const RECEIPTS_PER_PAGE = 16
/** Of a page that holds nothing but the largest. */
const MAX_PAGE_BYTES = RECEIPTS_PER_PAGE * (receiptCodec.maxBytes + 8)

const pageCodec = createCodec<Uint8Array[]>(
  list(byteString(receiptCodec.maxBytes), RECEIPTS_PER_PAGE),
  MAX_PAGE_BYTES,
)

export const receiptPageKey = (height: Height, page: number): Uint8Array => {
  const key = new Uint8Array(10)
  putU64(key, height, 0)
  key[8] = page >>> 8
  key[9] = page
  return key
}

/** The page that holds the receipt of the transaction with this index. */
export const pageOfIndex = (index: number): number => Math.floor(index / RECEIPTS_PER_PAGE)

export const decodeReceiptPage = (bytes: Uint8Array): Uint8Array[] => pageCodec.decode(bytes)

/** All pages of a block. */
export function* receiptPages(
  height: Height,
  receipts: readonly Uint8Array[],
): Generator<[key: Uint8Array, value: Uint8Array], undefined> {
  for (let from = 0; from < receipts.length; from += RECEIPTS_PER_PAGE)
    yield [
      receiptPageKey(height, pageOfIndex(from)),
      pageCodec.encode(receipts.slice(from, from + RECEIPTS_PER_PAGE)),
    ]
}
