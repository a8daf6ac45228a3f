/**
 * The tour: two fresh accounts get VEX, one deploys the token of contracts/token and sends some to the other.
 * Everything goes through the API, as any application would do it.
 */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildContract } from '../contracts/sdk/build.ts'
import { type Abi, abiFromCode } from '../node/abi/types.ts'
import { decodeReturn, encodeArguments } from '../node/abi/values.ts'
import { formatAddress } from '../node/crypto/address.ts'
import { SECRET_KEY_BYTES } from '../node/crypto/ed25519.ts'
import { VEX } from '../node/params.ts'
import { type Address, ADDRESS_BYTES, fromHex, toAddress, toHex } from '../node/types/primitives.ts'
import type { Action } from '../node/types/transaction.ts'
import { type AccountClient, createAccountClient } from '../node/wallet/send.ts'
import { formatAmount, formatInteger } from './amounts.ts'
import type { Connection } from './connect.ts'
import { CliError } from './errors.ts'
import { type Output } from './output.ts'
import { mark, paint } from './terminal/colour.ts'
import { showEvent } from './show.ts'
import { rememberBuiltSymbols } from './symbols.ts'

const CONTRACTS = join(import.meta.dirname, '..', 'contracts')
const TOKEN_SOURCE = join(CONTRACTS, 'token', 'token.ts')
const BUILD_FOLDER = join(CONTRACTS, 'build')

const GIFT = 100n * VEX
const SUPPLY = 1_000_000n
const SYMBOL = 'TOUR'

interface Participant {
  readonly name: string
  readonly account: AccountClient
}

interface Token {
  readonly abi: Abi
  readonly address: Address
}

