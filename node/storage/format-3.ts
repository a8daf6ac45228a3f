/**
 * Keys of data format 3, for the migrations that lead to it and from it. Everything else knows the present format alone.
 *
 *   stale_tree_nodes    u64 version they went stale | node key       -> nothing
 *   receipts            u64 height | u32 index                       -> receipt
 *   transaction_index   term | u64 height | u32 index                -> nothing
 *
 * Keys of the present format have other lengths in each of these columns.
 */
import type { Receipt } from '../types/receipt.ts'
import type { ParsedTransaction } from '../types/transaction.ts'
import { placeKey, termNames, type TransactionPlace } from '../types/transaction-terms.ts'

export const receiptKey3 = placeKey

export const indexKeys3 = (
  parsed: ParsedTransaction,
  receipt: Receipt,
  place: TransactionPlace,
): Uint8Array[] =>
  termNames(parsed, receipt).map(name => Buffer.concat([Buffer.from(name, 'latin1'), placeKey(place)]))

/** Shorter than any entry of a node in format 3. */
export const STALE_PAGE_KEY_BYTES = 12
export const STALE_VERSION_BYTES = 8
