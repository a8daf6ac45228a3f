/** The frame of migrations, with invented ones. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { checkDirectory } from '../../../cli/doctor/directory.ts'
import { sha256 } from '../../../node/crypto/hash.ts'
import { type DataDirectoryOptions, openDataDirectory } from '../../../node/storage/data-directory.ts'
import { COLUMNS, type Database } from '../../../node/storage/database.ts'
import { readFormat } from '../../../node/storage/format-file.ts'
import type { Migration } from '../../../node/storage/migration.ts'
import { describePending, FIRST_VERSION } from '../../../node/storage/migrations.ts'
import { countingMigrations, ENTRIES, keyOf } from './counting-migrations.ts'

const folder = mkdtempSync(join(tmpdir(), 'vex-migrate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let made = 0
let path: string

const options: DataDirectoryOptions = {
  create: () => ({ genesis: 'the genesis', validatorKeys: 'the keys' }),
  hashGenesis: text => sha256(Buffer.from(text)),
}
const open = (migrations: readonly Migration[], onProgress?: (sentence: string) => void) =>
  openDataDirectory(path, { ...options, migrations, onProgress })

/** In FIRST_VERSION, with entries whose value is 1. */
beforeEach(async () => {
  path = join(folder, String(made++))
  const { database } = await open([])
  const writes = Array.from({ length: ENTRIES }, (_, i) => ({
    column: COLUMNS.state,
    key: keyOf(i),
    value: Uint8Array.of(1),
  }))
  database.write(writes, { sync: true })
  await database.close()
})

const valuesOf = (database: Database): number[] =>
  database.range(COLUMNS.state, {}).map(([, value]) => value[0] ?? -1)

const filesOf = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter(name => statSync(join(path, name)).isFile())
      .map(name => [
        name,
        `${readFileSync(join(path, name), 'latin1')} ${statSync(join(path, name)).mtimeMs}`,
      ]),
  )

/** Both were done to every value, once each: (1 + 1) * 2. */
const expectDone = async (): Promise<void> => {
  const { database } = await open(countingMigrations())
  expect(new Set(valuesOf(database))).toEqual(new Set([4]))
  expect(database.range(COLUMNS.state, {})).toHaveLength(ENTRIES)
  expect(database.range(COLUMNS.meta, {})).toEqual([])
  await database.close()
  expect(readFormat(path, countingMigrations())).toMatchObject({
    version: FIRST_VERSION + 2,
    isMigrating: false,
  })
}

describe('a directory in an older format', () => {
  it('is carried over by one migration after the other, once, and says so', async () => {
    const told: string[] = []
    const { database, isNew } = await open(countingMigrations(), sentence => told.push(sentence))
    expect(isNew).toBe(false)
    await database.close()
    await expectDone()
    expect(told[0]).toBe(
      `carrying ${path} over from data format 2 to 3 (adds one); if it is interrupted, the next start goes on`,
    )
    expect(told.at(-1)).toBe(`${path} is in data format 4 now`)
    const again: string[] = []
    await (await open(countingMigrations(), sentence => again.push(sentence))).database.close()
    expect(again).toEqual([])
  })

  it('made anew is in the latest format, and no migration runs on it', async () => {
    path = join(folder, 'new')
    const never = () => {
      throw new Error('must not run')
    }
    const { database, isNew } = await open([{ title: 'never', step: never }])
    expect(isNew).toBe(true)
    await database.close()
    expect(readFormat(path, [{ title: 'never', step: never }])).toMatchObject({ version: FIRST_VERSION + 1 })
  })

  it('is carried over by starts that fail at every batch', async () => {
    for (let failAt = 1; ; failAt = 2) {
      let batches = 0
      const failing = countingMigrations(() => {
        if (++batches === failAt) throw new Error('the power is gone')
      })
      const result = await open(failing).catch((error: Error) => error)
      if (!(result instanceof Error)) {
        await result.database.close()
        break
      }
      expect(result.message).toBe('the power is gone')
      // The version before refuses what is half done.
      await expect(open([])).rejects.toMatchObject({ code: 'newer_version' })
      expect(readFormat(path, countingMigrations())).toMatchObject({ isMigrating: true })
    }
    await expectDone()
  })

  it('is carried over by processes that are killed', async () => {
    let kills = 0
    for (;;) {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'children/migrate.ts'), path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const gone = once(child, 'exit') as Promise<[number | null, string | null]>
      let batches = 0
      createInterface(child.stdout).on('line', () => {
        if (++batches === 8) child.kill('SIGKILL')
      })
      const [code, signal] = await gone
      if (signal === null) {
        expect(code).toBe(0)
        break
      }
      kills++
    }
    expect(kills).toBeGreaterThan(2)
    await expectDone()
  })

  it('is named by vex doctor, with what the start will do', async () => {
    const migrations = countingMigrations()
    expect(describePending(2, migrations)).toBe(
      'the next start carries it over to 4 (adds one; doubles), and an older Vex then refuses it',
    )
    expect(describePending(4, migrations)).toBeUndefined()
    const before = filesOf()
    const findings = await checkDirectory(path, { isDeep: false, isDefault: false, migrations })
    expect(findings.find(({ check }) => check === 'format')).toMatchObject({
      status: 'note',
      message: expect.stringMatching(/^data format 2: the next start carries it over to 4 .*cp -a/),
    })
    expect(filesOf()).toEqual(before)
  })
})

describe('a directory in a newer format', () => {
  it('is refused, and not a byte of it is changed', async () => {
    await (await open(countingMigrations())).database.close()
    const before = filesOf()
    await expect(open(countingMigrations().slice(0, 1))).rejects.toMatchObject({
      code: 'newer_version',
      message: `${path} has data format 4; this version of Vex knows 3: update it. Nothing was changed`,
    })
    expect(filesOf()).toEqual(before)
  })
})

it('a format.json that says an impossible way is damaged', async () => {
  const { genesisHash } = JSON.parse(readFileSync(join(path, 'format.json'), 'utf8')) as Record<
    string,
    unknown
  >
  for (const migratingFrom of [4, 2.5, '2', null]) {
    writeFileSync(join(path, 'format.json'), JSON.stringify({ version: 3, genesisHash, migratingFrom }))
    await expect(open(countingMigrations())).rejects.toMatchObject({ code: 'corrupt' })
  }
  writeFileSync(join(path, 'format.json'), JSON.stringify({ version: 3, genesisHash, migratingFrom: 1 }))
  await expect(open(countingMigrations())).rejects.toMatchObject({ code: 'older_version' })
})
