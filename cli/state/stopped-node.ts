/** The data directory of a node that is stopped, locked while a command reads it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Chain } from '../../node/chain/chain.ts'
import { parseGenesis } from '../../node/genesis-file.ts'
import { DATA_FILES, type DataDirectory, openDataDirectory } from '../../node/storage/data-directory.ts'
import { COLUMNS, type Database } from '../../node/storage/database.ts'
import { readFormat } from '../../node/storage/format-file.ts'
import { describePending } from '../../node/storage/migrations.ts'
import { assertNotRestoring } from '../../node/storage/restore-mark.ts'
import { genesisHash } from '../../node/types/genesis.ts'
import { createVm } from '../../vm/vm.ts'
import { CliError } from '../errors.ts'
import type { CommonOptions } from '../options.ts'

export interface StateOptions extends CommonOptions {
  readonly dataDir: string
}

export interface StoppedNode {
  readonly db: Database
  readonly chain: Chain
}

/** Locked while `use` runs. Never makes a directory. */
export const withLockedDirectory = async <T>(
  path: string,
  use: (directory: DataDirectory) => T | Promise<T>,
): Promise<T> => {
  const missing = (): never => {
    throw new CliError('not_found', `there is no data directory ${path}: name one with --data-dir`)
  }
  if (!existsSync(path)) missing()
  const format = readFormat(path)
  if (format === undefined) {
    assertNotRestoring(path)
    return missing()
  }
  const pending = describePending(format.version)
  // Who only wants to look changes nothing.
  if (pending !== undefined)
    throw new CliError(
      'older_version',
      `${path} has data format ${format.version}: ${pending}. Start the node once, then run this again`,
    )
  const hashGenesis = (text: string) => genesisHash(parseGenesis(text))
  const directory = await openDataDirectory(path, { create: missing, hashGenesis })
  try {
    return await use(directory)
  } finally {
    await directory.database.close()
  }
}

/** The same, with its chain open. */
export const withStoppedNode = (
  path: string,
  use: (node: StoppedNode) => void | Promise<void>,
): Promise<void> =>
  withLockedDirectory(path, async ({ database: db }) => {
    if (db.range(COLUMNS.meta, { limit: 1 }).length === 0)
      throw new CliError('empty', `${path} holds no block yet: start the node once`)
    const genesis = parseGenesis(readFileSync(join(path, DATA_FILES.genesis), 'utf8'))
    await use({ db, chain: Chain.open({ db, genesis, vm: createVm() }) })
  })
