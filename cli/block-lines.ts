/** Final blocks and what is in them, one line each, as they come. */
import { apiFailure } from '../node/api/client.ts'
import type { ReceiptView } from '../node/api/views.ts'
import { formatInteger } from './amounts.ts'
import type { VexApi } from './connect.ts'
import type { BlockView } from './follow.ts'
import { mark, paint } from './terminal/colour.ts'
import { columnsOf, layOut } from './terminal/layout.ts'
import { describeAction, type Describer, shortHash } from './show.ts'

/** A full block has thousands; a person reads a few. */
const MAX_SHOWN = 20

/** `parentTimeMs` is undefined for the first block that is shown. */
export const blockLine = (block: BlockView, parentTimeMs: bigint | undefined): string => {
  const count = block.transactions.length
  const interval =
    parentTimeMs === undefined ? '' : `${formatInteger(BigInt(block.timeMs) - parentTimeMs)} ms`
  const columns = [
    `block ${formatInteger(BigInt(block.height))}`.padEnd(14),
    `${formatInteger(BigInt(count))} tx`.padStart(8),
    `${formatInteger(BigInt(block.gasUsed))} gas`.padStart(18),
    interval.padStart(10),
  ]
  const line = columns.join('').trimEnd()
  return count === 0 ? paint('dim', line) : line
}

export type FinalTransaction = Awaited<ReturnType<VexApi['transaction']['get']['query']>>

export interface BlockTransaction {
  readonly transaction: FinalTransaction
  readonly receipt: ReceiptView
}

/** In the block's order, at most `limit` of them. */
export const readTransactions = async (
  api: VexApi,
  block: BlockView,
  limit = Number.POSITIVE_INFINITY,
): Promise<BlockTransaction[]> => {
  if (block.transactions.length === 0) return []
  const receipts = await api.block.receipts.query({ height: block.height })
  return Promise.all(
    receipts.slice(0, limit).map(async receipt => ({
      receipt,
      transaction: await api.transaction.get.query({ id: receipt.transactionId }),
    })),
  )
}

/** In the source of the contract that failed first, if the node knows it; a node of another time may not. */
const failurePlace = async (api: VexApi, { transactionId: id }: ReceiptView): Promise<string | undefined> => {
  try {
    const { failure } = await api.transaction.trace.query({ id })
    const [frame] = failure?.[0]?.frames ?? []
    return frame?.position
      ? `${frame.position.file}:${frame.position.line}:${frame.position.column}  ${frame.function ?? ''}`
      : undefined
  } catch (error) {
    if (apiFailure(error) === undefined) throw error
    return undefined
  }
}

const transactionLine = async (
  api: VexApi,
  { transaction, receipt }: BlockTransaction,
  describer: Describer,
): Promise<string> => {
  const what = await describeAction(transaction.action, describer, receipt.created)
  const who = describer.book.short(transaction.sender)
  const sign = receipt.status === 'success' ? mark('good') : mark('bad')
  const why = receipt.error === null ? '' : `  ${mark('bad', receipt.error.message)}`
  const place = receipt.error === null ? undefined : await failurePlace(api, receipt)
  const where = place === undefined ? '' : `\n      ${paint('cyan', place.trimEnd())}`
  const cost = paint('dim', `${formatInteger(BigInt(receipt.gasUsed))} gas`)
  return (
    layOut(
      `  ${sign} `,
      `${paint('dim', shortHash(receipt.transactionId))}  ${who}: ${what}  ${cost}${why}`,
      columnsOf(process.stdout),
    ) + where
  )
}

export const transactionLines = async (
  api: VexApi,
  block: BlockView,
  describer: Describer,
): Promise<string[]> => {
  const shown = await readTransactions(api, block, MAX_SHOWN)
  for (const { transaction } of shown) describer.contracts.forgetUpgraded(transaction.action)
  const lines = await Promise.all(shown.map(each => transactionLine(api, each, describer)))
  const hidden = block.transactions.length - shown.length
  return hidden > 0 ? [...lines, paint('dim', `  … and ${formatInteger(BigInt(hidden))} more`)] : lines
}
