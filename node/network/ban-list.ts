/** Bans over a restart, in a file: scores.ts in and out. A list that cannot be read bans nobody. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Logger } from 'pino'
import type { PeerScores } from './scores.ts'

export const readBans = (scores: PeerScores, path: string | undefined, logger: Logger): void => {
  if (path === undefined) return
  try {
    scores.load(readFileSync(path, 'utf8'), Date.now())
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      logger.warn({ error }, `the bans in ${path} cannot be read, and are forgotten`)
  }
}

export const writeBans = (scores: PeerScores, path: string | undefined, logger: Logger): void => {
  if (path === undefined) return
  try {
    writeFileSync(`${path}.new`, scores.toJson(Date.now()))
    renameSync(`${path}.new`, path)
  } catch (error) {
    logger.warn({ error }, 'bans are not kept over a restart')
  }
}
