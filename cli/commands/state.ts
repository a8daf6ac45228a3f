/**
 * `vex state`: the state of a node that is stopped, examined in its data directory. Opening the database takes the
 * directory's lock, so that a node that runs there is never disturbed.
 */
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { Chain } from '../../node/chain/chain.ts'
import type { Retention } from '../../node/chain/pruning.ts'
import { lowestKeptHeight } from '../../node/chain/stored-blocks.ts'
import { keyToHeight } from '../../node/chain/store.ts'
import { parseGenesis } from '../../node/genesis-file.ts'
import { countState } from '../../node/state/stats.ts'
import { verifyState } from '../../node/state/verify.ts'
import { DATA_FILES, openDataDirectory } from '../../node/storage/data-directory.ts'
import { type Column, COLUMNS, type Database } from '../../node/storage/database.ts'
import { readFormat } from '../../node/storage/format-file.ts'
import { describePending } from '../../node/storage/migrations.ts'
import { genesisHash } from '../../node/types/genesis.ts'
import { toHex } from '../../node/types/primitives.ts'
import { createVm } from '../../vm/vm.ts'
import { CliError } from '../errors.ts'
import {
  addCommonOptions,
  addExamples,
  addPruningOptions,
  type CommonOptions,
  DEFAULT_DATA_DIRECTORY,
  type PruningOptions,
  toRetention,
} from '../options.ts'
import { createOutput } from '../output.ts'

interface StateOptions extends CommonOptions {
  readonly dataDir: string
}

/** Between two lines of progress. */
const PROGRESS_INTERVAL_MS = 2000

type PruneOptions = StateOptions & PruningOptions

interface StoppedNode {
  readonly db: Database
  readonly chain: Chain
}

/** Locked while `use` runs. Never makes a directory. */
const withStoppedNode = async (
  path: string,
  use: (node: StoppedNode) => void,
  retention?: Retention,
): Promise<void> => {
  const missing = (): never => {
    throw new CliError('not_found', `there is no data directory ${path}: name one with --data-dir`)
  }
  const { version } = (existsSync(path) ? readFormat(path) : undefined) ?? missing()
  const pending = describePending(version)
  // Who only wants to look changes nothing.
  if (pending !== undefined)
    throw new CliError(
      'older_version',
      `${path} has data format ${version}: ${pending}. Start the node once, then run this again`,
    )
  const hashGenesis = (text: string) => genesisHash(parseGenesis(text))
  const { database: db } = await openDataDirectory(path, { create: missing, hashGenesis })
  try {
    if (db.range(COLUMNS.meta, { limit: 1 }).length === 0)
      throw new CliError('empty', `${path} holds no block yet: start the node once`)
    const genesis = parseGenesis(readFileSync(join(path, DATA_FILES.genesis), 'utf8'))
    use({ db, chain: Chain.open({ db, genesis, vm: createVm(), retention }) })
  } finally {
    await db.close()
  }
}

const verify = (options: StateOptions): Promise<void> =>
  withStoppedNode(options.dataDir, ({ db, chain }) => {
    const output = createOutput(options.json === true)
    const { height, stateRoot } = chain.head.header
    output.notice(`Verifying the state of block ${height}`)
    let lastAtMs = performance.now()
    const { leaves, nodes } = verifyState(db, { height, root: stateRoot }, done => {
      if (performance.now() - lastAtMs < PROGRESS_INTERVAL_MS) return
      lastAtMs = performance.now()
      output.notice(`  ${Math.floor(done * 100)} %`)
    })
    output.result(
      { height, stateRoot: toHex(stateRoot), keys: leaves, nodes },
      () =>
        `The state of block ${height} is whole: ${leaves} keys in ${nodes} nodes, all under the root ${toHex(stateRoot)}`,
    )
  })

/** Of one batch: a slice is not timed here, nobody waits for a block. */
const PRUNED_KEYS = 10_000

