/**
 * Streams that lose nothing: each reads the chain from a place on and goes on with it. A message's id is its place
 * (cursors.ts), and whoever comes back with the last one that it saw, to this node or another, gets what stands after it:
 * no gap, nothing twice. The server remembers nobody.
 */
import { tracked } from '@trpc/server'
import { z } from 'zod'
import type { StoredBlock } from '../chain/store.ts'
import { formatAddress } from '../crypto/address.ts'
import { hasTerm, type Term } from '../types/transaction-terms.ts'
import { parseTransaction } from '../types/transaction.ts'
import type { Address, Height } from '../types/primitives.ts'
import { ApiError } from './api-error.ts'
import {
  eventCursor,
  readBlockCursor,
  readEventCursor,
  readTransactionCursor,
  transactionCursor,
} from './cursors.ts'
import { noBlock } from './find.ts'
import * as inputs from './inputs.ts'
import { nextCommit } from './next-commit.ts'
import { recentBlock, viewRecentBlock } from './recent-blocks.ts'
import * as outputs from './outputs.ts'
import { viewListed } from './transaction-list.ts'
import { type ApiContext, query, router } from './trpc.ts'
import { hex, viewEvent } from './views.ts'

/** In one message; a block with more is sent in several. */
const MAX_EVENTS = 500

const LAST_EVENT = 'lastEventId'

/** Every final block from `from` on, without a gap, until the node or the client ends it. */
async function* followBlocks(
  { backend, pace }: ApiContext,
  from: Height,
  signal: AbortSignal | undefined,
): AsyncGenerator<StoredBlock> {
  const ends = AbortSignal.any([backend.stopping, ...(signal ? [signal] : [])])
  for (let height = from; !ends.aborted; ) {
    if (height > backend.chain.head.header.height) {
      await nextCommit(backend, ends)
      continue
    }
    const found = recentBlock(backend, height)
    if (found === undefined) throw noBlock(backend, height)
    yield found
    height += 1n
    await pace(ends)
  }
  // Not the end of what was asked for: whoever follows may come back.
  if (backend.stopping.aborted) throw new ApiError('stopping', 'the node is stopping')
}

interface Start {
  readonly height: Height
  /** In that block, the first that was not seen. */
  readonly skip: number
}

/** After the last message that the client saw, at a height, or with the next block. */
const startOf = (
  { backend }: ApiContext,
  fromHeight: Height | undefined,
  seen: { readonly height: Height; readonly index?: number } | undefined,
): Start => {
  if (seen === undefined) return { height: fromHeight ?? backend.queries.nextHeight(), skip: 0 }
  return seen.index === undefined
    ? { height: seen.height + 1n, skip: 0 }
    : { height: seen.height, skip: seen.index + 1 }
}

const from = { fromHeight: inputs.u64.optional(), lastEventId: z.string().max(64).optional() }

const termOf = ({
  sender,
  party,
}: {
  sender?: Address | undefined
  party?: Address | undefined
}): Term | undefined => {
  if (sender !== undefined && party !== undefined)
    throw new ApiError('bad_input', 'name one of sender and party, or neither')
  if (sender !== undefined) return { kind: 'sender', address: sender }
  return party && { kind: 'party', address: party }
}

export const subscribe = router({
  blocks: query
    .meta({ method: 'GET', path: '/streams/blocks', summary: 'Every final block', message: outputs.block })
    .input(z.strictObject(from).default({}))
    .subscription(async function* ({ ctx, input: { fromHeight, lastEventId }, signal }) {
      const seen =
        lastEventId === undefined ? undefined : { height: readBlockCursor(LAST_EVENT, lastEventId) }
      const start = startOf(ctx, fromHeight, seen)
      for await (const found of followBlocks(ctx, start.height, signal)) {
        yield tracked(String(found.block.header.height), viewRecentBlock(ctx.backend, found))
      }
    }),

  /** Those of one sender, or that have to do with one address, or all. */
  transactions: query
    .meta({
      method: 'GET',
      path: '/streams/transactions',
      summary: 'Final transactions with what they did',
      message: outputs.listedTransaction,
    })
    .input(
      z
        .strictObject({ ...from, sender: inputs.address.optional(), party: inputs.address.optional() })
        .default({}),
    )
    .subscription(async function* ({ ctx, input, signal }) {
      const { store } = ctx.backend.chain
      const { fromHeight, lastEventId } = input
      const term = termOf(input)
      const seen = lastEventId === undefined ? undefined : readTransactionCursor(LAST_EVENT, lastEventId)
      const start = startOf(ctx, fromHeight, seen)
      for await (const stored of followBlocks(ctx, start.height, signal)) {
        const { height } = stored.block.header
        const receipts = store.receipts(height)
        const first = height === start.height ? start.skip : 0
        for (const [index, bytes] of stored.block.transactions.entries()) {
          const receipt = receipts[index]
          if (index < first || receipt === undefined) continue
          const parsed = parseTransaction(bytes)
          if (term !== undefined && !hasTerm(term, parsed, receipt)) continue
          const place = { height, index }
          yield tracked(transactionCursor(place), viewListed(parsed, receipt, place, stored))
          await ctx.pace(signal ?? ctx.backend.stopping)
        }
      }
    }),

  /** For each block that has matching events one message, or several if there are many. Ends after `toHeight`. */
  events: query
    .meta({
      method: 'GET',
      path: '/streams/events',
      summary: 'The events of contracts',
      message: outputs.blockEvents,
    })
    .input(
      z
        .strictObject({
          ...from,
          toHeight: inputs.u64.optional(),
          contract: inputs.address.optional(),
          name: z.string().max(64).optional(),
        })
        .default({}),
    )
    .subscription(async function* ({ ctx, input, signal }) {
      const { backend } = ctx
      const { lastEventId, toHeight } = input
      const wanted = input.contract === undefined ? undefined : formatAddress(input.contract)
      const seen = lastEventId === undefined ? undefined : readEventCursor(LAST_EVENT, lastEventId)
      const start = startOf(ctx, input.fromHeight, seen)
      if (toHeight !== undefined && start.height > toHeight) return
      for await (const { block, hash } of followBlocks(ctx, start.height, signal)) {
        const { height } = block.header
        const first = height === start.height ? start.skip : 0
        const events = backend.chain.store
          .receipts(height)
          .flatMap((receipt, transactionIndex) =>
            receipt.events.map(event => ({
              ...viewEvent(event),
              transactionId: hex(receipt.transactionId),
              transactionIndex,
            })),
          )
          .map((event, index) => ({ ...event, /** Among all events of the block. */ index }))
          .filter(
            event =>
              event.index >= first &&
              (wanted === undefined || event.contract === wanted) &&
              (input.name === undefined || event.name === input.name),
          )
        for (let at = 0; at < events.length; at += MAX_EVENTS) {
          const part = events.slice(at, at + MAX_EVENTS)
          const last = part.at(-1)
          if (last === undefined) break
          const { transactionIndex, index } = last
          const id = eventCursor({ height, transactionIndex, index })
          yield tracked(id, { height: String(height), blockHash: hex(hash), events: part })
          await ctx.pace(signal ?? backend.stopping)
        }
        if (height === toHeight) return
      }
    }),
})
