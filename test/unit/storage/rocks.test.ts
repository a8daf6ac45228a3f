/** What only a disk can do to a database: locks, crashes, damage, no space. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import binding from '@nxtedition/rocksdb/binding.js'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { COLUMNS, type Database, StorageError } from '../../../node/storage/database.ts'
import { openRocksDatabase } from '../../../node/storage/rocks.ts'

const folder = mkdtempSync(join(tmpdir(), 'vex-rocks-'))
let made = 0
const freshPath = () => join(folder, String(made++), 'db')

const children: ChildProcess[] = []
const start = (script: string, path: string): ChildProcess => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'children', script), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  return child
}
const kill = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
afterEach(async () => {
  for (const child of children.splice(0)) await kill(child)
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const failure = async (run: () => unknown): Promise<StorageError> => {
  try {
    await run()
  } catch (error) {
    if (error instanceof StorageError) return error
    throw error
  }
  throw new Error('expected a StorageError')
}

const key = Buffer.from('number')
const put = (database: Database, value: Uint8Array, sync = true) => {
  database.write([{ column: COLUMNS.state, key, value }], { sync })
}

describe('a lock', () => {
  test('held by another process names the directory and that process', async () => {
    const path = freshPath()
    const child = start('hold-open.ts', path)
    await once(child.stdout as NodeJS.ReadableStream, 'data')
    const error = await failure(() => openRocksDatabase(path))
    expect(error.code).toBe('locked')
    expect(error.message).toContain(path)
    expect(error.message).toContain(`process ${child.pid}`)
  })

  test('held by this process says so, and closing frees it', async () => {
    const path = freshPath()
    const database = await openRocksDatabase(path)
    const error = await failure(() => openRocksDatabase(path))
    expect(error.code).toBe('locked')
    expect(error.message).toContain('this process itself')
    await database.close()
    await (await openRocksDatabase(path)).close()
    expect(readdirSync(join(path, '..'))).toEqual(['db'])
  })

  test('of a process that was killed is gone, and its name is not believed', async () => {
    const path = freshPath()
    const child = start('hold-open.ts', path)
    await once(child.stdout as NodeJS.ReadableStream, 'data')
    await kill(child)
    expect(readFileSync(`${path}.pid`, 'utf8')).toBe(`${child.pid}\n`)
    await (await openRocksDatabase(path)).close()
  })
})

describe('a crash', () => {
  test.each([1, 2, 3])(
    'in the middle of batches leaves whole batches only, none lost that was synced (%d)',
    async round => {
      const path = freshPath()
      const child = start('write-forever.ts', path)
      let said = 0
      const enough = new Promise<void>(resolve => {
        child.stdout?.setEncoding('utf8').on('data', (text: string) => {
          said = Number(text.trim().split('\n').at(-1))
          if (said >= 10 * round) resolve()
        })
      })
      await enough
      await kill(child)

      const database = await openRocksDatabase(path)
      const [meta, state, nodes] = [COLUMNS.meta, COLUMNS.state, COLUMNS.treeNodes].map(column => {
        const value = database.get(column, key) as Uint8Array
        return new DataView(value.buffer, value.byteOffset).getUint32(0)
      })
      expect(state).toBe(meta)
      expect(nodes).toBe(meta)
      expect(meta).toBeGreaterThanOrEqual(said)
      await database.close()
    },
  )
})

describe('damage', () => {
  test('to a file of the database is found when it is opened', async () => {
    const path = freshPath()
    const database = await openRocksDatabase(path)
    put(database, randomBytes(1000))
    await database.close()
    writeFileSync(join(path, 'CURRENT'), 'not a manifest\n')
    const error = await failure(() => openRocksDatabase(path))
    expect(error.code).toBe('corrupt')
    expect(error.message).toContain(path)
  })

  test('a database with a column this version does not know was written by a newer one', async () => {
    const path = freshPath()
    mkdirSync(path, { recursive: true })
    const context = binding.db_init(path)
    const call = (run: (done: (error: Error | null) => void) => void) =>
      new Promise<void>((resolve, reject) => {
        run(error => {
          if (error === null) resolve()
          else reject(error)
        })
      })
    await call(done =>
      binding.db_open(context, { createIfMissing: true, columns: { default: {}, new_column: {} } }, done),
    )
    await call(done => {
      binding.db_close(context, done)
    })
    const error = await failure(() => openRocksDatabase(path))
    expect(error.code).toBe('newer_version')
    expect(error.message).toContain('new_column')
  })

  test('a path that is a file is refused with its name', async () => {
    const path = join(folder, 'a-file')
    writeFileSync(path, '')
    const error = await failure(() => openRocksDatabase(path))
    expect(error.code).toBe('io')
    expect(error.message).toContain(path)
  })
})

/** A disk of `mebibytes` of its own, or why there is none. */
const mountSmallDisk = (mebibytes: number): { path: string } | { reason: string } => {
  const path = mkdtempSync(join(tmpdir(), 'vex-small-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path], { stdio: 'pipe' })
    return { path }
  } catch (error) {
    rmSync(path, { recursive: true })
    return { reason: (error as Error).message.split('\n').at(-2) ?? 'mount failed' }
  }
}

describe('a full disk', () => {
  test('stops all writing, says so, loses nothing, and goes on once there is space', async context => {
    const disk = mountSmallDisk(48)
    if ('reason' in disk) {
      context.skip(`needs the right to mount a small disk: ${disk.reason}`)
      return
    }
    try {
      const path = join(disk.path, 'db')
      const filler = join(disk.path, 'filler')
      writeFileSync(filler, new Uint8Array(16 * 1024 * 1024))
      let database = await openRocksDatabase(path)
      let written = 0
      const writeUntilFull = () => {
        for (; written < 1000; written++) {
          const number = Buffer.alloc(4)
          number.writeUInt32BE(written + 1)
          database.write(
            [
              { column: COLUMNS.meta, key, value: number },
              { column: COLUMNS.blocks, key: number, value: randomBytes(500_000) },
            ],
            { sync: true },
          )
        }
      }
      const first = await failure(writeUntilFull)
      expect(first.code).toBe('disk_full')
      expect(first.message).toContain(`the disk that holds ${path} is full`)
      expect(written).toBeGreaterThan(5)

      const again = await failure(() => {
        put(database, Uint8Array.of(1))
      })
      expect(again.code).toBe('disk_full')
      expect(again.message).toContain('an earlier write failed')
      expect(Buffer.from(database.get(COLUMNS.meta, key) as Uint8Array).readUInt32BE()).toBe(written)
      await database.close()

      rmSync(filler)
      database = await openRocksDatabase(path)
      expect(Buffer.from(database.get(COLUMNS.meta, key) as Uint8Array).readUInt32BE()).toBe(written)
      expect(database.range(COLUMNS.blocks, {}).length).toBe(written)
      put(database, Uint8Array.of(1))
      expect(database.get(COLUMNS.state, key)).toEqual(Uint8Array.of(1))
      await database.close()
    } finally {
      execFileSync('umount', [disk.path])
      rmSync(disk.path, { recursive: true })
    }
  })
})
