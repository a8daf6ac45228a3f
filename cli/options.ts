/** Options that several commands share, each declared once. Values are checked here, at the edge. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { DEFAULT_API } from '../node/api/default-address.ts'
import { MIN_KEPT_BLOCKS, PRUNING_MODES, type PruningMode, type Retention } from '../node/chain/pruning.ts'
import { AddressError, parseAddress } from '../node/crypto/address.ts'
import { MiB, MIN_FREE_BYTES } from '../node/storage/disk-space.ts'
import { fromHex, type Hash, MAX_U64, toHash } from '../node/types/primitives.ts'
import { isAccountName } from '../node/wallet/account-name.ts'
import { isDevName } from './address-book.ts'
import { parseAmount } from './amounts.ts'
import { addPasswordOption, type PasswordOptions } from './secrets/password.ts'
import { addWalletOption } from './wallet/location.ts'

export interface CommonOptions {
  readonly json?: true
  readonly quiet?: true
  readonly verbose?: true
}

export interface ClientOptions extends CommonOptions {
  readonly url: string
  readonly wallet: string
}

export interface SignerOptions extends PasswordOptions {
  readonly from?: string
  readonly keyFile?: string
}

export interface SendingOptions extends ClientOptions, SignerOptions {
  readonly gasLimit?: bigint
  readonly maxFee?: bigint
  readonly tip?: bigint
  readonly force?: true
}

/** What a node keeps of its past. */
export interface PruningOptions {
  readonly pruning: PruningMode
  readonly keepBlocks?: number | undefined
}

export interface ListenOptions extends CommonOptions, PruningOptions, PasswordOptions {
  readonly dataDir: string
  readonly port?: number
  readonly host: string
  readonly minFreeMib?: number
}

export const DEFAULT_URL = `http://${DEFAULT_API.host}:${DEFAULT_API.port}`
export const DEFAULT_DATA_DIRECTORY = '.vex/dev'

export const parseUrl = (text: string): string => {
  const url = URL.parse(text)
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return text
  throw new InvalidArgumentError(`expected an address such as ${DEFAULT_URL}`)
}

const parsePort = (text: string): number => {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('expected a number from 0 (any free port) to 65535')
}

const parseMib = (text: string): number => {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('expected a number of MiB, such as 256')
}

export const parseInteger = (text: string): bigint => {
  const digits = text.replaceAll('_', '')
  if (/^\d{1,20}$/.test(digits) && BigInt(digits) <= MAX_U64) return BigInt(digits)
  throw new InvalidArgumentError(`expected a whole number from 0 to ${MAX_U64}`)
}

/** Of a block or of a genesis. */
export const parseHashArgument = (text: string): Hash => {
  if (/^(0x)?[0-9a-fA-F]{64}$/.test(text)) return toHash(fromHex(text))
  throw new InvalidArgumentError('expected the 64 hex digits of a hash')
}

const parseSigner = (text: string): string => {
  if (isDevName(text) || isAccountName(text) || isAddress(text)) return text
  throw new InvalidArgumentError(
    'expected an account of the wallet (vex wallet list), or dev0 to dev9. For a key in a file use --key-file',
  )
}

const isAddress = (text: string): boolean => {
  try {
    return parseAddress(text).length > 0
  } catch {
    return false
  }
}

export const parseAmountArgument = (text: string): bigint => {
  const parsed = parseAmount(text)
  if ('amount' in parsed) return parsed.amount
  throw new InvalidArgumentError(parsed.problem)
}

/** An address, or the name of an account; whose it is shows once the chain and the wallet are known. */
export const parseAddressArgument = (text: string): string => {
  if (isDevName(text) || isAccountName(text)) return text
  if (/^dev\w*$/.test(text))
    throw new InvalidArgumentError('the development accounts are dev0 to dev9; an address begins with vex1')
  try {
    parseAddress(text)
    return text
  } catch (error) {
    if (error instanceof AddressError) throw new InvalidArgumentError(error.message)
    throw error
  }
}

export const parseTransactionId = (text: string): string => {
  if (/^(0x)?[0-9a-fA-F]{64}$/.test(text)) return text
  throw new InvalidArgumentError('expected the 64 hex digits of a transaction’s id')
}

export const NO_OWNER = 'none'

export const parseOwner = (text: string): string => {
  try {
    return text === NO_OWNER ? text : parseAddressArgument(text)
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    throw new InvalidArgumentError(
      `${error.message}. Write "${NO_OWNER}" for a contract that nobody may change`,
    )
  }
}

