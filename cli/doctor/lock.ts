/**
 * Who has a data directory's database open, found without touching its lock. Linux lists locks by inode; elsewhere
 * the hint that the node left beside its database has to do.
 */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Whatever the reason, there is nothing to learn from it.
    return undefined
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const hintedHolder = (databasePath: string): number | undefined => {
  const pid = Number(readText(`${databasePath}.pid`)?.trim())
  return Number.isInteger(pid) && pid > 0 && isAlive(pid) ? pid : undefined
}

/** The process that holds the database; 0 for one that cannot be named. */
export const lockHolder = (databasePath: string): number | undefined => {
  const locks = readText('/proc/locks')
  if (locks === undefined) return hintedHolder(databasePath)
  const inode = statSync(join(databasePath, 'LOCK'), { throwIfNoEntry: false })?.ino
  // `1: POSIX  ADVISORY  WRITE 1234 fd:01:5678 0 EOF`; waiting ones have an arrow in the second place.
  const line = locks.split('\n').find(text => text.split(/\s+/)[5]?.split(':')[2] === String(inode))
  if (line === undefined) return undefined
  const pid = Number(line.split(/\s+/)[4])
  // Of another container the system shows no number.
  return pid > 0 ? pid : (hintedHolder(databasePath) ?? 0)
}
