/** The API's part about transactions that wait for a block. */
import { z } from 'zod'
import { type Address, bytesEqual, toHex } from '../types/primitives.ts'
import { type NamedTransaction, parseAgain } from '../types/transaction.ts'
import * as inputs from './inputs.ts'
import * as outputs from './outputs.ts'
import { answer } from './route.ts'
import { query, router } from './trpc.ts'
import { hex, viewTransaction } from './views.ts'

const MAX_LISTED = 200

/** The first `limit` by id of those after `after`, in one pass over a pool of any size. */
export const pageOfPool = (
  pool: Iterable<NamedTransaction>,
  { after, limit, sender }: { after: string | undefined; limit: number; sender: Address | undefined },
): NamedTransaction[] => {
  const page: { readonly key: string; readonly transaction: NamedTransaction }[] = []
  for (const transaction of pool) {
    if (sender !== undefined && !bytesEqual(transaction.sender, sender)) continue
    const key = toHex(transaction.id)
    const last = page.at(-1)
    if ((after !== undefined && key <= after) || (page.length === limit && last && key >= last.key)) continue
    const place = page.findIndex(each => each.key > key)
    page.splice(place === -1 ? page.length : place, 0, { key, transaction })
    if (page.length > limit) page.pop()
  }
  return page.map(({ transaction }) => transaction)
}

export const mempool = router({
  /** By id, so that whatever waits all the while is in exactly one page. */
  list: query
    .meta({ method: 'GET', path: '/mempool', summary: 'Transactions that wait for a block' })
    .input(
      z
        .strictObject({
          sender: inputs.address.optional(),
          limit: z.int().min(1).max(MAX_LISTED).default(50),
          /** Of the page before. */
          cursor: inputs.hash.optional(),
        })
        .default({ limit: 50 }),
    )
    .output(
      answer(
        z.object({
          transactions: z.array(outputs.pendingTransaction),
          cursor: outputs.hash.nullable(),
          total: outputs.count,
        }),
      ),
    )
    .query(({ ctx: { backend }, input: { sender, limit, cursor } }) => {
      const after = cursor && toHex(cursor)
      const found = pageOfPool(backend.pendingTransactions(), { after, limit: limit + 1, sender })
      const page = found.slice(0, limit)
      const last = page.at(-1)
      return {
        transactions: page.map(waiting => ({
          state: 'pending' as const,
          ...viewTransaction(parseAgain(waiting)),
        })),
        cursor: found.length > limit && last !== undefined ? hex(last.id) : null,
        total: backend.poolStats().transactions,
      }
    }),
})