/** Prints as it goes. Returns the height of the last block that the tour needed. */
export const takeTour = async (connection: Connection, output: Output): Promise<bigint> => {
  const { client, api, book, contracts } = connection
  let lastHeight = 0n
  let isFirst = true

  const createParticipant = (name: string, secretKey: Uint8Array): Participant => ({
    name,
    account: createAccountClient({ client, secretKey }),
  })
  const [dev0] = book.devAccounts
  if (dev0 === undefined) throw new CliError('not_a_dev_chain', 'the tour needs a development chain')
  const bank = createParticipant(dev0.name, dev0.secretKey)
  const ada = createParticipant('Ada', randomBytes(SECRET_KEY_BYTES))
  const ben = createParticipant('Ben', randomBytes(SECRET_KEY_BYTES))
  const names = new Map<string, string>(
    [bank, ada, ben].map(({ name, account }) => [formatAddress(account.address), name]),
  )
  names.set(formatAddress(toAddress(new Uint8Array(ADDRESS_BYTES))), 'nobody')
  const nameOf = (address: string): string => names.get(address) ?? book.short(address)

  const perform = async ({ account }: Participant, what: string, action: Action) => {
    const result = await account.send(action)
    if (result.kind === 'would_fail' || result.receipt.status === 'failed') {
      const { error } = result.kind === 'would_fail' ? result.simulation : result.receipt
      throw new CliError(
        'tour_failed',
        `the tour cannot go on: "${what}" fails: ${error?.message ?? 'no reason given'}`,
      )
    }
    const { receipt } = result
    if (isFirst) {
      isFirst = false
      const seconds = performance.now() / 1000
      output.result({ type: 'first_block', height: receipt.height, secondsSinceStart: seconds }, () =>
        paint('dim', `  first block ${seconds.toFixed(2)} s after the program started`),
      )
    }
    lastHeight = BigInt(receipt.height)
    const events = await contracts.readEvents(receipt.events)
    output.result({ type: 'transaction', what, ...receipt, events }, () =>
      [
        `  ${mark('good')} ${what}`,
        paint('dim', `    ${receipt.transactionId}`),
        paint(
          'dim',
          `    block ${formatInteger(lastHeight)} · gas ${formatInteger(BigInt(receipt.gasUsed))} · fee ${formatAmount(BigInt(receipt.feePaid))}`,
        ),
        ...events.map(event => `    ${showEvent(event, nameOf)}`),
      ].join('\n'),
    )
    return receipt
  }

  const view = async ({ abi, address }: Token, method: string, shown: string, args: readonly unknown[]) => {
    const { returnData } = await api.contract.view.query({
      contract: formatAddress(address),
      method,
      args: `0x${toHex(encodeArguments(abi, method, args))}`,
    })
    const returned = decodeReturn(abi, method, fromHex(returnData))
    output.result(
      { type: 'view', contract: formatAddress(address), method, returned },
      () => `    ${abi.name}.${method}(${shown}) = ${paint('cyan', String(returned))}`,
    )
  }

  const deployToken = async (owner: Participant): Promise<Token> => {
    const { wasmPath } = await buildContract(TOKEN_SOURCE, BUILD_FOLDER)
    rememberBuiltSymbols(wasmPath, TOKEN_SOURCE)
    const code = new Uint8Array(await readFile(wasmPath))
    const abi = abiFromCode(code)
    if (abi === undefined)
      throw new CliError('no_abi', `${wasmPath} carries no ABI: build it again with "vex build"`)
    const { created } = await perform(
      owner,
      `${owner.name} deploys a token: ${formatInteger(SUPPLY)} ${SYMBOL}`,
      {
        kind: 'deploy',
        code,
        args: encodeArguments(abi, 'init', ['Tour Token', SYMBOL, 0, SUPPLY]),
        value: 0n,
        owner: owner.account.address,
      },
    )
    const [address] = created
    if (address === undefined) throw new CliError('tour_failed', 'the deployment created no contract')
    output.say(`    the contract is ${address}`)
    return { abi, address: book.resolve(address) }
  }

  const showBalances = async (token: Token): Promise<void> => {
    for (const { name, account } of [ada, ben])
      await view(token, 'balanceOf', name, [formatAddress(account.address)])
  }

  const moveTokens = (token: Token, from: Participant, to: Participant, amount: bigint) =>
    perform(from, `${from.name} sends ${formatInteger(amount)} ${SYMBOL} to ${to.name}`, {
      kind: 'call',
      contract: token.address,
      method: 'transfer',
      args: encodeArguments(token.abi, 'transfer', [formatAddress(to.account.address), amount]),
      value: 0n,
    })

  const refuseTooMuch = async (token: Token): Promise<void> => {
    const amount = 2n * SUPPLY
    const what = `${ben.name} tries to send ${formatInteger(amount)} ${SYMBOL}, more than there are`
    const result = await ben.account.send({
      kind: 'call',
      contract: token.address,
      method: 'transfer',
      args: encodeArguments(token.abi, 'transfer', [formatAddress(ada.account.address), amount]),
      value: 0n,
    })
    if (result.kind !== 'would_fail') throw new CliError('tour_failed', `"${what}" was not refused`)
    const { error } = result.simulation
    output.result({ type: 'would_fail', what, error }, () =>
      [
        `  ${mark('refused')} ${what}`,
        `    the simulation says "${error?.message ?? ''}": nothing was sent, nothing paid`,
      ].join('\n'),
    )
  }

  output.say(`\n${paint('bold', '1  Two new accounts')}`)
  for (const to of [ada, ben])
    await perform(
      bank,
      `${bank.name} sends ${formatAmount(GIFT)} to ${to.name}, ${formatAddress(to.account.address)}`,
      {
        kind: 'transfer',
        to: to.account.address,
        amount: GIFT,
      },
    )

  output.say(`\n${paint('bold', '2  A contract')}`)
  const token = await deployToken(ada)

  output.say(`\n${paint('bold', '3  Calls and views')}`)
  await moveTokens(token, ada, ben, 250_000n)
  await moveTokens(token, ben, ada, 1_000n)
  await showBalances(token)

  output.say(`\n${paint('bold', '4  A mistake')}`)
  await refuseTooMuch(token)
  return lastHeight
}
