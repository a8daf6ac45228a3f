/** The API's part about fees: what they were, and what to set. */
import { z } from 'zod'
import type { StoredBlock } from '../chain/store.ts'
import { parseTransaction } from '../types/transaction.ts'
import type { ApiBackend } from './backend.ts'
import { type FeeSample, suggestFees } from './fees.ts'
import * as inputs from './inputs.ts'
import * as outputs from './outputs.ts'
import { answer } from './route.ts'
import { query, router } from './trpc.ts'

const MAX_HISTORY = 200
const SAMPLED_BLOCKS = 10
/** Of all of them together: parsing more would keep others waiting. */
const SAMPLED_TRANSACTIONS = 2_000

const lastBlocks = function* (backend: ApiBackend, from: bigint): Generator<StoredBlock> {
  for (let height = from; height >= 0n; height--) {
    const found = backend.chain.store.blockByHeight(height)
    if (found === undefined) return
    yield found
  }
}

const sampleBlocks = (backend: ApiBackend): FeeSample[] => {
  const samples: FeeSample[] = []
  let parsed = 0
  for (const { block } of lastBlocks(backend, backend.chain.head.header.height)) {
    if (samples.length === SAMPLED_BLOCKS || parsed >= SAMPLED_TRANSACTIONS) break
    const { gasUsed, gasLimit, baseFee } = block.header
    const tips = block.transactions.slice(0, SAMPLED_TRANSACTIONS - parsed).map(bytes => {
      const { maxFee, tip } = parseTransaction(bytes).transaction.body
      return maxFee - baseFee < tip ? maxFee - baseFee : tip
    })
    parsed += tips.length
    samples.push({ gasUsed, gasLimit, tips })
  }
  return samples
}

const suggestion = z.object({ maxFee: outputs.decimal, tip: outputs.decimal })

export const fees = router({
  suggest: query
    .meta({ method: 'GET', path: '/fees', summary: 'What a transaction’s maxFee and tip should be, per gas' })
    .output(
      answer(z.object({ baseFee: outputs.decimal, slow: suggestion, normal: suggestion, fast: suggestion })),
    )
    .query(({ ctx: { backend } }) => {
      const baseFee = backend.queries.baseFee()
      const { slow, normal, fast } = suggestFees(baseFee, sampleBlocks(backend))
      const view = ({ maxFee, tip }: typeof slow) => ({ maxFee: String(maxFee), tip: String(tip) })
      return { baseFee: String(baseFee), slow: view(slow), normal: view(normal), fast: view(fast) }
    }),

  history: query
    .meta({ method: 'GET', path: '/fees/history', summary: 'The base fee of the last blocks, newest first' })
    .input(
      z
        .strictObject({
          limit: z.int().min(1).max(MAX_HISTORY).default(50),
          /** Of the page before: blocks below this height. */
          cursor: inputs.u64.optional(),
        })
        .default({ limit: 50 }),
    )
    .output(
      answer(
        z.object({
          /** Of the next block. */
          baseFee: outputs.decimal,
          blocks: z.array(
            z.object({
              height: outputs.decimal,
              baseFee: outputs.decimal,
              gasUsed: outputs.decimal,
              gasLimit: outputs.decimal,
              transactions: outputs.count,
            }),
          ),
          cursor: outputs.decimal.nullable(),
        }),
      ),
    )
    .query(({ ctx: { backend }, input: { limit, cursor } }) => {
      const { height: latest } = backend.chain.head.header
      const from = cursor === undefined || cursor > latest ? latest : cursor - 1n
      const blocks = []
      let hasMore = false
      for (const { block } of lastBlocks(backend, from)) {
        if (blocks.length === limit) {
          hasMore = true
          break
        }
        const { height, baseFee, gasUsed, gasLimit } = block.header
        blocks.push({
          height: String(height),
          baseFee: String(baseFee),
          gasUsed: String(gasUsed),
          gasLimit: String(gasLimit),
          transactions: block.transactions.length,
        })
      }
      return {
        baseFee: String(backend.queries.baseFee()),
        blocks,
        cursor: hasMore ? (blocks.at(-1)?.height ?? null) : null,
      }
    }),
})
