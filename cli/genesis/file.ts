/** Reads and writes the files of a genesis ceremony, whole or not at all. */
import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { parseGenesis } from '../../node/genesis-file.ts'
import { createSynced } from '../../node/storage/synced-files.ts'
import type { Genesis } from '../../node/types/genesis.ts'
import { CliError } from '../errors.ts'

export const readGenesis = async (path: string): Promise<Genesis> =>
  parseGenesis(await readFile(path, 'utf8'))

/** Never over a file that is there. */
export const writeNew = (path: string, text: string): void => {
  if (createSynced(dirname(path), basename(path), () => text)) return
  throw new CliError('exists', `${path} is there already, and was not changed: name another file`)
}
