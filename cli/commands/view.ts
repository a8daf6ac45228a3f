/** `vex view ADDRESS METHOD [ARGS...]` */
import type { Command } from 'commander'
import { decodeReturn } from '../../node/abi/values.ts'
import { formatAddress } from '../../node/crypto/address.ts'
import { fromHex, toHex } from '../../node/types/primitives.ts'
import { encodeWords } from '../abi-arguments.ts'
import { withConnection } from '../connect.ts'
import { assertKind, loadAbi } from '../contract-method.ts'
import { addExamples } from '../help/examples.ts'
import {
  addAbiOption,
  addClientOptions,
  type ClientOptions,
  parseAddressArgument,
  TOKEN_EXAMPLE,
} from '../options.ts'
import { createOutput } from '../output.ts'
import { showValue } from '../show.ts'

interface ViewOptions extends ClientOptions {
  readonly caller?: string
  readonly abi?: string
}

const view = async (
  address: string,
  method: string,
  words: string[],
  options: ViewOptions,
): Promise<void> => {
  const output = createOutput(options)
  await withConnection(options, async connection => {
    const { api, book } = connection
    const contract = formatAddress(book.resolve(address))
    const abi = await loadAbi(connection, contract, options.abi)
    assertKind(abi, method, 'view')
    const args = `0x${toHex(encodeWords(abi, method, words, book))}`
    const caller = options.caller === undefined ? undefined : formatAddress(book.resolve(options.caller))
    const { returnData, gasUsed, logs } = await api.contract.view.query({ contract, method, args, caller })
    for (const line of logs) output.notice(`trace: ${line}`)
    const returned = decodeReturn(abi, method, fromHex(returnData))
    output.result({ contract, method, returned: returned ?? null, returnData, gasUsed, logs }, () =>
      typeof returned === 'string' ? returned : showValue(returned, formatted => formatted),
    )
  })
}

export const define = (command: Command): void => {
  command
    .argument('<address>', 'the contract', parseAddressArgument)
    .argument('<method>', 'one of its views')
    .argument('[args...]', 'typed by the ABI; lists and structs as JSON')
    .option('--caller <address>', 'who asks, if the contract wants to know', parseAddressArgument)
    .action(view)
  addExamples(addClientOptions(addAbiOption(command)), [
    TOKEN_EXAMPLE,
    'vex view $TOKEN balanceOf dev1',
    'vex view $TOKEN totalSupply --json',
  ])
}
