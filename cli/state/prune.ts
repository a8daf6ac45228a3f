/** `vex state prune`: what is not to be kept is removed now, not bit by bit between blocks. */
import { createOutput } from '../output.ts'
import { type PruningOptions, toRetention } from '../options.ts'
import { type StateOptions, withStoppedNode } from './stopped-node.ts'

/** Of one batch: nobody waits for a block. */
const PRUNED_KEYS = 10_000
const PROGRESS_INTERVAL_MS = 2000

export const prune = (options: StateOptions & PruningOptions): Promise<void> =>
  withStoppedNode(
    options.dataDir,
    ({ db, chain }) => {
      const output = createOutput(options.json === true)
      const { height } = chain.head.header
      const before = chain.store.keptFrom()
      let lastAtMs = performance.now()
      for (let slices = 1; chain.prune(PRUNED_KEYS) > 0; slices++) {
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
