/** Pages of final transactions out of the index, with cursors that stay true while blocks come and go. */
import type { z } from 'zod'
import type { StoredBlock } from '../chain/store.ts'
import type { Receipt } from '../types/receipt.ts'
import { hasTerm, type Term, type TransactionPlace } from '../types/transaction-terms.ts'
import { type ParsedTransaction, parseTransaction } from '../types/transaction.ts'
import type { ApiBackend } from './backend.ts'
import { readTransactionCursor, transactionCursor } from './cursors.ts'
import type * as inputs from './inputs.ts'
import { hex, viewOutcome, viewTransaction } from './views.ts'

/** Of the blocks that one page is read from: decoding more would keep others waiting. A page may be short for it. */
const MAX_PASSED = 50_000

const after = ({ height, index }: TransactionPlace): TransactionPlace => ({ height, index: index + 1 })

const termOf = (input: z.output<typeof inputs.transactionList>): Term => {
  if ('sender' in input.by) return { kind: 'sender', address: input.by.sender }
  if ('party' in input.by) return { kind: 'party', address: input.by.party }
  return { kind: 'topic', ...input.by }
}

export const viewListed = (
  parsed: ParsedTransaction,
  receipt: Receipt,
  { height, index }: TransactionPlace,
  { block, hash }: StoredBlock,
) => ({
  ...viewTransaction(parsed),
  height: String(height),
  index,
  blockHash: hex(hash),
  timeMs: String(block.header.timeMs),
  outcome: viewOutcome(receipt),
})
type ListedTransaction = ReturnType<typeof viewListed>

export const listTransactions = (backend: ApiBackend, input: z.output<typeof inputs.transactionList>) => {
  const { store, head } = backend.chain
  const term = termOf(input)
  const { limit, cursor } = input
  const isReverse = input.order === 'newest'
  const seen = cursor === undefined ? undefined : readTransactionCursor('cursor:', cursor)
  const keptFrom = { height: store.keptFrom(), index: 0 }
  const afterHead = { height: head.header.height + 1n, index: 0 }
  const places = store.places(term, {
    from: isReverse || seen === undefined ? keptFrom : after(seen),
    to: isReverse && seen !== undefined ? seen : afterHead,
    reverse: isReverse,
    limit: limit + 1,
  })
  const transactions: ListedTransaction[] = []
  let last: TransactionPlace | undefined
  let isMore = places.length > limit
  let passed = 0
  for (const place of places.slice(0, limit)) {
    if (passed > MAX_PASSED) {
      isMore = true
      break
    }
    const stored = store.blockByHeight(place.height)
    if (place.height !== last?.height) passed += stored?.block.transactions.length ?? 0
    last = place
    const receipt = store.receipt(place)
    const bytes = stored?.block.transactions[place.index]
    // Pruned meanwhile.
    if (stored === undefined || receipt === undefined || bytes === undefined) continue
    const parsed = parseTransaction(bytes)
    if (hasTerm(term, parsed, receipt)) transactions.push(viewListed(parsed, receipt, place, stored))
  }
  return {
    transactions,
    /** Give it back for what comes next; `null` where there is no more now. */
    cursor: isMore && last !== undefined ? transactionCursor(last) : null,
    /** Transactions of blocks below this are not kept here any more. */
    keptFrom: String(keptFrom.height),
  }
}
