/**
 * A stopped node's database, examined on a copy: opening one replays its log and writes a new manifest. The big
 * files are never changed in place, so links to them do; the rest is copied.
 */
import { copyFileSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Chain } from '../../node/chain/chain.ts'
import { clockProblem, SET_CLOCK } from '../../node/clock-watch.ts'
import { checkStoredBlock, lowestKeptHeight, recentFrom } from '../../node/chain/stored-blocks.ts'
import { verifyState } from '../../node/state/verify.ts'
import { countState } from '../../node/state/stats.ts'
import { COLUMNS, type Database } from '../../node/storage/database.ts'
import { assertManifestWhole } from '../../node/storage/manifest-mark.ts'
import { openRocksDatabase } from '../../node/storage/rocks.ts'
import type { Genesis } from '../../node/types/genesis.ts'
import { toHex } from '../../node/types/primitives.ts'
import { createVm } from '../../vm/vm.ts'
import type { Progress } from '../terminal/progress.ts'
import { examine, type Finding } from './finding.ts'

const copyDatabase = (from: string): string => {
  const to = mkdtempSync(join(tmpdir(), 'vex-doctor-'))
  for (const name of readdirSync(from)) {
    if (name === 'LOCK') continue
    if (/\.(sst|blob)$/.test(name)) symlinkSync(resolve(from, name), join(to, name))
    else copyFileSync(join(from, name), join(to, name))
  }
  return to
}

/** `unit` is what is counted; without it a part of 1 is told. */
export type StartProgress = (what: string, unit?: string) => Progress

interface DatabaseOptions {
  readonly path: string
  readonly genesis: Genesis
  readonly isDeep: boolean
  /** Of a check that takes its time. */
  readonly startProgress: StartProgress
  readonly repair: string
}

const checkCopy = async (copy: string, options: DatabaseOptions): Promise<Finding[]> => {
  const { genesis, isDeep, startProgress, repair } = options
  const findings: Finding[] = []
  let database: Database | undefined
  try {
    const opened = await examine('database', repair, async () => {
      database = await openRocksDatabase(copy)
      return 'opens'
    })
    findings.push(opened)
    if (database === undefined) return findings
    const db = database
    let chain: Chain | undefined
    findings.push(
      await examine('head', repair, () => {
        const isEmpty = db.range(COLUMNS.meta, { limit: 1 }).length === 0
        if (isEmpty) return { status: 'note', message: 'no block was made yet; the next start makes block 0' }
        chain = Chain.open({ db, genesis, vm: createVm() })
        const { header, hash } = chain.head
        return `block ${header.height}, ${toHex(hash)}; its state root fits`
      }),
    )
    if (chain === undefined) return findings
    const checked = chain
    findings.push(
      await examine('block times', SET_CLOCK, () => {
        const { header } = checked.head
        const problem = clockProblem(Date.now(), header)
        if (problem !== undefined) throw new Error(problem)
        return `block ${header.height} was made at ${new Date(Number(header.timeMs)).toISOString()}, which the clock has passed`
      }),
    )
    const { height } = checked.head.header
    const from = isDeep ? lowestKeptHeight(checked.store) : recentFrom(checked.store, height)
    findings.push(
      await examine('blocks', repair, () => {
        const progress = startProgress('Checking blocks', 'blocks')
        const all = Number(height - from) + 1
        for (let at = from; at <= height; at++) {
          checkStoredBlock(checked.store, db, at)
          progress.set(Number(at - from) + 1, all)
        }
        progress.end()
        return `${from} to ${height}: linked, with transactions, receipts and indexes`
      }),
    )
    if (!isDeep) return findings
    findings.push(
      await examine('state', repair, () => {
        const progress = startProgress('Verifying the state')
        const root = checked.head.header.stateRoot
        const { leaves } = verifyState(db, { height, root }, done => progress.set(done))
        progress.end()
        return `${leaves} keys, all proved by the state root`
      }),
      // What none of these asks for: older states, indexes, records of what blocks replaced.
      await examine('columns', repair, () => {
        const progress = startProgress('Reading columns', 'columns')
        let read = 0
        const { columns } = countState(db, () => progress.set(read++, Object.keys(COLUMNS).length))
        progress.end()
        const entries = columns.reduce((sum, column) => sum + column.entries, 0)
        return `${entries} entries in ${columns.length} columns, all of which can be read`
      }),
    )
    return findings
  } finally {
    await database?.close()
  }
}

export const checkDatabase = async (options: DatabaseOptions): Promise<Finding[]> => {
  const { path, repair } = options
  const manifest = await examine('database', repair, () => {
    assertManifestWhole(path)
    return 'its list of files is all that it was'
  })
  if (manifest.status === 'wrong') return [manifest]
  const copy = copyDatabase(path)
  try {
    const findings = await checkCopy(copy, options)
    // Nobody is to look for the copy.
    return findings.map(finding => ({ ...finding, message: finding.message.replaceAll(copy, path) }))
  } finally {
    rmSync(copy, { recursive: true, force: true })
    rmSync(`${copy}.pid`, { force: true })
  }
}
