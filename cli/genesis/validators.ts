/** `vex genesis validator | add-validator`: from a validator's keys to its place in the genesis. */
import { readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { formatAddress } from '../../node/crypto/address.ts'
import {
  addValidator,
  createStatement,
  formatStatement,
  parseStatement,
} from '../../node/genesis-ceremony.ts'
import { formatGenesis } from '../../node/genesis-file.ts'
import { VALIDATOR_KEY_FILE } from '../../node/storage/data-directory.ts'
import { makeFolder } from '../../node/storage/make-folder.ts'
import { createSynced, writeSynced } from '../../node/storage/synced-files.ts'
import { openValidatorKeys } from '../../node/validator-key-file.ts'
import { createValidatorKeys, formatValidatorKeys } from '../../node/validator-keys.ts'
import { formatAmount } from '../amounts.ts'
import { addExamples } from '../help/examples.ts'
import { addCommonOptions, type CommonOptions, parseAmountArgument, parsePercent } from '../options.ts'
import { addNodeDirectory } from '../node/options.ts'
import { createOutput } from '../output.ts'
import { addPasswordOption, type PasswordOptions, readPassword } from '../secrets/password.ts'
import { showBps } from '../show.ts'
import { showTable } from '../terminal/table.ts'
import { readGenesis, writeNew } from './file.ts'

const OWNER_ONLY = 0o600

interface StatementOptions extends CommonOptions, PasswordOptions {
  readonly dataDir: string
  readonly chainId: string
  readonly stake: bigint
  readonly commission: number
  readonly out: string
}

const state = async (options: StatementOptions): Promise<void> => {
  const output = createOutput(options)
  const { dataDir, chainId, stake, commission: commissionBps, out } = options
  makeFolder(resolve(dataDir))
  const isNew = createSynced(
    dataDir,
    VALIDATOR_KEY_FILE,
    () => formatValidatorKeys(createValidatorKeys()),
    OWNER_ONLY,
  )
  const keyFile = join(dataDir, VALIDATOR_KEY_FILE)
  const keys = await openValidatorKeys(readFileSync(keyFile, 'utf8'), `the key file ${keyFile}`, what =>
    readPassword(options, what),
  )
  const statement = createStatement(keys, { chainId, stake, commissionBps })
  writeNew(out, formatStatement(statement))
  const operator = formatAddress(statement.address)
  output.result({ path: out, chainId, operator, stake, commissionBps, keyFile, isNew }, () =>
    showTable(`Wrote ${out}: give it to whoever makes the genesis`, [
      ['chain', chainId],
      ['operator', operator],
      ['stake', formatAmount(stake)],
      ['commission', showBps(commissionBps)],
      ['keys', `${keyFile}, ${isNew ? 'new: keep a copy, and show it to nobody' : 'which were there'}`],
    ]),
  )
}

const add = async (path: string, options: CommonOptions & { readonly from: string }): Promise<void> => {
  const output = createOutput(options)
  const statement = parseStatement(await readFile(options.from, 'utf8'), options.from)
  const genesis = addValidator(await readGenesis(path), statement)
  writeSynced(dirname(path), basename(path), formatGenesis(genesis))
  const { stake, commissionBps } = statement
  const operator = formatAddress(statement.address)
  const validators = genesis.validators.length
  output.result(
    { path, chainId: genesis.chainId, operator, stake, commissionBps, validators },
    () =>
      `Added ${operator} with ${formatAmount(stake)}, commission ${showBps(commissionBps)}: ${path} names ${validators} now`,
  )
}

export const defineValidators = (genesis: Command): void => {
  const stating = addCommonOptions(
    addNodeDirectory(
      addPasswordOption(
        genesis
          .command('validator')
          .description(
            'state with which keys and stake you begin the chain; makes the keys if there are none',
          )
          .requiredOption('--chain-id <id>', 'the chain that the statement is for')
          .addOption(
            new Option('--stake <amount>', 'of your own, at least 100 VEX')
              .argParser(parseAmountArgument)
              .makeOptionMandatory(),
          )
          .addOption(
            new Option('--commission <percent>', 'what you keep of your delegators’ rewards')
              .argParser(parsePercent)
              .default(0, '0'),
          )
          .requiredOption('--out <file>', 'where to write it; never over a file that is there'),
      ),
    ),
  ).action(state)
  addExamples(stating, [
    'vex genesis validator --chain-id my-chain --stake 1000vex --out validator.json',
    'vex genesis validator --data-dir other --chain-id my-chain --stake 500vex --commission 2.5 --out other.json',
  ])

  const adding = addCommonOptions(
    genesis
      .command('add-validator')
      .description('add a validator by its statement, after checking everything that it says')
      .argument('<genesis>', 'the genesis; it is changed')
      .requiredOption('--from <file>', 'the statement (vex genesis validator)'),
  ).action(add)
  addExamples(adding, [
    'vex genesis add-validator genesis.json --from validator.json',
    'vex genesis add-validator genesis.json --from other.json --json',
  ])
}
