/** A line for each block and each transaction in it, or records: what `vex dev` and a dashboard without a screen print. */
import { blockLine, readTransactions, transactionLines } from './block-lines.ts'
import type { Connection } from './connect.ts'
import type { BlockView } from './follow.ts'
import type { Output } from './output.ts'

const recordBlock = async (
  { api, contracts }: Connection,
  block: BlockView,
  output: Output,
): Promise<void> => {
  output.record({ type: 'block', ...block })
  for (const { transaction, receipt } of await readTransactions(api, block)) {
    contracts.forgetUpgraded(transaction.action)
    const call = await contracts.readCall(transaction.action)
    const events = await contracts.readEvents(receipt.events)
    output.record({
      type: 'transaction',
      ...transaction,
      call: call ?? null,
      receipt: { ...receipt, events },
    })
  }
}

/** Called with each block, in order. `skipsEmpty`: in a project they would push its own lines off the screen. */
export const createBlockReport = (connection: Connection, output: Output, skipsEmpty: boolean) => {
  let parentTimeMs: bigint | undefined
  return async (block: BlockView): Promise<void> => {
    if (output.isJson) return recordBlock(connection, block, output)
    if (skipsEmpty && block.transactions.length === 0) return
    const lines = [
      blockLine(block, parentTimeMs),
      ...(await transactionLines(connection.api, block, connection)),
    ]
    parentTimeMs = BigInt(block.timeMs)
    output.say(lines.join('\n'))
  }
}
