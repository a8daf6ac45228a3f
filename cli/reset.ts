/** Deletes a development chain, and nothing else: another chain's folder, or one in use, is left as it is. */
import { existsSync } from 'node:fs'
import { readFile, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { DEV_CHAIN_ID } from '../node/dev.ts'
import { StorageError } from '../node/storage/database.ts'
import { openRocksDatabase } from '../node/storage/rocks.ts'
import { confirm } from './confirm.ts'
import { CliError } from './errors.ts'

const readChainId = async (path: string): Promise<unknown> => {
  try {
    return (JSON.parse(await readFile(join(path, 'genesis.json'), 'utf8')) as { chainId?: unknown }).chainId
  } catch (cause) {
    throw new CliError(
      'not_a_dev_chain',
      `${path} has no genesis.json that can be read, so it may not be a chain: look at it and delete it yourself`,
      { cause },
    )
  }
}

/** The database's lock is that of the whole directory. Damage is no reason to keep it. */
const assertNotInUse = async (path: string): Promise<void> => {
  try {
    await (await openRocksDatabase(join(path, 'db'))).close()
  } catch (error) {
    if (error instanceof StorageError && error.code !== 'locked') return
    throw error
  }
}

export const resetDevChain = async (
  path: string,
  { isConfirmed }: { isConfirmed: boolean },
): Promise<void> => {
  if (!existsSync(path)) return
  const chainId = await readChainId(path)
  if (chainId !== DEV_CHAIN_ID)
    throw new CliError(
      'not_a_dev_chain',
      `${path} holds the chain ${JSON.stringify(chainId)}, not a development chain: --reset does not touch it`,
    )
  await assertNotInUse(path)
  if (!isConfirmed)
    await confirm({
      question: `Delete the chain in ${path} and start a new one?`,
      asker: '--reset asks before it deletes',
      kept: `nothing was deleted; ${path} is as it was`,
    })
  // First out of the way in one step: an interrupted deletion must not look like a chain.
  const doomed = `${resolve(path)}.deleted-${process.pid}`
  await rename(path, doomed)
  await rm(doomed, { recursive: true })
}
