import { defineConfig } from 'vitest/config'

/** Held against a clock: beside other work they would say something about that. */
const TIMED = ['test/unit/vm/bombs.test.ts', 'test/unit/execution/query-client.test.ts']

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // As a node runs (node/node.ts says why).
    execArgv: ['--no-wasm-code-gc'],
    // Whoever runs the tests may have a wallet.
    env: { VEX_WALLET: 'no-wallet.json' },
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          include: ['test/unit/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          exclude: TIMED,
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
