/**
 * `vex state`: the state of a node that is stopped, examined in its data directory. Opening the database takes the
 * directory's lock, so that a node that runs there is never disturbed.
 */
import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { keyToHeight } from '../../node/chain/store.ts'
import { countState } from '../../node/state/stats.ts'
import { verifyState } from '../../node/state/verify.ts'
import { DATA_FILES } from '../../node/storage/data-directory.ts'
import { type Column, COLUMNS, type Database, StorageError } from '../../node/storage/database.ts'
import { type Height, toHex } from '../../node/types/primitives.ts'
import { CliError } from '../errors.ts'
import { exitCode } from '../exit-codes.ts'
import { addExamples } from '../help/examples.ts'
import {
  addCommonOptions,
  addPruningOptions,
  DEFAULT_DATA_DIRECTORY,
  parseHashArgument,
  parseInteger,
} from '../options.ts'
import { createOutput } from '../output.ts'
import { prune } from '../state/prune.ts'
import { restore } from '../state/restore.ts'
import { snapshot } from '../state/snapshot.ts'
import { type StateOptions, withStoppedNode } from '../state/stopped-node.ts'
import { createProgress } from '../terminal/progress.ts'
import { type GridColumn, showGrid } from '../terminal/table.ts'

/** What the check was made to find has an exit code of its own. */
const verified = <T>(check: () => T): T => {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== 'corrupt') throw error
    throw new CliError(error.code, error.message, { cause: error, exitCode: exitCode('unhealthy') })
  }
}

const verify = (options: StateOptions): Promise<void> =>
  withStoppedNode(options.dataDir, ({ db, chain }) => {
    const output = createOutput(options)
    const { height, stateRoot } = chain.head.header
    output.notice(`Verifying the state of block ${height}`)
    const progress = createProgress(output, { what: 'Verifying' })
    const { leaves, nodes } = verified(() =>
      verifyState(db, { height, root: stateRoot }, done => progress.set(done)),
    )
    progress.end()
    output.result(
      { height, stateRoot: toHex(stateRoot), keys: leaves, nodes },
      () =>
        `The state of block ${height} is whole: ${leaves} keys in ${nodes} nodes, all under the root ${toHex(stateRoot)}`,
    )
  })

const bounds = (db: Database, column: Column): { from: bigint; to: bigint } | undefined => {
  const [first] = db.range(column, { limit: 1 })
  const [last] = db.range(column, { limit: 1, reverse: true })
  return first && last && { from: keyToHeight(first[0]), to: keyToHeight(last[0]) }
}

/** Block 0 is always there; where those after it are not, they begin later. */
const blockBounds = (keptFrom: Height, head: Height): { from: Height; to: Height } => ({
  from: keptFrom <= 1n ? 0n : keptFrom,
  to: head,
})

const bytesOnDisk = (folder: string): number =>
  globSync('**/*', { cwd: folder }).reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  )

const COLUMN_TABLE: readonly GridColumn[] = [
  { head: 'column', least: 8 },
  { head: 'entries', side: 'right', dropsAt: 1 },
  { head: 'bytes', side: 'right' },
]

const stats = (options: StateOptions): Promise<void> =>
  withStoppedNode(options.dataDir, ({ db, chain }) => {
    const output = createOutput(options)
    const { height } = chain.head.header
    const blocks = blockBounds(chain.store.keptFrom(), height)
    const undo = bounds(db, COLUMNS.undo)
    const progress = createProgress(output, { what: 'Counting', unit: 'columns' })
    let counting = 0
    const counted = countState(db, () => progress.set(counting++, Object.keys(COLUMNS).length))
    progress.end()
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
        showGrid(
          COLUMN_TABLE,
          columns.map(({ column, entries, bytes }) => [column, String(entries), String(bytes)]),
        ),
      ].join('\n'),
    )
  })

const withDataDirectory = (command: Command): Command =>
  addCommonOptions(command.option('--data-dir <dir>', 'the data directory', DEFAULT_DATA_DIRECTORY))

export const define = (command: Command): void => {
  const verifying = command
    .command('verify')
    .description('walk the whole state tree and compare it with the values; the node must be stopped')
    .action(verify)
  addExamples(withDataDirectory(verifying), [
    'vex state verify',
    'vex state verify --data-dir .vex/node --json',
  ])

  const counting = command
    .command('stats')
    .description('count accounts, contracts, tree nodes and bytes per column; the node must be stopped')
    .action(stats)
  addExamples(withDataDirectory(counting), ['vex state stats', 'vex state stats --json'])

  const pruning = command
    .command('prune')
    .description('remove the blocks that are not to be kept now, for good; the node must be stopped')
    .action(prune)
  addExamples(addPruningOptions(withDataDirectory(pruning)), [
    'vex state prune --keep-blocks 10000',
    'vex state prune --pruning minimal --json',
  ])

  const writing = command
    .command('snapshot')
    .description(
      'write the state at the end of an epoch into a folder, in chunks that prove themselves; the node must be stopped',
    )
    .requiredOption('--out <dir>', 'where to write it; must not exist')
    .option('--height <height>', 'the block that ended the epoch; default: the last one', parseInteger)
    .action(snapshot)
  addExamples(withDataDirectory(writing), [
    'vex state snapshot --out epoch-end',
    'vex state snapshot --out epoch-end --data-dir .vex/node --json',
  ])

  const restoring = command
    .command('restore')
    .description(
      'make a data directory of a snapshot, after checking everything in it against the genesis; goes on where it was stopped',
    )
    .requiredOption('--from <dir>', 'the snapshot')
    .option('--genesis-hash <hash>', 'refuse the snapshot of any chain but this', parseHashArgument)
    .option('--checkpoint <hash>', 'refuse any but of the block with this hash', parseHashArgument)
    .option(
      '--validator-keys <file>',
      'keys of the validator that is to run here, its validator-key.json; none is in a snapshot',
    )
    .action(restore)
  addExamples(withDataDirectory(restoring), [
    'vex state restore --from epoch-end --data-dir restored',
    'vex state restore --from epoch-end --data-dir restored --validator-keys validator-key.json --json',
  ])

  addExamples(command, [
    'vex state verify',
    'vex state stats --json',
    'vex state prune --keep-blocks 10000',
    'vex state snapshot --out epoch-end',
    'vex state restore --from epoch-end --data-dir restored',
  ])
}
