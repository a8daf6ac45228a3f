/** A manifest that lost its end: RocksDB alone would not notice. */
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { COLUMNS, type Database } from '../../../node/storage/database.ts'
import { markManifest, openRocksDatabase } from '../../../node/storage/rocks.ts'

const ENTRIES = 300
const folder = mkdtempSync(join(tmpdir(), 'vex-manifest-'))
const good = join(folder, 'good', 'db')
let made = 0
let path: string

const put = (database: Database, from: number): void => {
  for (let i = from; i < from + ENTRIES; i++) {
    const key = Buffer.from(String(i).padStart(6, '0'))
    const writes = [COLUMNS.state, COLUMNS.blocks].map(column => ({
      column,
      key,
      value: new Uint8Array(100),
    }))
    database.write(writes, { sync: false })
  }
}
const countOf = (database: Database): number =>
  database.range(COLUMNS.state, {}).length + database.range(COLUMNS.blocks, {}).length

const manifestOf = (at: string): string => join(at, readFileSync(join(at, 'CURRENT'), 'utf8').trim())
const copy = (from: string): string => {
  const to = join(folder, String(made++), 'db')
  cpSync(from, to, { recursive: true })
  return to
}
const opened = async (): Promise<number> => {
  const database = await openRocksDatabase(path)
  const count = countOf(database)
  await database.close()
  return count
}

beforeAll(async () => {
  // An open writes what the log held into files, and names them in the manifest that it begins.
  for (let i = 0; i < 3; i++) {
    const database = await openRocksDatabase(good)
    put(database, i * ENTRIES)
    await markManifest(database)
    await database.close()
  }
})
beforeEach(() => {
  path = copy(good)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a manifest', () => {
  it('that lost any part of its end is refused before anything is opened, or deleted', async () => {
    const { size } = statSync(manifestOf(path))
    for (let cut = size - 1; cut >= 0; cut -= 97) {
      truncateSync(manifestOf(path), cut)
      const before = readdirSync(path)
      await expect(openRocksDatabase(path)).rejects.toMatchObject({
        name: 'StorageError',
        code: 'corrupt',
        message: expect.stringContaining(`cut short to ${cut} bytes of ${size}`),
      })
      expect(readdirSync(path)).toEqual(before)
    }
  })

  it('that lost its end would open without the mark, with data missing: what this is for', async () => {
    const outcomes = new Set<boolean>()
    const { size } = statSync(manifestOf(path))
    for (let cut = size - 1; cut > size / 2; cut -= 23) {
      path = copy(good)
      rmSync(join(path, 'manifest.mark'))
      truncateSync(manifestOf(path), cut)
      try {
        outcomes.add((await opened()) === 6 * ENTRIES)
      } catch {
        // Cut so short that RocksDB notices.
      }
    }
    expect(outcomes).toContain(false)
  })

  it('that was changed is refused, whether RocksDB would notice or not', async () => {
    const bytes = readFileSync(manifestOf(path))
    const at = bytes.length - 5
    bytes[at] = (bytes[at] ?? 0) ^ 4
    writeFileSync(manifestOf(path), bytes)
    await expect(openRocksDatabase(path)).rejects.toMatchObject({ code: 'corrupt' })
  })

  it('that is longer than the mark says is taken: a crash may come between the two', async () => {
    const database = await openRocksDatabase(path)
    const before = readFileSync(join(path, 'manifest.mark'))
    // What grows it: memtables that are full.
    for (let i = 0; i < 12; i++)
      database.write(
        [{ column: COLUMNS.state, key: Buffer.from(`large ${i}`), value: new Uint8Array(4_000_000).fill(i) }],
        { sync: false },
      )
    const longer = async (): Promise<void> => {
      const marked = Number(before.toString().split(' ')[1])
      while (statSync(manifestOf(path)).size === marked) await new Promise(resolve => setTimeout(resolve, 10))
    }
    await longer()
    await markManifest(database)
    const after = readFileSync(join(path, 'manifest.mark'))
    expect(after).not.toEqual(before)
    await database.close()
    const again = copy(path)
    expect(await opened()).toBe(6 * ENTRIES + 12)
    path = again
    writeFileSync(join(path, 'manifest.mark'), before)
    expect(await opened()).toBe(6 * ENTRIES + 12)
  })

  it('is not judged by a mark that is damaged, missing, or of another manifest', async () => {
    const text = readFileSync(join(path, 'manifest.mark'), 'utf8')
    for (const mark of [
      '',
      'nonsense',
      text.replace(/ \d/, ' 9'),
      text.replace(/MANIFEST-\d+/, 'MANIFEST-000001'),
    ]) {
      path = copy(good)
      writeFileSync(join(path, 'manifest.mark'), mark)
      expect(await opened()).toBe(6 * ENTRIES)
    }
  })
})
