import { defineConfig } from 'vitest/config'
import { isInLongForm } from './test/support/form.ts'
import { LongestFirst } from './test/support/longest-first.ts'

/** Held against a clock: beside other work they would say something about that. */
const TIMED = ['test/unit/vm/bombs.test.ts', 'test/unit/execution/query-client.test.ts']

/** Values in, values out: what one of these files leaves in a process is nothing to the next, so that they share one. */
const PURE = [
  'abi',
  'api',
  'bench',
  'client',
  'consensus',
  'crypto',
  'diagnostics',
  'light',
  'mempool',
  'snapshot',
  'state',
  'sync',
  'transition',
  'types',
  'wallet',
].map(folder => `test/unit/${folder}/**/*.test.ts`)

export default defineConfig({
  test: {
    testTimeout: isInLongForm ? 600_000 : 60_000,
    hookTimeout: 60_000,
    // As a node runs (node/execution/engine-flags.ts says why).
    execArgv: ['--no-wasm-code-gc'],
    // Whoever runs the tests may have a wallet.
    env: { VEX_WALLET: 'no-wallet.json' },
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          include: ['test/unit/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          exclude: [...TIMED, ...PURE],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'pure',
          include: PURE,
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'timed', include: TIMED, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
})
