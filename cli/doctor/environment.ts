/** What a node needs of the machine, whatever chain it runs. Nothing here needs a native module to load. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SET_CLOCK } from '../../node/clock-watch.ts'
import { freeBytes, MiB, MIN_FREE_BYTES, stopBelowBytes } from '../../node/storage/disk-space.ts'
import { examine, type Finding, quoted, Wrong } from './finding.ts'

const MIN_NODE = 24
/** This version of Vex was written later than this. */
const EARLIEST_MS = Date.UTC(2026, 0, 1)
const REINSTALL = 'npm install'

export const checkNodeVersion = (version: string): string => {
  if (Number(version.split('.')[0]) < MIN_NODE)
    throw new Wrong(`Node ${version} is too old: Vex needs ${MIN_NODE} and brings it itself`, REINSTALL)
  return `Node ${version}`
}

export const checkClock = (nowMs: number): string => {
  const now = new Date(nowMs).toISOString()
  if (nowMs < EARLIEST_MS)
    throw new Wrong(`the clock says ${now}, which is before this version of Vex was made`, SET_CLOCK)
  return `the clock says ${now}`
}

export const checkSpace = (free: number, path: string): string => {
  const amount = `${Math.floor(free / MiB)} MiB`
  if (free >= MIN_FREE_BYTES) return `${amount} free on the disk of ${path}`
  throw new Wrong(
    free < stopBelowBytes(MIN_FREE_BYTES)
      ? `only ${amount} free on the disk of ${path}: a node needs ${stopBelowBytes(MIN_FREE_BYTES) / MiB} MiB to run (--min-free-mib sets another mark)`
      : `only ${amount} free on the disk of ${path}: a node makes no blocks and takes no transactions with less than ${MIN_FREE_BYTES / MiB} MiB (--min-free-mib sets another mark)`,
    `du -xh ${quoted(path)} | sort -h | tail   (shows what to delete)`,
  )
}

/** Loads them and has each do something. */
const checkNativeModules = async (): Promise<string> => {
  const { openRocksDatabase } = await import('../../node/storage/rocks.ts')
  const { blsPublicKeyOf, blsSecretKeyFromSeed } = await import('../../node/crypto/bls.ts')
  blsPublicKeyOf(blsSecretKeyFromSeed(new Uint8Array(32)))
  const folder = await mkdtemp(join(tmpdir(), 'vex-doctor-'))
  try {
    const database = await openRocksDatabase(join(folder, 'db'))
    await database.close()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return 'RocksDB and blst load and work'
}

export const checkEnvironment = (dataDirectory: string): Promise<Finding[]> =>
  Promise.all([
    examine('node', REINSTALL, () => checkNodeVersion(process.versions.node)),
    examine('native modules', REINSTALL, checkNativeModules),
    examine('clock', SET_CLOCK, () => checkClock(Date.now())),
    examine('disk space', `df -h ${quoted(dataDirectory)}`, () =>
      checkSpace(freeBytes(dataDirectory), dataDirectory),
    ),
  ])
