/** `vex owner ADDRESS NEW` */
import type { Command } from 'commander'
import { formatAddress } from '../../node/crypto/address.ts'
import { createAccountClient } from '../../node/wallet/send.ts'
import { confirm } from '../confirm.ts'
import { withConnection } from '../connect.ts'
import { CliError, usageError } from '../errors.ts'
import { addExamples } from '../help/examples.ts'
import {
  addSendingOptions,
  NO_OWNER,
  parseAddressArgument,
  parseOwner,
  type SendingOptions,
  TOKEN_EXAMPLE,
} from '../options.ts'
import { createOutput } from '../output.ts'
import { findOwned } from '../owned-contract.ts'
import { sendAndReport } from '../report-transaction.ts'
import { resolveSigner } from '../signer.ts'

interface OwnerOptions extends SendingOptions {
  readonly yes?: true
}

const changeOwner = async (address: string, to: string, options: OwnerOptions): Promise<void> => {
  const output = createOutput(options)
  if (options.yes === true && to !== NO_OWNER)
    throw usageError(`--yes answers what "${NO_OWNER}" asks; another owner can give it back`)
  await withConnection(options, async connection => {
    const { client, info, book } = connection
    const target = book.resolve(address)
    const contract = formatAddress(target)
    const owner = to === NO_OWNER ? undefined : book.resolve(to)
    const secretKey = await resolveSigner(options, info.chainId, book)
    const sender = createAccountClient({ client, secretKey })
    await findOwned(connection, contract, formatAddress(sender.address))
    const shown = owner === undefined ? undefined : formatAddress(owner)
    if (shown === formatAddress(sender.address))
      throw new CliError('same_owner', `${contract} belongs to ${book.full(shown)} already`)
    if (shown === undefined && options.yes !== true)
      await confirm({
        question: `Take its owner from ${contract}? Nobody can ever upgrade it again, or give it an owner.`,
        asker: `"${NO_OWNER}" cannot be taken back, so it asks`,
        kept: `nothing was sent; ${contract} is as it was`,
      })
    await sendAndReport({
      connection,
      sender,
      action: { kind: 'setOwner', contract: target, owner },
      sending: options,
      output,
      title:
        shown === undefined
          ? `Froze ${contract}: nobody can change it any more`
          : `Gave ${contract} to ${book.full(shown)}`,
    })
  })
}

export const define = (command: Command): void => {
  command
    .argument('<address>', 'the contract', parseAddressArgument)
    .argument('<new>', `who may upgrade it from now on: an address, or "${NO_OWNER}" for nobody`, parseOwner)
    .option('--yes', 'do not ask')
    .action(changeOwner)
  addExamples(addSendingOptions(command), [
    TOKEN_EXAMPLE,
    'vex owner $TOKEN dev1',
    'vex owner $TOKEN none --from dev1 --yes',
  ])
}
