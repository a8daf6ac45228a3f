/** `vex accounts [ADDRESS...]` */
import type { Command } from 'commander'
import { formatAddress } from '../../node/crypto/address.ts'
import { formatAmount, formatInteger } from '../amounts.ts'
import { withConnection } from '../connect.ts'
import { usageError } from '../errors.ts'
import { addExamples } from '../help/examples.ts'
import { addClientOptions, type ClientOptions, parseAddressArgument } from '../options.ts'
import { createOutput } from '../output.ts'
import { showTable } from '../terminal/table.ts'

const collect = (text: string, previous: string[] | undefined): string[] => [
  ...(previous ?? []),
  parseAddressArgument(text),
]

const accounts = async (given: string[] | undefined, options: ClientOptions): Promise<void> => {
  const output = createOutput(options)
  await withConnection(options, async ({ api, info, book, contracts }) => {
    const own = [...book.wallet.accounts, ...book.devAccounts].map(({ name }) => name)
    const wanted = given === undefined || given.length === 0 ? own : given
    if (wanted.length === 0)
      throw usageError(
        `the chain ${info.chainId} has no development accounts, and ${book.wallet.path} is no wallet with accounts: name the addresses you want to see`,
      )
    const found = await Promise.all(
      wanted.map(text => api.account.get.query({ address: formatAddress(book.resolve(text)) })),
    )
    const named = await Promise.all(
      found.map(async account => ({
        ...account,
        contractName:
          account.contract === null ? null : ((await contracts.abiOf(account.address))?.name ?? null),
      })),
    )
    output.result({ accounts: named }, () =>
      named
        .map(({ address, balance, nonce, pendingNonce, contract, contractName }) =>
          showTable(book.full(address), [
            ['balance', formatAmount(BigInt(balance))],
            ['nonce', nonce === pendingNonce ? nonce : `${nonce} (${pendingNonce} with what waits)`],
            ...(contract === null
              ? []
              : [
                  ['contract', contractName ?? 'without an ABI'] as const,
                  ['code hash', contract.codeHash] as const,
                  ['owner', contract.owner === null ? 'none: frozen' : book.full(contract.owner)] as const,
                  [
                    'storage',
                    `${formatInteger(BigInt(contract.storageBytes))} bytes, deposit ${formatAmount(BigInt(contract.deposit))}`,
                  ] as const,
                ]),
          ]),
        )
        .join('\n'),
    )
  })
}

export const define = (command: Command): void => {
  command
    .argument('[addresses...]', 'default: those of the wallet, and the development accounts', collect)
    .action(accounts)
  addExamples(addClientOptions(command), ['vex accounts', 'vex accounts dev1 dev2 --json'])
}
