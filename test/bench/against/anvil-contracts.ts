/** The Solidity twins of the example contracts (test/fixtures/solidity) on an anvil. */
import { readFile } from 'node:fs/promises'
import { operatorAccount, senderAccounts } from '../genesis.ts'
import { TOKENS_OF_EACH } from '../token.ts'
import { type AnvilSession, sendAsOperator } from './anvil.ts'
import { addressOf, callData, contractAddress, deployData, type Hex } from './ethereum.ts'

const BYTECODE = new URL('../../fixtures/solidity/bytecode.json', import.meta.url)
const SUPPLY = 10n ** 19n

const codeOf = async (contract: 'Token' | 'Mix'): Promise<Hex> =>
  (JSON.parse(await readFile(BYTECODE, 'utf8')) as Record<typeof contract, Hex>)[contract]

/** Whatever the operator deploys first is there. */
export const deployedAddress = (): Hex => contractAddress(addressOf(operatorAccount().secretKey), 0n)

/** With every sender holding some, as on Vex. */
export const deployAnvilToken = async (session: AnvilSession): Promise<Hex> => {
  const to = deployedAddress()
  const gifts = senderAccounts().map(({ secretKey }) => ({
    to,
    data: callData('transfer(address,uint256)', addressOf(secretKey), TOKENS_OF_EACH),
  }))
  const code = deployData(await codeOf('Token'), SUPPLY)
  await sendAsOperator(session, [{ to: undefined, data: code }, ...gifts], 0n)
  return to
}

export const deployMix = async (session: AnvilSession): Promise<Hex> => {
  await sendAsOperator(session, [{ to: undefined, data: await codeOf('Mix') }], 0n)
  return deployedAddress()
}

/** For `eth_call`, with more gas than any of it takes. */
export const viewParameters = (contract: Hex, data: Hex): readonly unknown[] => [
  { to: contract, data, gas: '0x746a528800' },
  'latest',
]
