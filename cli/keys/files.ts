/** `vex keys show | new | encrypt | decrypt`: the file with a validator's keys. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Command } from 'commander'
import { formatAddress, publicKeyToAddress } from '../../node/crypto/address.ts'
import { parseNodeKey } from '../../node/network/node-key.ts'
import { DATA_FILES } from '../../node/storage/data-directory.ts'
import { writeSynced } from '../../node/storage/synced-files.ts'
import { toHex } from '../../node/types/primitives.ts'
import {
  identityOf,
  identityToJson,
  isEncrypted,
  openValidatorKeys,
  readIdentity,
  sealValidatorKeys,
  type ValidatorIdentity,
} from '../../node/validator-key-file.ts'
import { createValidatorKeys, formatValidatorKeys } from '../../node/validator-keys.ts'
import { MAX_KEYSTORE_BYTES } from '../../node/wallet/keystore-format.ts'
import { confirm } from '../confirm.ts'
import { CliError } from '../errors.ts'
import { addNodeDirectory } from '../node/options.ts'
import { addExamples } from '../help/examples.ts'
import { addCommonOptions, type CommonOptions } from '../options.ts'
import { createOutput, type Output } from '../output.ts'
import { OWNER_ONLY, readSecretFile, writeSecretFile } from '../secrets/file.ts'
import {
  addPasswordOption,
  type PasswordOptions,
  readNewPassword,
  readPassword,
} from '../secrets/password.ts'
import { showTable } from '../terminal/table.ts'
import { addSealOptions, type SealOptions, sealSettings } from '../wallet/settings.ts'

export interface KeyOptions extends CommonOptions, PasswordOptions {
  readonly dataDir: string
}

export const keyFileOf = (given: string | undefined, dataDir: string): string =>
  given ?? join(dataDir, DATA_FILES.validatorKeys)

export const describeKeys = (path: string): string => `the validator key file ${path}`

export const readKeys = async (path: string): Promise<string> => {
  if (!existsSync(path))
    throw new CliError(
      'not_found',
      `there is no validator key file ${path}: name it, or the node’s directory with --data-dir. vex keys new makes one`,
    )
  return readSecretFile(path, 'validator key file', MAX_KEYSTORE_BYTES)
}

const reportKeys = (
  output: Output,
  title: string,
  path: string,
  identity: ValidatorIdentity,
  isLocked: boolean,
  peerId?: string,
): void => {
  const operator = formatAddress(publicKeyToAddress(identity.operatorPublicKey))
  output.result(
    { path, isEncrypted: isLocked, operator, ...identityToJson(identity), peerId: peerId ?? null },
    () =>
      showTable(title, [
        ['operator', operator],
        ['vote key', `0x${toHex(identity.voteKey)}`],
        ['proof of possession', `0x${toHex(identity.proofOfPossession)}`],
        ['VRF key', `0x${toHex(identity.vrfKey)}`],
        ['encrypted', isLocked ? 'yes' : 'no: vex keys encrypt'],
        ...(peerId === undefined ? [] : [['peer id', peerId] as const]),
      ]),
  )
}

/** Of the node whose directory the keys lie in. */
const readPeerId = async (keyFile: string): Promise<string | undefined> => {
  const path = join(dirname(keyFile), DATA_FILES.nodeKey)
  if (basename(keyFile) !== DATA_FILES.validatorKeys || !existsSync(path)) return undefined
  const { peerIdOf } = await import('../../node/network/peer-id.ts')
  return peerIdOf(parseNodeKey(readFileSync(path, 'utf8'), path))
}

const show = async (file: string | undefined, options: KeyOptions): Promise<void> => {
  const output = createOutput(options)
  const path = keyFileOf(file, options.dataDir)
  const text = await readKeys(path)
  const identity = readIdentity(text, describeKeys(path))
  reportKeys(output, path, path, identity, isEncrypted(text), await readPeerId(path))
}

interface NewOptions extends CommonOptions, PasswordOptions, SealOptions {
  readonly plain?: true
}

