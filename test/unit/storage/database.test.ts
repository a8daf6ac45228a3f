/** What every implementation of storage/database.ts must do. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  COLUMNS,
  type Column,
  type Database,
  StorageError,
  type Write,
} from '../../../node/storage/database.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import { openRocksDatabase } from '../../../node/storage/rocks.ts'
import { fromHex, toHex } from '../../../node/types/primitives.ts'

const folder = mkdtempSync(join(tmpdir(), 'vex-database-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

let opened = 0
const implementations: [string, () => Promise<Database>][] = [
  ['in memory', () => Promise.resolve(createMemoryDatabase())],
  ['on RocksDB', () => openRocksDatabase(join(folder, String(opened++)))],
]

const { state, meta } = COLUMNS
const put = (column: Column, key: string, value: string): Write => ({
  column,
  key: fromHex(key),
  value: fromHex(value),
})
const del = (column: Column, key: string): Write => ({ column, key: fromHex(key), value: undefined })

describe.each(implementations)('a database %s', (_, open) => {
  let database: Database
  const write = (...writes: Write[]) => {
    database.write(writes, { sync: false })
  }
  const read = (column: Column, key: string) => {
    const value = database.get(column, fromHex(key))
    return value === undefined ? undefined : toHex(value)
  }
  const range = (options: { from?: string; to?: string; reverse?: boolean; limit?: number }) => {
    const { from, to, ...rest } = options
    return database
      .range(state, {
        ...rest,
        ...(from === undefined ? {} : { from: fromHex(from) }),
        ...(to === undefined ? {} : { to: fromHex(to) }),
      })
      .map(([key, value]) => `${toHex(key)}=${toHex(value)}`)
  }

  beforeEach(async () => {
    database = await open()
  })
  afterEach(() => database.close())

  test('returns what was written, in the column it was written to', () => {
    write(put(state, '01', 'aa'), put(meta, '01', 'bb'))
    expect(read(state, '01')).toBe('aa')
    expect(read(meta, '01')).toBe('bb')
    expect(read(COLUMNS.blocks, '01')).toBeUndefined()
  })

  test('keeps keys and values of every length apart, also where a batch has many', () => {
    const lengths = [1, 2, 33, 63, 64, 65, 66, 200, 5_000]
    const rows = lengths.flatMap(long =>
      [0, 1, 63, 64, 65, 3_000].map(wide => ({
        key: new Uint8Array(long).fill(long % 251),
        value: new Uint8Array(wide).fill(wide % 249),
      })),
    )
    const own = rows.map(({ key, value }, i) => ({ key: Uint8Array.of(i, ...key), value }))
    write(...own.map(({ key, value }) => ({ column: state, key, value })))
    const keys = own.map(({ key }) => key)
    expect(database.getMany(state, keys).map(value => value && new Uint8Array(value))).toEqual(
      own.map(({ value }) => value),
    )
    write(...keys.filter((_, i) => i % 2 === 0).map(key => ({ column: state, key, value: undefined })))
    expect(keys.map(key => database.get(state, key)?.length)).toEqual(
      own.map(({ value }, i) => (i % 2 === 0 ? undefined : value.length)),
    )
  })

  test('reads many keys at once, in any order and twice, as it reads each', () => {
    write(put(state, '01', 'aa'), put(state, '02', ''), put(state, '0101', 'bb'), put(meta, '03', 'cc'))
    const found = database.getMany(
      state,
      ['0101', '03', '02', '01', '01', 'ff'].map(key => fromHex(key)),
    )
    expect(found.map(value => value && toHex(value))).toEqual(['bb', undefined, '', 'aa', 'aa', undefined])
    expect(database.getMany(state, [])).toEqual([])
  })

  test('a write that names no column it has leaves nothing of itself for the next', () => {
    write(put(state, '01', 'aa'))
    expect(() => write(put(state, '02', 'bb'), put('nowhere' as Column, '03', 'cc'))).toThrow(RangeError)
    write(put(state, '04', 'dd'))
    expect(range({})).toEqual(['01=aa', '04=dd'])
  })

  test('what is prepared is not there until it is written, once, in whatever order', () => {
    const [first, second, left] = [
      put(state, '0a', '01'),
      put(state, '0a', '02'),
      put(state, '0b', '03'),
    ].map(writes => database.prepare([writes]))
    write(put(state, '0c', '04'))
    expect(range({})).toEqual(['0c=04'])
    second?.write({ sync: false })
    expect(range({})).toEqual(['0a=02', '0c=04'])
    first?.write({ sync: true })
    expect(range({})).toEqual(['0a=01', '0c=04'])
    expect(() => first?.write({ sync: false })).toThrow('made before')
    expect(left).toBeDefined()
    write(put(state, '0d', '05'))
    expect(range({})).toEqual(['0a=01', '0c=04', '0d=05'])
  })

  test('what is added to what is prepared is written with it, and not after it', () => {
    const prepared = database.prepare([put(state, '0a', '01'), put(state, '0b', '02')])
    prepared.add([put(state, '0b', '03'), put(state, '0c', '04')])
    prepared.add([])
    expect(() => prepared.add([put('nowhere' as Column, '0d', '05')])).toThrow(RangeError)
    expect(range({})).toEqual([])
    prepared.write({ sync: false })
    expect(range({})).toEqual(['0a=01', '0b=03', '0c=04'])
    expect(() => prepared.add([put(state, '0e', '06')])).toThrow('made before')
    write(put(state, '0f', '07'))
    expect(range({})).toEqual(['0a=01', '0b=03', '0c=04', '0f=07'])
  })

  test('what is prepared or written does not change with the bytes that it was given', () => {
    for (const bytes of [fromHex('0a0b'), Buffer.from('0a0b', 'hex')]) {
      const prepared = database.prepare([{ column: state, key: bytes, value: bytes }])
      bytes.fill(0)
      prepared.write({ sync: false })
      bytes.fill(1)
      database.write([{ column: state, key: bytes, value: bytes }], { sync: false })
      bytes.fill(2)
      expect(range({})).toEqual(['0101=0101', '0a0b=0a0b'])
      write(del(state, '0101'), del(state, '0a0b'))
    }
  })

  test('an empty value is a value, an empty key is a key', () => {
    write(put(state, '01', ''), put(state, '', 'aa'))
    expect(read(state, '01')).toBe('')
    expect(read(state, '')).toBe('aa')
    expect(range({})).toEqual(['=aa', '01='])
  })

  test('a deletion removes the key; deleting what is not there is allowed', () => {
    write(put(state, '01', 'aa'))
    write(del(state, '01'), del(state, '02'))
    expect(read(state, '01')).toBeUndefined()
    expect(range({})).toEqual([])
  })

  test('the later of two writes to one key in a batch counts', () => {
    write(put(state, '01', 'aa'), put(state, '01', 'bb'), put(state, '02', 'aa'), del(state, '02'))
    expect(read(state, '01')).toBe('bb')
    expect(read(state, '02')).toBeUndefined()
  })

  test('a batch with a column that does not exist writes nothing', () => {
    const bad = { column: 'nowhere' as Column, key: fromHex('02'), value: fromHex('aa') }
    expect(() => {
      write(put(state, '01', 'aa'), bad)
    }).toThrow(/no column "nowhere"/)
    expect(read(state, '01')).toBeUndefined()
    expect(() => database.get('nowhere' as Column, fromHex('01'))).toThrow(RangeError)
    expect(() => database.range('nowhere' as Column, {})).toThrow(RangeError)
  })

  test('ranges are in the order of bytes: from inclusive, to exclusive, reverse, limited', () => {
    write(...['7f', '80', '00', 'ff', '8000'].map(key => put(state, key, 'aa')), put(meta, '81', 'bb'))
    expect(range({})).toEqual(['00=aa', '7f=aa', '80=aa', '8000=aa', 'ff=aa'])
    expect(range({ from: '7f', to: 'ff' })).toEqual(['7f=aa', '80=aa', '8000=aa'])
    expect(range({ from: '7f', to: 'ff', reverse: true })).toEqual(['8000=aa', '80=aa', '7f=aa'])
    expect(range({ from: '7f', limit: 2 })).toEqual(['7f=aa', '80=aa'])
    expect(range({ to: 'ff', reverse: true, limit: 1 })).toEqual(['8000=aa'])
    expect(range({ limit: 0 })).toEqual([])
    expect(range({ from: '80', to: '80' })).toEqual([])
    expect(range({ from: 'ff', to: '00' })).toEqual([])
    expect(range({ to: '' })).toEqual([])
  })

  test('keys and values given as views into larger buffers are their own bytes only', () => {
    const bytes = fromHex('0011223344556677')
    write({ column: state, key: bytes.subarray(1, 3), value: bytes.subarray(4, 6) })
    expect(range({})).toEqual(['1122=4455'])
    expect(toHex(database.get(state, bytes.subarray(1, 3)) as Uint8Array)).toBe('4455')
  })

  test('what is read is the reader’s own, and what was written stays as it was', () => {
    const value = fromHex('aabb')
    write({ column: state, key: fromHex('01'), value })
    value[0] = 0
    const first = database.get(state, fromHex('01')) as Uint8Array
    expect(toHex(first)).toBe('aabb')
    first[0] = 0
    const entry = database.range(state, {})[0] as [Uint8Array, Uint8Array]
    entry[1][1] = 0
    expect(read(state, '01')).toBe('aabb')
    expect(first.constructor).toBe(Uint8Array)
    expect(entry[0].constructor).toBe(Uint8Array)
  })

  test('after close nothing that was prepared is written', async () => {
    const prepared = database.prepare([put(state, '0a', '01')])
    await database.close()
    expect(() => prepared.write({ sync: false })).toThrow(expect.objectContaining({ code: 'closed' }))
  })

  test('after close every call says closed, and closing again is allowed', async () => {
    write(put(state, '01', 'aa'))
    await database.close()
    const calls = [
      () => database.get(state, fromHex('01')),
      () => database.range(state, {}),
      () => {
        write(put(state, '01', 'aa'))
      },
    ]
    for (const call of calls) {
      expect(call).toThrow(StorageError)
      expect(call).toThrow(expect.objectContaining({ code: 'closed' }))
    }
    await database.close()
  })

  test('any run of batches equals a sorted map', () => {
    const key = fc.uint8Array({ maxLength: 2 }).map(toHex)
    const change = fc.tuple(key, fc.option(fc.uint8Array({ maxLength: 3 }).map(toHex), { nil: undefined }))
    fc.assert(
      fc.property(
        fc.array(fc.array(change, { maxLength: 8 }), { maxLength: 5 }),
        key,
        key,
        (batches, from, to) => {
          database.write(
            database.range(state, {}).map(([key]) => ({ column: state, key, value: undefined })),
            { sync: false },
          )
          const model = new Map<string, string>()
          for (const batch of batches) {
            write(...batch.map(([k, v]) => (v === undefined ? del(state, k) : put(state, k, v))))
            for (const [k, v] of batch) {
              if (v === undefined) model.delete(k)
              else model.set(k, v)
            }
          }
          const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1))
          expect(range({})).toEqual(sorted.map(([k, v]) => `${k}=${v}`))
          const between = sorted.filter(([k]) => k >= from && k < to).map(([k, v]) => `${k}=${v}`)
          expect(range({ from, to })).toEqual(between)
          expect(range({ from, to, reverse: true, limit: 2 })).toEqual(between.toReversed().slice(0, 2))
        },
      ),
      { numRuns: 60 },
    )
  })
})
