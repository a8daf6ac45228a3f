/**
 * A lock between processes: a file that names its owner's pid, made with its content in one step (a hard
 * link). An owner that died without unlocking is found by its pid, and its lock is taken away by renaming, so
 * that of several who see it only one succeeds.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { say } from './report.mjs'

const RETRY_MS = 200

const hasCode = (error, code) => error instanceof Error && error.code === code

/** The owner's pid as text; `undefined` if nobody holds the lock. */
const readOwner = path => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

const isAlive = owner => {
  const pid = Number(owner)
  // Our own number on a lock we do not hold: left by a process of a container or boot that is gone.
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}

/** True if the lock is now at `path` with `owner` in it. */
const tryLock = (path, owner) => {
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, owner)
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

const removeDead = (path, owner) => {
  const aside = `${path}.dead-${process.pid}`
  try {
    renameSync(path, aside)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return
    throw error
  }
  const taken = readOwner(aside)
  rmSync(aside, { force: true })
  // Someone else removed the dead lock first and this is the next owner's: put it back.
  if (taken !== undefined && taken !== owner) tryLock(path, taken)
}

const acquire = async path => {
  let isWaiting = false
  while (!tryLock(path, String(process.pid))) {
    const owner = readOwner(path)
    if (owner === undefined) continue
    if (!isAlive(owner)) {
      removeDead(path, owner)
      continue
    }
    if (!isWaiting) say(`Waiting for another set-up (process ${owner}); if there is none, delete ${path}`)
    isWaiting = true
    await sleep(RETRY_MS)
  }
}

/** Runs `body` while no other process holds the lock at `path`. */
export const withLock = async (path, body) => {
  await acquire(path)
  try {
    return await body()
  } finally {
    rmSync(path, { force: true })
  }
}
