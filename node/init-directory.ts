/**
 * The data directory of a node, made before its first start: genesis, keys and settings, and an empty database. Nothing
 * counts before `format.json` is there, written last (storage/data-directory.ts): what was interrupted is done again,
 * with the keys that are there.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { checkGenesis } from './chain/genesis.ts'
import { formatNewConfig } from './config.ts'
import { formatGenesis, parseGenesis } from './genesis-file.ts'
import { createNodeKey, formatNodeKey, parseNodeKey } from './network/node-key.ts'
import type { NodeKind } from './network/ports.ts'
import { DATA_FILES, openDataDirectory } from './storage/data-directory.ts'
import { StorageError } from './storage/database.ts'
import { readTextIfThere } from './storage/read-text.ts'
import { createSynced, writeSynced } from './storage/synced-files.ts'
import { type Genesis, genesisHash } from './types/genesis.ts'
import { identityToJson, readIdentity, type ValidatorIdentity } from './validator-key-file.ts'
import { createValidatorKeys, formatValidatorKeys, type ValidatorKeys } from './validator-keys.ts'

const OWNER_ONLY = 0o600

export interface InitOptions {
  readonly path: string
  readonly genesis: Genesis
  readonly kind: NodeKind
  /** Addresses of nodes to ask first. */
  readonly bootstrap: readonly string[]
  /** Addresses of the sentries that a validator hides behind, instead. */
  readonly sentries?: readonly string[] | undefined
  /** Of a validator; by default those that lie in the directory, or new ones. */
  readonly validatorKeys?: ValidatorKeys | undefined
  /** The same as the text of their file, encrypted or not. */
  readonly validatorKeyText?: string | undefined
  /** Seed of the node's key; by default a new one. */
  readonly nodeKey?: Uint8Array | undefined
}

const refuse = (message: string): never => {
  throw new StorageError('not_empty', `${message}. Nothing was changed`)
}

const givenKeys = ({ validatorKeys, validatorKeyText }: InitOptions): string | undefined =>
  validatorKeyText ?? (validatorKeys && formatValidatorKeys(validatorKeys))

const areSameKeys = (a: string, b: string): boolean =>
  JSON.stringify(identityToJson(readIdentity(a, 'the key file in the directory'))) ===
  JSON.stringify(identityToJson(readIdentity(b, 'the key file')))

const assertMayInit = (options: InitOptions): void => {
  const { path, kind } = options
  if (existsSync(join(path, DATA_FILES.format)))
    refuse(`${path} holds a chain already: give a directory that does not exist`)
  const keyFile = join(path, DATA_FILES.validatorKeys)
  const kept = readTextIfThere(keyFile)
  if (kept === undefined) return
  if (kind !== 'validator')
    refuse(`${keyFile} holds validator keys, and a node of the kind ${kind} has none: use another directory`)
  const given = givenKeys(options)
  if (given !== undefined && !areSameKeys(kept, given))
    refuse(
      `${keyFile} holds other validator keys: leave those that were given away, or use another directory`,
    )
}

/** The seed of the node's key; made if there is none. */
export const readNodeKey = (path: string, create: () => Uint8Array = createNodeKey): Uint8Array => {
  const file = join(path, DATA_FILES.nodeKey)
  createSynced(path, DATA_FILES.nodeKey, () => formatNodeKey(create()), OWNER_ONLY)
  return parseNodeKey(readTextIfThere(file) ?? '', file)
}

/** To a directory that was restored from a snapshot: what a node has beside its state. */
export const completeDirectory = ({ path, kind, bootstrap, sentries, nodeKey }: InitOptions): void => {
  readNodeKey(path, () => nodeKey ?? createNodeKey())
  writeSynced(path, DATA_FILES.config, formatNewConfig(kind, bootstrap, sentries))
}

/** Throws a {@link StorageError} for a directory that holds anything but the keys of a validator. Gives who a validator is. */
export const initDirectory = async (options: InitOptions): Promise<ValidatorIdentity | undefined> => {
  const { path, genesis, kind, bootstrap, sentries } = options
  checkGenesis(genesis)
  assertMayInit(options)
  const config = formatNewConfig(kind, bootstrap, sentries)
  const { database, isNew, validatorKeys } = await openDataDirectory(path, {
    mayHold: [DATA_FILES.validatorKeys],
    hashGenesis: text => genesisHash(parseGenesis(text)),
    writeMore() {
      readNodeKey(path, () => options.nodeKey ?? createNodeKey())
      writeSynced(path, DATA_FILES.config, config)
    },
    create(kept) {
      if (kind !== 'validator') return { genesis: formatGenesis(genesis), validatorKeys: undefined }
      const text = kept ?? givenKeys(options) ?? formatValidatorKeys(createValidatorKeys())
      readIdentity(text, `the key file of ${path}`)
      return { genesis: formatGenesis(genesis), validatorKeys: text }
    },
  })
  await database.close()
  if (!isNew) refuse(`another process has made ${path} just now`)
  return validatorKeys === undefined ? undefined : readIdentity(validatorKeys, `the key file of ${path}`)
}