const make = async (path: string, options: NewOptions): Promise<void> => {
  const output = createOutput(options)
  if (existsSync(path))
    throw new CliError('exists', `${path} is there already, and was not changed: name another file`)
  const keys = createValidatorKeys()
  const isPlain = options.plain === true
  const text = isPlain
    ? formatValidatorKeys(keys)
    : await sealValidatorKeys(
        keys,
        await readNewPassword(options.passwordFile, describeKeys(path)),
        sealSettings(options),
      )
  writeSecretFile(path, text)
  reportKeys(output, `Wrote new validator keys to ${path}`, path, identityOf(keys), !isPlain)
}

const encrypt = async (file: string | undefined, options: KeyOptions & SealOptions): Promise<void> => {
  const output = createOutput(options)
  const path = keyFileOf(file, options.dataDir)
  const what = describeKeys(path)
  const text = await readKeys(path)
  if (isEncrypted(text)) throw new CliError('encrypted', `${path} is encrypted already: nothing was done`)
  const keys = await openValidatorKeys(text, what, undefined)
  const password = await readNewPassword(options.passwordFile, what)
  writeSynced(
    dirname(path),
    basename(path),
    await sealValidatorKeys(keys, password, sealSettings(options)),
    OWNER_ONLY,
  )
  reportKeys(
    output,
    `Encrypted ${path}: vex node start asks for the password, or takes --password-file. Copies made before are not encrypted`,
    path,
    identityOf(keys),
    true,
  )
}

const decrypt = async (
  file: string | undefined,
  options: KeyOptions & { readonly yes?: true },
): Promise<void> => {
  const output = createOutput(options)
  const path = keyFileOf(file, options.dataDir)
  const what = describeKeys(path)
  const text = await readKeys(path)
  if (!isEncrypted(text)) throw new CliError('not_encrypted', `${path} is not encrypted: nothing was done`)
  if (options.yes !== true)
    await confirm({
      question: `Write the keys of ${path} in the clear? Whoever reads the file then is this validator.`,
      asker: 'vex keys decrypt asks first',
      kept: `nothing was done; ${path} is as it was`,
    })
  const keys = await openValidatorKeys(text, what, () => readPassword(options, what))
  writeSynced(dirname(path), basename(path), formatValidatorKeys(keys), OWNER_ONLY)
  reportKeys(output, `${path} is not encrypted any more`, path, identityOf(keys), false)
}

export const addKeyOptions = (command: Command): Command =>
  addCommonOptions(addPasswordOption(addNodeDirectory(command)))

const FILE = 'a key file; default: that of the node’s directory'

export const defineFiles = (keys: Command): void => {
  const showing = keys
    .command('show')
    .description('show who a validator is: public keys, proof of possession; needs no password')
    .argument('[file]', FILE)
    .action(show)
  addExamples(addCommonOptions(addNodeDirectory(showing)), [
    'vex keys show',
    'vex keys show keys.json --json',
  ])

  const making = keys
    .command('new')
    .description('make the keys of a new validator: to vote, for the VRF, of its operator')
    .argument('<file>', 'where to write them; never over a file that is there')
    .option('--plain', 'do not encrypt them')
    .action(make)
  addExamples(addCommonOptions(addPasswordOption(addSealOptions(making))), [
    'vex keys new keys.json',
    'vex keys new keys.json --password-file password --json',
  ])

  const encrypting = keys
    .command('encrypt')
    .description('put a password on keys that have none')
    .argument('[file]', FILE)
    .action(encrypt)
  addExamples(addKeyOptions(addSealOptions(encrypting)), [
    'vex keys encrypt',
    'vex keys encrypt --data-dir node --password-file password --json',
  ])

  const decrypting = keys
    .command('decrypt')
    .description('take the password off; asks first')
    .argument('[file]', FILE)
    .option('--yes', 'do not ask')
    .action(decrypt)
  addExamples(addKeyOptions(decrypting), [
    'vex keys decrypt',
    'vex keys decrypt keys.json --yes --password-file password --json',
  ])
}
