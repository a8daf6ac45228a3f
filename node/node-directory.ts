/** The data directory of a node with its genesis and keys: opened, or made. */
import { join } from 'node:path'
import type { Logger } from 'pino'
import { formatGenesis, parseGenesis } from './genesis-file.ts'
import { DATA_FILES, type DataDirectory, openDataDirectory } from './storage/data-directory.ts'
import { type Genesis, genesisHash } from './types/genesis.ts'
import { type AskPassword, openValidatorKeys } from './validator-key-file.ts'
import { createValidatorKeys, formatValidatorKeys, type ValidatorKeys } from './validator-keys.ts'

export interface NodeDirectoryOptions {
  readonly dataDirectory: string
  /** Makes the genesis of a new data directory; an existing one keeps its own. */
  readonly createGenesis: (keys: ValidatorKeys) => Genesis
  /** Of a new data directory; by default those that lie there already, or new ones. */
  readonly validatorKeys?: ValidatorKeys | undefined
  /** For a `validator-key.json` that is encrypted. */
  readonly askPassword?: AskPassword | undefined
}

export interface NodeDirectory {
  readonly directory: DataDirectory
  readonly genesis: Genesis
  /** None: it does not vote. */
  readonly keys: ValidatorKeys | undefined
}

/** The caller closes the database. */
export const openNodeDirectory = async (
  { dataDirectory, createGenesis, validatorKeys, askPassword }: NodeDirectoryOptions,
  logger: Logger,
): Promise<NodeDirectory> => {
  const path = join(dataDirectory, DATA_FILES.validatorKeys)
  const openKeys = (text: string): Promise<ValidatorKeys> =>
    openValidatorKeys(text, `the validator key file ${path}`, askPassword)
  let made: ValidatorKeys | undefined
  let parsed: { readonly text: string; readonly genesis: Genesis } | undefined
  /** It is asked for three times, and the same each time. */
  const parse = (text: string): Genesis => {
    if (parsed?.text !== text) parsed = { text, genesis: parseGenesis(text) }
    return parsed.genesis
  }
  const directory = await openDataDirectory(dataDirectory, {
    create: async given => {
      const kept = validatorKeys === undefined ? given : undefined
      made = kept === undefined ? (validatorKeys ?? createValidatorKeys()) : await openKeys(kept)
      return { genesis: formatGenesis(createGenesis(made)), validatorKeys: kept ?? formatValidatorKeys(made) }
    },
    hashGenesis: text => genesisHash(parse(text)),
    onProgress: sentence => logger.warn(sentence),
  })
  try {
    const text = directory.validatorKeys
    const keys = text === undefined ? undefined : (made ?? (await openKeys(text)))
    return { directory, genesis: parse(directory.genesis), keys }
  } catch (error) {
    await directory.database.close()
    throw error
  }
}
