/** Snapshots of small chains in folders: made, restored into memory, compared. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import type { Manifest } from '../../../node/snapshot/manifest.ts'
import { restoreChunks, restoreHead } from '../../../node/snapshot/restore.ts'
import { openSnapshotSource } from '../../../node/snapshot/source.ts'
import { verifySnapshot } from '../../../node/snapshot/verify.ts'
import { writeSnapshot } from '../../../node/snapshot/write.ts'
import type { Database } from '../../../node/storage/database.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import { createEpochChain, type EpochChain } from '../../support/epoch-chain.ts'
import { removeDirectory, temporaryDirectory } from '../../support/running-node.ts'

export const NOW_MS = 1_800_000_000_000n
/** So small that there are many chunks. */
export const BUDGET_BYTES = 400

export const write = (
  of: EpochChain,
  to: string,
  options: { height?: bigint; budget?: number } = {},
): Manifest => {
  const source = openSnapshotSource(of.chain, of.db, options.height)
  const steps = writeSnapshot(source, { folder: to, chunkBudgetBytes: options.budget ?? BUDGET_BYTES })
  let done = 0
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    expect(step.value).toBeGreaterThan(done)
    done = step.value
  }
}

export const takeAll = <T>(steps: Generator<unknown, T>): T => {
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
  }
}

export const verify = (from: string) => verifySnapshot({ folder: from, nowMs: NOW_MS })

export const restore = (from: string, db: Database = createMemoryDatabase()): Database => {
  const snapshot = verify(from)
  takeAll(restoreChunks(db, snapshot))
  restoreHead(db, snapshot)
  return db
}

export const filesOf = (path: string): Map<string, string> =>
  new Map(
    readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter(name => statSync(join(path, name)).isFile())
      .sort()
      .map(name => [name, readFileSync(join(path, name), 'hex')]),
  )

export const thrownBy = (action: () => unknown): unknown => {
  try {
    action()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

export interface SnapshotFolder {
  readonly path: string
  /** Of the end of the third epoch of `world`, made there. */
  readonly good: string
  readonly world: EpochChain
  in(name: string): string
}

/** For the tests of a file: made before them, removed after them. */
export const useSnapshotFolder = (): SnapshotFolder => {
  let path = ''
  const world = createEpochChain()
  beforeAll(async () => {
    path = await temporaryDirectory()
    world.grow(12n)
    write(world, join(path, 'good'))
  })
  afterAll(() => removeDirectory(path))
  return {
    get path() {
      return path
    },
    get good() {
      return join(path, 'good')
    },
    world,
    in: name => join(path, name),
  }
}
