/** `vex state prune`: what is not to be kept is removed now, not bit by bit beside the blocks. */
import { Pruner } from '../../node/chain/pruning.ts'
import { keptFromWrite } from '../../node/chain/store.ts'
import { createOutput } from '../output.ts'
import { type PruningOptions, toRetention } from '../options.ts'
import { createProgress } from '../terminal/progress.ts'
import { type StateOptions, withStoppedNode } from './stopped-node.ts'

/** Of one batch: nobody waits for a block. */
const PRUNED_KEYS = 10_000

export const prune = (options: StateOptions & PruningOptions): Promise<void> =>
  withStoppedNode(options.dataDir, ({ db, chain }) => {
    const output = createOutput(options)
    const { height } = chain.head.header
    const before = chain.store.keptFrom()
    const progress = createProgress(output, { what: 'Removing', unit: 'keys' })
    const pruner = new Pruner(db, chain.store, toRetention(options))
    let removed = 0
    for (let keys = pruner.slice(height, PRUNED_KEYS); keys > 0; keys = pruner.slice(height, PRUNED_KEYS)) {
      removed += keys
      progress.set(removed)
    }
    progress.end()
    const keptFrom = chain.store.keptFrom()
    // What was removed is on disk before anybody hears of it: a synced batch takes those before it along.
    db.write([keptFromWrite(keptFrom)], { sync: true })
    output.result({ height, keptFrom, removedBlocks: keptFrom - before, removedKeys: removed }, () =>
      keptFrom === before
        ? `No blocks were to be removed: ${keptFrom} to ${height} are kept`
        : `Blocks ${keptFrom} to ${height} are kept, and block 0; ${keptFrom - before} were removed. The disk shrinks as the database compacts its files`,
    )
  })
