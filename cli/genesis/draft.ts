/** `vex genesis new`: a genesis that validators are then added to. */
import { type Command, InvalidArgumentError } from 'commander'
import { formatGenesis } from '../../node/genesis-file.ts'
import { DEFAULT_CHAIN_PARAMS, draftGenesis } from '../../node/genesis-ceremony.ts'
import { AddressError, parseAddress } from '../../node/crypto/address.ts'
import type { ChainParams, GenesisAccount } from '../../node/types/genesis.ts'
import type { TimeMs } from '../../node/types/primitives.ts'
import { formatAmount } from '../amounts.ts'
import { addExamples } from '../help/examples.ts'
import { addCommonOptions, type CommonOptions, parseAmountArgument, parseInteger } from '../options.ts'
import { createOutput } from '../output.ts'
import { showTime } from '../show.ts'
import { showTable } from '../terminal/table.ts'
import { writeNew } from './file.ts'

interface DraftOptions extends CommonOptions, Partial<ChainParams> {
  readonly chainId: string
  readonly out: string
  readonly account?: readonly GenesisAccount[]
  readonly time?: TimeMs
}

const PARAMS: Readonly<Record<keyof ChainParams, string>> = {
  blockGasLimit: 'the most gas of one block; the base fee aims at half of it',
  minBlockIntervalMs: 'between the times of two blocks, at least',
  idleBlockIntervalMs: 'with nothing to do, a block is made after so long',
  initialBaseFee: 'units per gas that are burned, in the first block',
  networkDelayMs: 'how long a message between two validators may take',
  standstillMs: 'without a final block for twice as long, votes are sent again',
  epochBlocks: 'how many blocks one set of validators votes on',
  blockReward: 'what each block pays to validators and delegators',
  evidenceMaxAgeBlocks: 'stakes are liable for so many blocks',
  evidenceMaxAgeMs: 'and for so long',
}
const PARAM_NAMES = Object.keys(PARAMS) as (keyof ChainParams)[]

const parseAccount = (text: string, before: readonly GenesisAccount[] = []): readonly GenesisAccount[] => {
  const [address = '', amount] = text.split('=')
  if (amount === undefined) throw new InvalidArgumentError('expected ADDRESS=AMOUNT, such as vex1…=1000vex')
  try {
    return [...before, { address: parseAddress(address), balance: parseAmountArgument(amount) }]
  } catch (error) {
    if (error instanceof AddressError) throw new InvalidArgumentError(error.message)
    throw error
  }
}

const parseTime = (text: string): TimeMs => {
  const timeMs = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  if (timeMs >= 0) return BigInt(timeMs)
  throw new InvalidArgumentError('expected a time with its zone, such as 2030-01-31T12:00:00Z')
}

const draft = (options: DraftOptions): void => {
  const output = createOutput(options)
  const genesis = draftGenesis({
    chainId: options.chainId,
    timeMs: options.time ?? BigInt(Date.now()),
    params: Object.fromEntries(
      PARAM_NAMES.map(name => [name, options[name] ?? DEFAULT_CHAIN_PARAMS[name]]),
    ) as unknown as ChainParams,
    accounts: options.account ?? [],
  })
  writeNew(options.out, formatGenesis(genesis))
  const { chainId, timeMs, params, accounts } = genesis
  const balances = accounts.reduce((sum, { balance }) => sum + balance, 0n)
  output.result({ path: options.out, chainId, timeMs, params, accounts: accounts.length, balances }, () =>
    showTable(`Wrote ${options.out}, without validators yet`, [
      ['chain', chainId],
      ['begins', showTime(String(timeMs))],
      ['accounts', `${accounts.length}, with ${formatAmount(balances)}`],
      ['next', `vex genesis add-validator ${options.out} --from validator.json`],
    ]),
  )
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)

const addParam = (command: Command, name: keyof ChainParams): Command => {
  const isAmount = name === 'blockReward'
  const shown = isAmount ? formatAmount(DEFAULT_CHAIN_PARAMS[name]) : String(DEFAULT_CHAIN_PARAMS[name])
  return command.option(
    `--${kebab(name)} <${isAmount ? 'amount' : 'n'}>`,
    `${PARAMS[name]} (default: ${shown})`,
    isAmount ? parseAmountArgument : parseInteger,
  )
}

export const defineDraft = (genesis: Command): void => {
  const command = genesis
    .command('new')
    .description('write a genesis without validators: chain id, parameters, accounts')
    .requiredOption('--chain-id <id>', 'the name of the chain, at most 32 bytes')
    .requiredOption('--out <file>', 'where to write it; never over a file that is there')
    .option(
      '--account <address=amount>',
      'an account that has VEX from the start; may be repeated',
      parseAccount,
    )
    .option('--time <time>', 'when the chain begins (default: now)', parseTime)
  addExamples(addCommonOptions(PARAM_NAMES.reduce(addParam, command)).action(draft), [
    'vex genesis new --chain-id my-chain --out genesis.json',
    'vex genesis new --chain-id lan --out lan.json --network-delay-ms 100 --account vex1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0shdz9mw=1000vex',
  ])
}
