/** `vex keys export | import`: a validator from one directory to another, with what it must not forget (validator-move.ts). */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { formatAddress, publicKeyToAddress } from '../../node/crypto/address.ts'
import { genesisHash } from '../../node/types/genesis.ts'
import { parseGenesis } from '../../node/genesis-file.ts'
import { formatNodeKey, parseNodeKey } from '../../node/network/node-key.ts'
import { DATA_FILES, type DataDirectory } from '../../node/storage/data-directory.ts'
import { COLUMNS } from '../../node/storage/database.ts'
import { writeSynced } from '../../node/storage/synced-files.ts'
import {
  isEncrypted,
  openValidatorKeys,
  readIdentity,
  sealValidatorKeys,
} from '../../node/validator-key-file.ts'
import {
  type Chain,
  enterDirectory,
  leaveDirectory,
  type MovingValidator,
  openMove,
  readSigned,
  sealMove,
} from '../../node/validator-move.ts'
import { formatValidatorKeys } from '../../node/validator-keys.ts'
import { MAX_KEYSTORE_BYTES } from '../../node/wallet/keystore-format.ts'
import { CliError } from '../errors.ts'
import { addExamples } from '../help/examples.ts'
import { createOutput } from '../output.ts'
import { OWNER_ONLY, readSecretFile, writeSecretFile } from '../secrets/file.ts'
import { readNewPassword, readPassword } from '../secrets/password.ts'
import { showTable } from '../terminal/table.ts'
import { withLockedDirectory } from '../state/stopped-node.ts'
import { addKeyOptions, describeKeys, keyFileOf, type KeyOptions, readKeys } from './files.ts'

const chainOf = ({ genesis: text }: DataDirectory): Chain => {
  const genesis = parseGenesis(text)
  return { chainId: genesis.chainId, genesisHash: genesisHash(genesis) }
}

const showSigned = ({ signed }: Pick<MovingValidator, 'signed'>): string =>
  signed === null ? 'nothing' : `up to epoch ${signed.epoch}, view ${signed.view}`

const operatorOf = (keys: { operatorPublicKey: Uint8Array }): string =>
  formatAddress(publicKeyToAddress(keys.operatorPublicKey))

const exportKeys = async (options: KeyOptions & { readonly out: string }): Promise<void> => {
  const output = createOutput(options)
  const { dataDir, out } = options
  const path = keyFileOf(undefined, dataDir)
  const what = describeKeys(path)
  if (existsSync(out))
    throw new CliError('exists', `${out} is there already, and was not changed: name another file`)
  await withLockedDirectory(dataDir, async directory => {
    const text = await readKeys(path)
    const chain = chainOf(directory)
    const { voteKey } = readIdentity(text, what)
    const hasBlocks = directory.database.range(COLUMNS.blocks, { limit: 1 }).length > 0
    const signed = readSigned(dataDir, { chainId: chain.chainId, voteKey, hasBlocks })
    const password = isEncrypted(text)
      ? await readPassword(options, what)
      : await readNewPassword(options.passwordFile, `the file ${out}`)
    const keys = await openValidatorKeys(text, what, () => Promise.resolve(password))
    const nodeKeyPath = join(dataDir, DATA_FILES.nodeKey)
    const nodeKey = existsSync(nodeKeyPath)
      ? parseNodeKey(readFileSync(nodeKeyPath, 'utf8'), nodeKeyPath)
      : undefined
    writeSecretFile(out, await sealMove({ ...chain, keys, signed, nodeKey }, password))
    await leaveDirectory(dataDir, chain.chainId, voteKey)
    output.result(
      { path: out, chainId: chain.chainId, operator: operatorOf(keys), signed, dataDirectory: dataDir },
      () =>
        showTable(`Moved the keys of ${dataDir} into ${out}, under the same password`, [
          ['operator', operatorOf(keys)],
          ['signed', showSigned({ signed })],
          ['here', `${dataDir} never votes with them again, not even from a copy of its keys`],
          ['next', `vex keys import ${out} --data-dir DIRECTORY, in a node of the same chain`],
        ]),
    )
  })
}

interface ImportOptions extends KeyOptions {
  readonly plain?: true
  readonly nodeKey?: true
}

const importKeys = async (file: string, options: ImportOptions): Promise<void> => {
  const output = createOutput(options)
  const { dataDir } = options
  const what = `the file ${file}`
  const text = await readSecretFile(file, 'file of a move', MAX_KEYSTORE_BYTES)
  await withLockedDirectory(dataDir, async directory => {
    const password = await readPassword(options, what)
    const moving = await openMove(text, password, what)
    const { keys, nodeKey, chainId, signed } = moving
    const keyText =
      options.plain === true ? formatValidatorKeys(keys) : await sealValidatorKeys(keys, password)
    if (options.nodeKey === true && nodeKey !== undefined)
      writeSynced(dataDir, DATA_FILES.nodeKey, formatNodeKey(nodeKey), OWNER_ONLY)
    await enterDirectory(dataDir, chainOf(directory), moving, keyText)
    // Good for one move: what is signed from here on, it does not know.
    rmSync(file)
    output.result(
      { dataDirectory: dataDir, chainId, operator: operatorOf(keys), signed, removed: file },
      () =>
        showTable(`The keys are in ${dataDir} now, and ${file} is removed`, [
          ['operator', operatorOf(keys)],
          ['signed', `${showSigned(moving)}: there it does not vote again`],
          ['next', `"kind": "validator" in ${join(dataDir, DATA_FILES.config)}, then vex node start`],
        ]),
    )
  })
}

export const defineMoving = (keys: Command): void => {
  const exporting = keys
    .command('export')
    .description('take a stopped validator’s keys out of its directory, with up to where they have signed')
    .requiredOption('--out <file>', 'where to write them, encrypted; never over a file that is there')
    .action(exportKeys)
  addExamples(addKeyOptions(exporting), [
    'vex keys export --out validator.move',
    'vex keys export --data-dir node --out validator.move --password-file password --json',
  ])

  const importing = keys
    .command('import')
    .description('put exported keys into the directory of a stopped node without keys, and remove the file')
    .argument('<file>', 'what vex keys export wrote')
    .option('--plain', 'do not encrypt them there')
    .option('--node-key', 'also take over the node’s name in the network, which sentries know it by')
    .action(importKeys)
  addExamples(addKeyOptions(importing), [
    'vex keys import validator.move',
    'vex keys import validator.move --data-dir node --node-key --password-file password --json',
  ])
}