const prune = (options: PruneOptions): Promise<void> =>
  withStoppedNode(
    options.dataDir,
    ({ db, chain }) => {
      const output = createOutput(options.json === true)
      const { height } = chain.head.header
      const before = chain.store.keptFrom()
      let lastAtMs = performance.now()
      for (let slices = 1; chain.prune(PRUNED_KEYS); slices++) {
        if (performance.now() - lastAtMs < PROGRESS_INTERVAL_MS) continue
        lastAtMs = performance.now()
        output.notice(`  ${slices * PRUNED_KEYS} keys removed`)
      }
      // What was removed is on disk before anybody hears of it.
      db.write([], { sync: true })
      const keptFrom = chain.store.keptFrom()
      output.result({ height, keptFrom, removedBlocks: keptFrom - before }, () =>
        keptFrom === before
          ? `Nothing was to be removed: blocks ${keptFrom} to ${height} are kept`
          : `Blocks ${keptFrom} to ${height} are kept, and block 0; ${keptFrom - before} were removed. The disk shrinks as the database compacts its files`,
      )
    },
    toRetention(options),
  )

const bounds = (db: Database, column: Column): { from: bigint; to: bigint } | undefined => {
  const [first] = db.range(column, { limit: 1 })
  const [last] = db.range(column, { limit: 1, reverse: true })
  return first && last && { from: keyToHeight(first[0]), to: keyToHeight(last[0]) }
}

const bytesOnDisk = (folder: string): number =>
  globSync('**/*', { cwd: folder }).reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  )

const stats = (options: StateOptions): Promise<void> =>
  withStoppedNode(options.dataDir, ({ db, chain }) => {
    const output = createOutput(options.json === true)
    const { height } = chain.head.header
    const blocks = { from: lowestKeptHeight(chain.store), to: height }
    const undo = bounds(db, COLUMNS.undo)
    const counted = countState(db, column => output.notice(`Counting ${column}`))
    const nodes = counted.columns.find(({ column }) => column === COLUMNS.treeNodes)?.entries ?? 0
    const diskBytes = bytesOnDisk(join(options.dataDir, DATA_FILES.database))
    // Before the oldest block that has a record, there is the state of its parent.
    const statesFrom = undo === undefined ? height : undo.from - 1n
    const { accounts, contracts, columns } = counted
    output.result({ height, blocks, statesFrom, accounts, contracts, nodes, diskBytes, columns }, () =>
      [
        `blocks     ${blocks.from} to ${blocks.to}${blocks.from > 0n ? ', and block 0' : ''}`,
        `states     ${statesFrom} to ${height}`,
        `accounts   ${accounts}, of them ${contracts} contracts`,
        `nodes      ${nodes}`,
        `on disk    ${diskBytes} bytes in ${DATA_FILES.database}/`,
        '',
        `${'column'.padEnd(20)}${'entries'.padStart(12)}${'bytes'.padStart(16)}`,
        ...columns.map(
          ({ column, entries, bytes }) =>
            `${column.padEnd(20)}${String(entries).padStart(12)}${String(bytes).padStart(16)}`,
        ),
      ].join('\n'),
    )
  })

const withDataDirectory = (command: Command): Command =>
  addCommonOptions(command.option('--data-dir <path>', 'the data directory', DEFAULT_DATA_DIRECTORY))

export const define = (command: Command): void => {
  withDataDirectory(
    command
      .command('verify')
      .description('walk the whole state tree and compare it with the values; the node must be stopped'),
  ).action(verify)
  withDataDirectory(
    command
      .command('stats')
      .description('count accounts, contracts, tree nodes and bytes per column; the node must be stopped'),
  ).action(stats)
  addPruningOptions(
    withDataDirectory(
      command
        .command('prune')
        .description('remove the blocks that are not to be kept now, for good; the node must be stopped'),
    ),
  ).action(prune)
  addExamples(command, ['vex state verify', 'vex state stats --json', 'vex state prune --keep-blocks 10000'])
}
