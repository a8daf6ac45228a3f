/** Deletes a development chain, and nothing else: another chain's folder, or one in use, is left as it is. */
import { existsSync } from 'node:fs'
import { readFile, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { DEV_CHAIN_ID } from '../node/dev.ts'
import { StorageError } from '../node/storage/database.ts'
import { openRocksDatabase } from '../node/storage/rocks.ts'
import { CliError, INTERRUPTED, usageError } from './errors.ts'

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

/** `undefined`: Ctrl-C or Ctrl-D instead of an answer. */
const ask = async (question: string): Promise<string | undefined> => {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const leaving = new AbortController()
  // Ctrl-D closes it without an answer, Ctrl-C closes it and rejects the question.
  terminal.once('close', () => leaving.abort())
  try {
    return await terminal.question(question, { signal: leaving.signal })
  } catch (error) {
    if (leaving.signal.aborted) return undefined
    throw error
  } finally {
    terminal.close()
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
  if (!isConfirmed) {
    if (!process.stdin.isTTY)
      throw usageError('--reset asks before it deletes, and there is no terminal: add --yes')
    const answer = await ask(`Delete the chain in ${path} and start a new one? [y/N] `)
    const kept = `nothing was deleted; ${path} is as it was`
    if (answer === undefined) throw new CliError('interrupted', kept, { exitCode: INTERRUPTED })
    if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('not_confirmed', kept)
  }
  // First out of the way in one step: an interrupted deletion must not look like a chain.
  const doomed = `${resolve(path)}.deleted-${process.pid}`
  await rename(path, doomed)
  await rm(doomed, { recursive: true })
}
