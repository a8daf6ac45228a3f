/** Sends an action and reports what it did: shared by `deploy`, `call` and `send`. */
import { formatAddress } from '../node/crypto/address.ts'
import type { AccountClient, SimulationView } from '../node/wallet/send.ts'
import type { Action } from '../node/types/transaction.ts'
import type { Connection } from './connect.ts'
import { CliError } from './errors.ts'
import type { SendingOptions } from './options.ts'
import type { Output } from './output.ts'
import { receiptRows, showTable, showValue } from './show.ts'

const wouldFail = ({ error }: SimulationView): CliError =>
  new CliError(
    error?.code ?? 'failed',
    `the transaction would fail: ${error?.message ?? 'no reason was given'} (${error?.code ?? 'failed'}). Nothing was sent; --force sends it all the same`,
  )

/** Throws a CliError if the transaction would fail, or did. */
export const sendAndReport = async (options: {
  readonly connection: Connection
  readonly sender: AccountClient
  readonly action: Action
  readonly sending: SendingOptions
  readonly output: Output
  /** What was done, in words, if it worked. */
  readonly title: string
  /** Whose result to decode. */
  readonly called?: { readonly contract: string; readonly method: string }
}): Promise<void> => {
  const { connection, sender, action, sending, output, called } = options
  const { book, contracts } = connection
  const result = await sender.send(action, {
    gasLimit: sending.gasLimit,
    maxFee: sending.maxFee,
    tip: sending.tip,
    force: sending.force,
  })
  for (const line of result.simulation.logs) output.notice(`trace: ${line}`)
  if (result.kind === 'would_fail') throw wouldFail(result.simulation)

  const { receipt } = result
  const isSuccess = receipt.status === 'success'
  const events = await contracts.readEvents(receipt.events)
  const returned =
    called === undefined || !isSuccess
      ? undefined
      : await contracts.readReturn(called.contract, called.method, receipt.returnData)
  output.result({ ...receipt, events, returned: returned ?? null }, () =>
    showTable(isSuccess ? options.title : 'The transaction failed', [
      ['transaction', receipt.transactionId],
      ['from', book.full(formatAddress(sender.address))],
      ...receiptRows(receipt, events, book),
      ...(returned === undefined ? [] : [['returned', showValue(returned, book.full)] as const]),
    ]),
  )
  if (isSuccess) return
  throw new CliError(
    receipt.error?.code ?? 'failed',
    `the transaction is in block ${receipt.height} and failed: ${receipt.error?.message ?? 'no reason was given'}. The fee was paid`,
    { details: { transactionId: receipt.transactionId } },
  )
}
