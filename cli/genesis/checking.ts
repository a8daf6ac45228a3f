/** `vex genesis validate | hash`: what a genesis begins, and by what it is known. */
import type { Command } from 'commander'
import { checkGenesis } from '../../node/chain/genesis.ts'
import { type Genesis, genesisHash } from '../../node/types/genesis.ts'
import { toHex } from '../../node/types/primitives.ts'
import { formatAmount, formatInteger } from '../amounts.ts'
import { addExamples } from '../help/examples.ts'
import { addCommonOptions, type CommonOptions } from '../options.ts'
import { createOutput } from '../output.ts'
import { showTime } from '../show.ts'
import { readGenesis } from './file.ts'

const readChecked = async (path: string): Promise<{ genesis: Genesis; hash: string }> => {
  const genesis = await readGenesis(path)
  checkGenesis(genesis)
  return { genesis, hash: toHex(genesisHash(genesis)) }
}

const counted = (count: number, what: string): string =>
  `${formatInteger(BigInt(count))} ${what}${count === 1 ? '' : 's'}`

const validate = async (path: string, options: CommonOptions): Promise<void> => {
  const output = createOutput(options)
  const { genesis, hash } = await readChecked(path)
  const { chainId, timeMs, params, validators, accounts } = genesis
  const staked = validators.reduce((sum, { stake }) => sum + stake, 0n)
  const balances = accounts.reduce((sum, { balance }) => sum + balance, 0n)
  output.result(
    {
      chainId,
      genesisHash: hash,
      timeMs,
      validators: validators.length,
      staked,
      accounts: accounts.length,
      balances,
      params,
    },
    () =>
      `The chain ${chainId} begins ${showTime(String(timeMs))} with ${counted(validators.length, 'validator')} and ${formatAmount(staked)} staked, ${counted(accounts.length, 'account')} with ${formatAmount(balances)}, in epochs of ${formatInteger(params.epochBlocks)} blocks; its genesis is ${hash}`,
  )
}

const hash = async (path: string, options: CommonOptions): Promise<void> => {
  const output = createOutput(options)
  const { genesis, hash } = await readChecked(path)
  output.result({ chainId: genesis.chainId, genesisHash: hash }, () => hash)
}

export const defineChecking = (genesis: Command): void => {
  const validating = addCommonOptions(
    genesis
      .command('validate')
      .description('check everything in a genesis, and say what the chain will be')
      .argument('<genesis>', 'the file'),
  ).action(validate)
  addExamples(validating, ['vex genesis validate genesis.json', 'vex genesis validate genesis.json --json'])

  const hashing = addCommonOptions(
    genesis
      .command('hash')
      .description('print the hash by which all nodes of the chain know it')
      .argument('<genesis>', 'the file'),
  ).action(hash)
  addExamples(hashing, ['vex genesis hash genesis.json', 'vex genesis hash genesis.json --json'])
}
