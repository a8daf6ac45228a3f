/** `vex tx ID` */
import type { Command } from 'commander'
import { formatInteger } from '../amounts.ts'
import { withConnection } from '../connect.ts'
import { addExamples } from '../help/examples.ts'
import { addClientOptions, type ClientOptions, parseTransactionId, pickJson } from '../options.ts'
import { createOutput } from '../output.ts'
import { describeAction, receiptRows, showValue } from '../show.ts'
import { showTable } from '../terminal/table.ts'

const tx = async (id: string, options: ClientOptions): Promise<void> => {
  const output = createOutput(options)
  await withConnection(options, async ({ api, book, contracts }) => {
    const transaction = await api.transaction.get.query({ id })
    const receipt = transaction.state === 'final' ? await api.transaction.receipt.query({ id }) : undefined
    const { action } = transaction
    const call = await contracts.readCall(action)
    const events = await contracts.readEvents(receipt?.events ?? [])
    const returned =
      action.kind === 'call' && receipt?.status === 'success'
        ? await contracts.readReturn(action.contract, action.method, receipt.returnData)
        : undefined
    const what = await describeAction(action, { book, contracts }, receipt?.created)
    output.result(
      {
        ...transaction,
        call: call ?? null,
        receipt: receipt === undefined ? null : { ...receipt, events, returned: returned ?? null },
      },
      () =>
        showTable(`Transaction ${transaction.id}`, [
          ['from', book.full(transaction.sender)],
          ['action', what],
          ...(action.kind === 'call' ? [['contract', action.contract] as const] : []),
          ['nonce', transaction.nonce],
          [
            'gas limit',
            `${formatInteger(BigInt(transaction.gasLimit))} for at most ${formatInteger(BigInt(transaction.maxFee))} units each`,
          ],
          ...(receipt === undefined
            ? [['status', 'waits for a block'] as const]
            : receiptRows(receipt, events, book)),
          ...(returned === undefined ? [] : [['returned', showValue(returned, book.full)] as const]),
        ]),
    )
  })
}

export const define = (command: Command): void => {
  command.argument('<id>', 'the transaction’s id: 64 hex digits', parseTransactionId).action(tx)
  addExamples(addClientOptions(command), [
    `TX=$(vex send dev1 1vex --json | ${pickJson('transactionId')})`,
    'vex tx $TX',
    'vex tx $TX --json',
  ])
}
