/** `vex deploy FILE [ARGS...]` */
import type { Command } from 'commander'
import { abiFromCode } from '../../node/abi/types.ts'
import type { Address } from '../../node/types/primitives.ts'
import { createAccountClient } from '../../node/wallet/send.ts'
import { encodeLifecycleWords, readAbiFile } from '../abi-arguments.ts'
import type { AddressBook } from '../address-book.ts'
import { withConnection } from '../connect.ts'
import { readContractFile } from '../contract-file.ts'
import { addExamples } from '../help/examples.ts'
import {
  addAbiOption,
  addSendingOptions,
  addValueOption,
  NO_OWNER,
  parseOwner,
  type SendingOptions,
} from '../options.ts'
import { createOutput } from '../output.ts'
import { sendAndReport } from '../report-transaction.ts'
import { resolveSigner } from '../signer.ts'

interface DeployOptions extends SendingOptions {
  readonly value?: bigint
  readonly owner?: string
  readonly abi?: string
}

const resolveOwner = (given: string | undefined, sender: Address, book: AddressBook): Address | undefined => {
  if (given === undefined) return sender
  return given === NO_OWNER ? undefined : book.resolve(given)
}

const deploy = async (file: string, words: string[], options: DeployOptions): Promise<void> => {
  const output = createOutput(options)
  const code = await readContractFile(file)
  const abi = options.abi === undefined ? abiFromCode(code) : await readAbiFile(options.abi)
  await withConnection(options, async connection => {
    const { client, info, book } = connection
    const args = encodeLifecycleWords(abi, 'init', words, book)
    const secretKey = await resolveSigner(options, info.chainId, book)
    const sender = createAccountClient({ client, secretKey })
    const owner = resolveOwner(options.owner, sender.address, book)
    await sendAndReport({
      connection,
      sender,
      action: { kind: 'deploy', code, args, value: options.value ?? 0n, owner },
      sending: options,
      output,
      title: `Deployed ${abi?.name ?? file}`,
    })
  })
}

export const define = (command: Command): void => {
  command
    .argument('<file>', 'a contract’s .wasm, or its source (.ts)')
    .argument('[args...]', 'arguments of init, typed by the ABI; lists and structs as JSON')
    .option(
      '--owner <address>',
      'who may upgrade it: an address, or "none" (default: the sender)',
      parseOwner,
    )
    .action(deploy)
  addExamples(addSendingOptions(addAbiOption(addValueOption(command))), [
    'vex deploy contracts/token/token.ts Gold GLD 9 1000000',
    'vex build contracts/token/token.ts',
    'vex deploy build/token.wasm Gold GLD 9 1000000 --from dev1 --owner none',
  ])
}
