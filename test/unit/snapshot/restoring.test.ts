import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { genesisChanges } from '../../../node/chain/genesis.ts'
import { isRestored, restoreChunks, restoreHead } from '../../../node/snapshot/restore.ts'
import { COLUMNS, type Database, StorageError } from '../../../node/storage/database.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import { epochGenesis, openEpochChain } from '../../support/epoch-chain.ts'
import { filesOf, restore, takeAll, thrownBy, useSnapshotFolder, verify } from './snapshot-folder.ts'

const shared = useSnapshotFolder()

describe('a restore', () => {
  it('goes on where it was: after a bad chunk with that one, after a failed write with the rest', () => {
    const bad = shared.in('resumed')
    cpSync(shared.good, bad, { recursive: true })
    const names = [...filesOf(shared.good).keys()].filter(name => name.startsWith('chunks/'))
    const victim = names[3] as string
    rmSync(join(bad, victim))
    const db = createMemoryDatabase()
    const snapshot = verify(bad)
    const heard: (string | undefined)[] = []
    expect(
      thrownBy(() => {
        for (const { bad: error } of restoreChunks(db, snapshot))
          if (error !== undefined) heard.push(error.file)
      }),
    ).toMatchObject({ code: 'bad_file', file: victim })
    expect(heard).toEqual([victim])
    expect(isRestored(db)).toBe(false)
    cpSync(join(shared.good, victim), join(bad, victim))
    // Only the one is read: the others may be gone.
    for (const name of names) if (name !== victim) rmSync(join(bad, name))
    expect(takeAll(restoreChunks(db, snapshot))).toMatchObject({
      chunks: names.length,
      before: names.length - 1,
    })
    restoreHead(db, snapshot)
    expect(isRestored(db)).toBe(true)
    for (const column of Object.values(COLUMNS))
      expect(db.range(column, {})).toEqual(restore(shared.good).range(column, {}))
  })

  it('that is killed between any two writes ends as one that is not', () => {
    const whole = restore(shared.good)
    const snapshot = verify(shared.good)
    for (let allowed = 0; ; allowed++) {
      const db = createMemoryDatabase()
      let writes = 0
      const failing: Database = {
        ...db,
        get: (column, key) => db.get(column, key),
        getMany: (column, keys) => db.getMany(column, keys),
        range: (column, options) => db.range(column, options),
        prepare: batch => db.prepare(batch),
        write(batch, options) {
          if (writes++ === allowed) throw new StorageError('io', 'killed')
          db.write(batch, options)
        },
      }
      try {
        takeAll(restoreChunks(failing, snapshot))
        restoreHead(failing, snapshot)
        expect(allowed).toBeGreaterThan(snapshot.manifest.chunks.length)
        return
      } catch (error) {
        expect(error).toMatchObject({ message: 'killed' })
      }
      expect(isRestored(db)).toBe(false)
      const { before } = takeAll(restoreChunks(db, snapshot))
      expect(before).toBe(Math.min(allowed, snapshot.manifest.chunks.length))
      restoreHead(db, snapshot)
      for (const column of Object.values(COLUMNS))
        expect(db.range(column, {})).toEqual(whole.range(column, {}))
    }
  })

  it('of hand-overs that change while it runs makes no head', () => {
    const moving = shared.in('moving')
    cpSync(shared.good, moving, { recursive: true })
    const snapshot = verify(moving)
    const db = createMemoryDatabase()
    takeAll(restoreChunks(db, snapshot))
    const bytes = readFileSync(join(moving, 'hand-overs'))
    writeFileSync(join(moving, 'hand-overs'), bytes.subarray(0, 4 + bytes.readUInt32BE(0)))
    expect(thrownBy(() => restoreHead(db, snapshot))).toMatchObject({ file: 'hand-overs' })
    expect(isRestored(db)).toBe(false)
  })

  it('has nothing of the genesis state but what is still there', () => {
    const db = restore(shared.good)
    expect(genesisChanges(epochGenesis).length).toBeGreaterThan(10)
    expect(db.range(COLUMNS.staleTreeNodes, {})).toEqual([])
    expect(db.range(COLUMNS.undo, {})).toEqual([])
    openEpochChain(db).verifyState()
  })
})
