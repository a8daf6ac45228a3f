/**
 * A full disk at every place where a node writes: which file is the first that finds no room differs. What RocksDB writes
 * by itself fails on a small disk instead (disk-full.test.ts: "the database is there").
 */
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { devAccounts } from '../../node/dev.ts'
import { auditDirectory, createAudit } from '../chaos/audit.ts'
import { createLedger, type Ledger } from '../chaos/ledger.ts'
import { runLoad, settleAll } from '../chaos/load.ts'
import { type NodeProcess, spawnNode, stopInOrder, urlOf, within } from '../chaos/spawn-node.ts'
import { isInLongForm } from '../support/form.ts'
import { removeDirectory, temporaryDirectory } from '../support/running-node.ts'

/** When the disk is found full, and what becomes of the node: see the functions of the same names below. */
type When = 'making' | 'starting' | 'running'
type Outcome = 'refuses' | 'stops' | 'goes on'

/**
 * Every file that a node writes, by whom, when, and what follows if there is no room. (`initializing` holds nothing; the
 * log is rewritten by the function that makes it.)
 */
const SITES: readonly (readonly [file: string, writer: string, when: When, outcome: Outcome])[] = [
  ['genesis.json', 'node/storage/synced-files.ts', 'making', 'refuses'],
  ['validator-key.json', 'node/storage/synced-files.ts', 'making', 'refuses'],
  ['format.json', 'node/storage/synced-files.ts', 'making', 'refuses'],
  ['db.pid', 'node/storage/rocks.ts', 'starting', 'refuses'],
  ['manifest.mark', 'node/storage/manifest-mark.ts', 'making', 'refuses'],
  ['manifest.mark', 'node/storage/manifest-mark.ts', 'running', 'goes on'],
  ['consensus.log', 'node/consensus/wal.ts', 'making', 'refuses'],
  ['consensus.log', 'node/consensus/wal.ts', 'running', 'stops'],
  ['signer.floor', 'node/consensus/floor.ts', 'running', 'stops'],
  ['mempool.journal', 'node/mempool/journal.ts', 'making', 'goes on'],
  ['mempool.journal', 'node/mempool/journal.ts', 'running', 'goes on'],
  ['instrumented/', 'node/storage/instrumented-cache.ts', 'running', 'goes on'],
]

/** The first of each time and outcome: what `npm test` has time for. */
const SHORT_SITES = SITES.filter(
  ([, , when, outcome], i) => SITES.findIndex(site => site[2] === when && site[3] === outcome) === i,
)

/** Write too, and have no row. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'node/diagnostics/symbol-store.ts': 'whoever builds a contract writes there; a node only reads',
  'node/testing/gas-log.ts': 'in the process of a contract’s tests',
  'node/storage/make-folder.ts': 'folders: before what is in them is written',
  'node/storage/data-directory.ts': 'removes a file; writes through synced-files.ts',
  'node/storage/restored-directory.ts': 'vex state restore, no node: removes a file',
  'node/snapshot/files.ts':
    'vex state snapshot; and in a node, by the keeper: its failure is a warning (keeper.test.ts)',
  'node/snapshot/keeper.ts': 'makes and removes folders; a failure is a warning (keeper.test.ts)',
  'node/network/ban-list.ts': 'a failure is a warning (network/ban-list.test.ts)',
  'node/network/finder.ts': 'the address book; a failure is a warning (network/ban-list.test.ts)',
  'node/sync/fetch-snapshot.ts': 'vex node init --from-snapshot, before there is a node',
  'node/sync/sync-state.ts': 'vex node init --from-snapshot: removes a folder',
  'node/sync/snapshot-shelf.ts': 'opens files to read them',
  'node/validator-move.ts':
    'vex keys export and import, no node: removes files; writes through synced-files.ts',
  'node/snapshot/write.ts': 'vex state snapshot, no node: makes the folder',
}
const WRITING =
  /import \{[^}]*\b(writeFileSync|writeSync|appendFileSync|openSync|mkdirSync|rmSync|open|writeFile|appendFile)\b[^}]*\} from 'node:fs(\/promises)?'/

let folder: string
let directory: string
let control: string
let ledger: Ledger
const processes: NodeProcess[] = []

beforeEach(async () => {
  folder = await temporaryDirectory()
  directory = join(folder, 'data')
  control = join(folder, 'full')
  ledger = createLedger(devAccounts().slice(0, 3))
})
afterEach(async () => {
  for (const node of processes.splice(0)) {
    node.kill()
    await node.exited
  }
  await removeDirectory(folder)
})

const fill = (file: string): void => writeFileSync(control, `data/(.*/)?${file.replaceAll('.', '\\.')}`)
const free = (): void => rmSync(control, { force: true })

const spawn = (): NodeProcess => {
  const node = spawnNode(directory, {}, { fullFiles: control })
  processes.push(node)
  return node
}
const start = async (): Promise<{ node: NodeProcess; url: string }> => {
  const node = spawn()
  return { node, url: await urlOf(node) }
}

/** One fault, with advice; and the process ends by itself. */
const expectFault = async (node: NodeProcess, kind: 'failed' | 'fatal'): Promise<void> => {
  expect(await within(20_000, 'giving up', node.exited)).toEqual({ code: 1, signal: null })
  const faults = node.news.flatMap(item => ('fault' in item ? [{ kind: item.kind, ...item.fault }] : []))
  expect(faults).toEqual([
    {
      kind,
      name: expect.any(String),
      code: 'disk_full',
      message: expect.stringMatching(/(\bfull\b|no space left).*free space and start again/i),
    },
  ])
  expect(faults[0]?.message).toContain(directory)
  expect(faults[0]?.message).not.toMatch(/\n/)
}

const making = async (file: string, outcome: Outcome): Promise<void> => {
  fill(file)
  await starting(file, outcome)
}

const starting = async (file: string, outcome: Outcome): Promise<void> => {
  fill(file)
  const node = spawn()
  if (outcome === 'refuses') {
    await expect(node.started).rejects.toThrow(/full|no space left/i)
    return expectFault(node, 'failed')
  }
  const url = await within(20_000, 'the start', node.started)
  await settleAll(url, ledger)
  await stopInOrder(node)
}

const running = async (file: string, outcome: Outcome): Promise<void> => {
  const { node, url } = await start()
  fill(file)
  await settleAll(url, ledger).catch(() => undefined)
  if (outcome === 'goes on') {
    await settleAll(url, ledger)
    return stopInOrder(node)
  }
  await within(20_000, 'the load', runLoad(url, ledger, new AbortController().signal))
  await expectFault(node, 'fatal')
}

const RUN = { making, starting, running }

describe('no room for a node’s file', () => {
  it.each(isInLongForm ? SITES : SHORT_SITES)(
    '%s (%s), found when %s: it %s',
    async (file, _, when, outcome) => {
      if (when === 'starting') {
        const { node, url } = await start()
        await settleAll(url, ledger)
        await stopInOrder(node)
      }
      await RUN[when](file, outcome)
      free()
      const { node, url } = await start()
      await settleAll(url, ledger)
      await stopInOrder(node)
      await auditDirectory(directory, ledger, createAudit())
    },
  )

  it('is tried for every source file that writes', () => {
    const root = join(import.meta.dirname, '../..')
    const writers = globSync('node/**/*.ts', { cwd: root }).filter(path =>
      WRITING.test(readFileSync(join(root, path), 'utf8')),
    )
    const known = new Set([...SITES.map(([, writer]) => writer), ...Object.keys(ELSEWHERE)])
    expect(new Set(writers)).toEqual(known)
  })
})
