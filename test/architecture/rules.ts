/**
 * ARCHITECTURE.md's table, for the checker: who may import whom, and who must stay pure. A file belongs to
 * the most specific area whose path holds it; one that belongs to none is an error.
 */
export interface Area {
  /** A folder with its `/`, one file, or `folder/*`: the files directly in the folder. */
  readonly path: string
  /** Paths in the same form. An area may always import itself. */
  readonly mayImport: readonly string[]
  /** Only with `import type`: shapes of what the area is handed. */
  readonly mayImportTypes?: readonly string[]
  readonly purity?: Purity
}

/** Reads no clock, no randomness, no disk, no environment; starts nothing. */
export interface Purity {
  /** The Node modules that it may import all the same. */
  readonly builtins: readonly string[]
  /** Files of the area that are its thin shell; its pure files may not run code of theirs. */
  readonly shell: readonly string[]
}

/** Functions of Node's modules that depend on nothing but their arguments: any pure file may import them. */
export const PURE_BUILTINS: Readonly<Record<string, readonly string[]>> = {
  'node:crypto': ['createHash', 'hash'],
  'node:zlib': ['crc32'],
}

const PURE: Purity = { builtins: [], shell: [] }

export const AREAS: readonly Area[] = [
  { path: 'vm/', mayImport: [], purity: PURE },
  { path: 'contracts/', mayImport: [] },
  { path: 'contracts/sdk/', mayImport: [] },
  { path: 'node/params.ts', mayImport: [], purity: PURE },
  {
    path: 'node/types/',
    mayImport: ['node/crypto/hash.ts', 'node/crypto/address.ts', 'node/params.ts'],
    purity: PURE,
  },
  {
    path: 'node/crypto/',
    mayImport: ['node/types/'],
    // libsodium is loaded when it is first needed.
    purity: { builtins: ['node:crypto', 'node:module', 'node:worker_threads'], shell: [] },
  },
  { path: 'node/abi/', mayImport: ['node/types/', 'node/crypto/', 'node/params.ts'], purity: PURE },
  {
    path: 'node/state/',
    mayImport: ['node/types/', 'node/crypto/', 'node/storage/database.ts', 'node/storage/stale-pages.ts'],
    purity: PURE,
  },
  { path: 'node/loading/', mayImport: [] },
  { path: 'node/storage/', mayImport: ['node/types/', 'node/crypto/'], mayImportTypes: ['vm/'] },
  {
    path: 'node/transition/',
    mayImport: ['node/types/', 'node/crypto/', 'node/state/', 'node/params.ts', 'vm/'],
    purity: PURE,
  },
  {
    path: 'node/diagnostics/',
    mayImport: [
      'node/types/',
      'node/crypto/',
      'node/abi/',
      'node/params.ts',
      'node/transition/trace.ts',
      'node/storage/make-folder.ts',
      'vm/',
    ],
    mayImportTypes: ['node/transition/'],
    purity: { builtins: [], shell: ['node/diagnostics/symbol-store.ts'] },
  },
  {
    path: 'node/light/',
    mayImport: ['node/types/', 'node/crypto/', 'node/state/keys.ts'],
    purity: PURE,
  },
  {
    path: 'node/consensus/',
    mayImport: ['node/types/', 'node/crypto/', 'node/params.ts'],
    purity: {
      builtins: [],
      shell: [
        'node/consensus/driver.ts',
        'node/consensus/floor.ts',
        'node/consensus/ports.ts',
        'node/consensus/signer-lock.ts',
        'node/consensus/wal.ts',
      ],
    },
  },
  {
    path: 'node/mempool/',
    mayImport: ['node/types/', 'node/crypto/', 'node/params.ts'],
    mayImportTypes: ['node/transition/admission.ts'],
    purity: { builtins: [], shell: ['node/mempool/journal.ts'] },
  },
  {
    path: 'node/chain/',
    mayImport: [
      'node/params.ts',
      'node/types/',
      'node/crypto/',
      'node/abi/',
      'node/state/',
      'node/storage/',
      'node/transition/',
      'vm/',
    ],
  },
  {
    path: 'node/snapshot/',
    mayImport: [
      'node/loading/',
      'node/types/',
      'node/crypto/',
      'node/state/',
      'node/storage/',
      'node/light/',
      'node/chain/',
      'node/genesis-file.ts',
    ],
    purity: {
      builtins: [],
      shell: [
        'node/snapshot/files.ts',
        'node/snapshot/keeper.ts',
        'node/snapshot/keeper-worker.ts',
        'node/snapshot/moment.ts',
        'node/snapshot/restore.ts',
        'node/snapshot/restore-directory.ts',
        'node/snapshot/source.ts',
        'node/snapshot/verify.ts',
        'node/snapshot/write.ts',
      ],
    },
  },
  {
    path: 'node/execution/',
    mayImport: [
      'node/params.ts',
      'node/loading/',
      'node/types/',
      'node/crypto/',
      'node/state/',
      'node/storage/',
      'node/transition/',
      'node/chain/',
      'node/diagnostics/',
      'vm/',
    ],
  },
  {
    path: 'node/network/',
    mayImport: ['node/params.ts', 'node/types/', 'node/crypto/'],
    mayImportTypes: ['node/consensus/', 'node/mempool/'],
  },
  {
    path: 'node/sync/',
    mayImport: [
      'node/params.ts',
      'node/types/',
      'node/crypto/',
      'node/light/',
      'node/snapshot/',
      'node/chain/',
      'node/storage/',
      'node/network/ports.ts',
      'node/network/request-table.ts',
    ],
    mayImportTypes: ['node/execution/'],
  },
  {
    path: 'node/api/',
    mayImport: ['node/types/', 'node/crypto/', 'node/abi/', 'node/params.ts', 'node/execution/query.ts'],
    mayImportTypes: [
      'node/chain/',
      'node/transition/',
      'node/mempool/',
      'node/network/',
      'node/execution/',
      'node/diagnostics/',
    ],
  },
  {
    path: 'node/wallet/',
    mayImport: ['node/types/', 'node/crypto/', 'node/params.ts', 'node/api/client.ts', 'node/api/retry.ts'],
    mayImportTypes: ['node/api/'],
  },
  {
    path: 'node/client/',
    mayImport: [
      'node/types/',
      'node/crypto/',
      'node/abi/',
      'node/api/client.ts',
      'node/api/submit-client.ts',
      'node/wallet/',
      'node/light/',
      'node/diagnostics/format-failure.ts',
    ],
    mayImportTypes: ['node/api/', 'node/diagnostics/'],
  },
  {
    path: 'node/testing/',
    mayImport: [
      'node/params.ts',
      'node/dev.ts',
      'node/types/',
      'node/crypto/',
      'node/abi/',
      'node/state/',
      'node/transition/',
      'node/diagnostics/',
      'node/client/',
      'node/api/views.ts',
      'vm/',
      'contracts/sdk/build.ts',
    ],
  },
  { path: 'node/*', mayImport: ['node/', 'vm/'] },
  { path: 'cli/bundle/', mayImport: ['cli/loading.mjs'] },
  { path: 'cli/setup/', mayImport: ['contracts/build.ts', 'cli/bundle/'] },
  { path: 'cli/dashboard/', mayImport: ['node/', 'cli/'] },
  { path: 'cli/', mayImport: ['node/', 'vm/', 'contracts/sdk/', 'cli/dashboard/'] },
  { path: 'test/', mayImport: ['vm/', 'node/', 'cli/', 'contracts/', 'package.json'] },
]

/** What package.json exports, where that is declared in several files: nobody in here imports them. */
export const PACKAGE_ENTRIES: readonly string[] = [
  'node/client/vex-client.ts',
  'node/testing/testing.ts',
  'node/wallet/vex-wallet.ts',
]

/** What a pure file may not name: clocks, chance, the environment, anything that runs later or elsewhere. */
export const IMPURE_GLOBALS: readonly string[] = [
  'Date',
  'Math.random',
  'performance',
  'process',
  'crypto',
  'console',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'globalThis',
]
