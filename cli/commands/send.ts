/** `vex send TO AMOUNT` */
import type { Command } from 'commander'
import { formatAddress } from '../../node/crypto/address.ts'
import { createAccountClient } from '../../node/wallet/send.ts'
import { formatAmount } from '../amounts.ts'
import { withConnection } from '../connect.ts'
import { addExamples } from '../help/examples.ts'
import {
  addSendingOptions,
  parseAddressArgument,
  parseAmountArgument,
  type SendingOptions,
} from '../options.ts'
import { createOutput } from '../output.ts'
import { sendAndReport } from '../report-transaction.ts'
import { resolveSigner } from '../signer.ts'

const send = async (to: string, amount: bigint, options: SendingOptions): Promise<void> => {
  const output = createOutput(options)
  await withConnection(options, async connection => {
    const { client, info, book } = connection
    const receiver = book.resolve(to)
    const secretKey = await resolveSigner(options, info.chainId, book)
    await sendAndReport({
      connection,
      sender: createAccountClient({ client, secretKey }),
      action: { kind: 'transfer', to: receiver, amount },
      sending: options,
      output,
      title: `Sent ${formatAmount(amount)} to ${book.full(formatAddress(receiver))}`,
    })
  })
}

export const define = (command: Command): void => {
  command
    .argument(
      '<to>',
      'an address, an account of the wallet, or dev0 to dev9 on a development chain',
      parseAddressArgument,
    )
    .argument(
      '<amount>',
      'such as 1.5vex, or a whole number of units (1 VEX = 1,000,000,000)',
      parseAmountArgument,
    )
    .action(send)
  addExamples(addSendingOptions(command), ['vex send dev1 1.5vex', 'vex send dev2 20vex --from dev1 --json'])
}
