/** Pages of final blocks, without their transactions. */
import { z } from 'zod'
import type { StoredBlock } from '../chain/store.ts'
import { formatAddress } from '../crypto/address.ts'
import type { Height } from '../types/primitives.ts'
import type { ApiBackend } from './backend.ts'
import { readBlockCursor } from './cursors.ts'
import * as inputs from './inputs.ts'
import { address, count, decimal, hash } from './outputs.ts'
import { hex } from './views.ts'

const MAX_LISTED = 100
/** In the blocks of one page: decoding more would keep others waiting. A page may be short for it. */
const MAX_PASSED = 50_000

export const blockRange = z
  .strictObject({
    /** The first and the last that are wanted. */
    fromHeight: inputs.u64.optional(),
    toHeight: inputs.u64.optional(),
    order: z.enum(['newest', 'oldest']).default('newest'),
    limit: z.int().min(1).max(MAX_LISTED).default(20),
    /** Of the page before. */
    cursor: z.string().max(20).optional(),
  })
  .default({ order: 'newest', limit: 20 })

export const blockPage = z.object({
  blocks: z.array(
    z
      .object({
        hash,
        height: decimal,
        epoch: decimal,
        view: decimal,
        parentHash: hash,
        timeMs: decimal,
        proposer: address,
        stateRoot: hash,
        gasUsed: decimal,
        gasLimit: decimal,
        baseFee: decimal,
        transactions: count,
      })
      .meta({ id: 'BlockSummary' }),
  ),
  cursor: decimal.nullable(),
  keptFrom: decimal,
})

const viewSummary = ({ hash: id, block: { header, transactions } }: StoredBlock) => ({
  hash: hex(id),
  height: String(header.height),
  epoch: String(header.epoch),
  view: String(header.view),
  parentHash: hex(header.parentHash),
  timeMs: String(header.timeMs),
  proposer: formatAddress(header.proposer),
  stateRoot: hex(header.stateRoot),
  gasUsed: String(header.gasUsed),
  gasLimit: String(header.gasLimit),
  baseFee: String(header.baseFee),
  transactions: transactions.length,
})

/** Of two heights the one that is nearer to what is asked for. */
const atLeast = (a: Height, b: Height): Height => (a > b ? a : b)
const atMost = (a: Height, b: Height): Height => (a < b ? a : b)

export const listBlocks = (backend: ApiBackend, input: z.output<typeof blockRange>) => {
  const { store, head } = backend.chain
  const keptFrom = store.keptFrom()
  const { limit, cursor } = input
  const isReverse = input.order === 'newest'
  const seen = cursor === undefined ? undefined : readBlockCursor('cursor:', cursor)
  // Block 0 is always kept, and is asked for by itself.
  let first = atLeast(input.fromHeight ?? keptFrom, keptFrom)
  let last = atMost(input.toHeight ?? head.header.height, head.header.height)
  if (seen !== undefined && isReverse) last = atMost(last, seen - 1n)
  if (seen !== undefined && !isReverse) first = atLeast(first, seen + 1n)
  const blocks: ReturnType<typeof viewSummary>[] = []
  let passed = 0
  let height = isReverse ? last : first
  for (; height >= first && height <= last; height += isReverse ? -1n : 1n) {
    if (blocks.length === limit || passed > MAX_PASSED) break
    const found = store.blockByHeight(height)
    // Pruned meanwhile.
    if (found === undefined) continue
    passed += found.block.transactions.length
    blocks.push(viewSummary(found))
  }
  const isMore = height >= first && height <= last
  return {
    blocks,
    /** Give it back for what comes next; `null` where there is no more now. */
    cursor: isMore ? (blocks.at(-1)?.height ?? null) : null,
    /** Blocks below this, but for block 0, are not kept here any more. */
    keptFrom: String(keptFrom),
  }
}
