/** `vex call ADDRESS METHOD [ARGS...]` */
import type { Command } from 'commander'
import { formatAddress } from '../../node/crypto/address.ts'
import { createAccountClient } from '../../node/wallet/send.ts'
import { encodeWords } from '../abi-arguments.ts'
import { withConnection } from '../connect.ts'
import { assertKind, loadAbi } from '../contract-method.ts'
import { addExamples } from '../help/examples.ts'
import {
  addAbiOption,
  addSendingOptions,
  addValueOption,
  parseAddressArgument,
  type SendingOptions,
  TOKEN_EXAMPLE,
} from '../options.ts'
import { createOutput } from '../output.ts'
import { sendAndReport } from '../report-transaction.ts'
import { resolveSigner } from '../signer.ts'

interface CallOptions extends SendingOptions {
  readonly value?: bigint
  readonly abi?: string
}

const call = async (
  address: string,
  method: string,
  words: string[],
  options: CallOptions,
): Promise<void> => {
  const output = createOutput(options)
  await withConnection(options, async connection => {
    const { client, info, book } = connection
    const target = book.resolve(address)
    const contract = formatAddress(target)
    const abi = await loadAbi(connection, contract, options.abi)
    assertKind(abi, method, 'call')
    const args = encodeWords(abi, method, words, book)
    const secretKey = await resolveSigner(options, info.chainId, book)
    await sendAndReport({
      connection,
      sender: createAccountClient({ client, secretKey }),
      action: { kind: 'call', contract: target, method, args, value: options.value ?? 0n },
      sending: options,
      output,
      title: `Called ${abi.name}.${method}`,
      called: { contract, method },
    })
  })
}

export const define = (command: Command): void => {
  command
    .argument('<address>', 'the contract', parseAddressArgument)
    .argument('<method>', 'one of its methods')
    .argument('[args...]', 'typed by the ABI; lists and structs as JSON')
    .action(call)
  addExamples(addSendingOptions(addAbiOption(addValueOption(command))), [
    TOKEN_EXAMPLE,
    'vex call $TOKEN transfer dev1 250',
    'vex call $TOKEN transfer dev2 10 --from dev1',
  ])
}