export const addCommonOptions = (command: Command): Command =>
  command
    .option('--json', 'print JSON, one document a line; errors as {"error":{code,message}} on stderr')
    .option('--quiet', 'results and errors only: no notices, no progress')
    .option('--verbose', 'show the stack of an unexpected error, and what the node logs')

export const addClientOptions = (command: Command): Command =>
  addCommonOptions(
    addWalletOption(
      command.addOption(
        new Option('--url <url>', 'the node’s API').env('VEX_URL').default(DEFAULT_URL).argParser(parseUrl),
      ),
    ),
  )

export const addSignerOptions = (command: Command): Command =>
  addPasswordOption(
    command
      .addOption(
        new Option(
          '--from <name>',
          'account of the wallet that signs, or dev0 to dev9 on a development chain',
        )
          .argParser(parseSigner)
          .conflicts('keyFile'),
      )
      .option('--key-file <file>', 'file with the secret key that signs, as hex (or VEX_KEY with the key)'),
  )

export const addSendingOptions = (command: Command): Command =>
  addClientOptions(
    addSignerOptions(command)
      .option('--gas-limit <gas>', 'default: what a simulation needs, and a tenth more', parseInteger)
      .option(
        '--max-fee <units>',
        'most units per gas; default: twice the base fee, at least six more, and the tip',
        parseInteger,
      )
      .option('--tip <units>', 'units per gas for the proposer; default: 1', parseInteger)
      .option('--force', 'send it although the simulation fails'),
  )

const MAX_PERCENT = 100

/** `2.5` or `2.5%`, in ten-thousandths. */
export const parsePercent = (text: string): number => {
  const match = /^(\d{1,3}(?:\.\d{1,2})?)\s*%?$/.exec(text.trim())
  const percent = Number(match?.[1])
  if (match !== null && percent <= MAX_PERCENT) return Math.round(percent * 100)
  throw new InvalidArgumentError('expected a percentage from 0 to 100 with at most two decimals, such as 2.5')
}

export const addValueOption = (command: Command): Command =>
  command.option('--value <amount>', 'VEX to send along, such as 1.5vex', parseAmountArgument)

export const addAbiOption = (command: Command): Command =>
  command.option('--abi <file>', 'ABI file, for a contract that was built without one')

export const addListenOptions = (command: Command): Command =>
  addCommonOptions(
    addPruningOptions(
      addPasswordOption(command)
        .option('--data-dir <dir>', 'where the chain is kept', DEFAULT_DATA_DIRECTORY)
        .option(
          '--port <port>',
          `port of the API; 0 for any free one (default: ${DEFAULT_API.port})`,
          parsePort,
        )
        .option('--host <address>', 'where the API listens; whoever reaches it may use it', DEFAULT_API.host)
        .option(
          '--min-free-mib <n>',
          `with less on the disk no blocks are made, with a quarter of it the node stops; 0: never (default: ${MIN_FREE_BYTES / MiB})`,
          parseMib,
        ),
    ),
  )

const MODE_NAMES = Object.keys(PRUNING_MODES)

const parseKeptBlocks = (text: string): number => {
  const blocks = Number(text.replaceAll('_', ''))
  if (/^[\d_]+$/.test(text) && Number.isSafeInteger(blocks) && blocks >= MIN_KEPT_BLOCKS) return blocks
  throw new InvalidArgumentError(`expected a whole number from ${MIN_KEPT_BLOCKS} on`)
}

export const addPruningOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--pruning <mode>',
        `archive keeps all blocks, default the last ${PRUNING_MODES.default.blocks}, minimal the last ${MIN_KEPT_BLOCKS}`,
      )
        .choices(MODE_NAMES)
        .default('default'),
    )
    .option('--keep-blocks <n>', 'how many of the last blocks are kept, instead', parseKeptBlocks)

/** The states before the kept blocks as well, as far as one process can go back: whoever develops traces them. */
export const toRetention = ({ pruning, keepBlocks }: PruningOptions): Retention => {
  const blocks = keepBlocks ?? PRUNING_MODES[pruning].blocks
  return { blocks, states: blocks ?? PRUNING_MODES.default.blocks }
}

/** How an example takes a field out of a command's JSON, with nothing but Node. */
export const pickJson = (path: string): string => `node -p 'JSON.parse(fs.readFileSync(0)).${path}'`

/** For examples that need a contract. */
export const TOKEN_EXAMPLE = `TOKEN=$(vex deploy contracts/token/token.ts Gold GLD 9 1000000 --json | ${pickJson('created[0]')})`

/** For examples that need a validator. */
export const VALIDATOR_EXAMPLE = `VALIDATOR=$(vex validators --json | ${pickJson('validators[0].address')})`
