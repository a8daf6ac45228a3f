import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openInstrumentedCache } from '../../../node/storage/instrumented-cache.ts'

let directory: string
let folder: string
let problems: string[]

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vex-cache-'))
  folder = join(directory, 'instrumented')
  problems = []
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const open = (maxBytes?: number) =>
  openInstrumentedCache({
    folder,
    ...(maxBytes !== undefined && { maxBytes }),
    onProblem: message => problems.push(message),
  })
const ENTRY = Uint8Array.from({ length: 100 }, (_, i) => i)

describe('instrumented contracts on disk', () => {
  test('are there again after a start', () => {
    open().write('i1-g1-p1-ab', ENTRY)
    expect(new Uint8Array(open().read('i1-g1-p1-ab') ?? [])).toEqual(ENTRY)
    expect(open().read('i2-g1-p1-ab')).toBeUndefined()
    expect(readdirSync(folder)).toEqual(['i1-g1-p1-ab'])
    expect(problems).toEqual([])
  })

  test('an entry with a single wrong byte, cut short or under another name counts as missing, and says so', () => {
    const cache = open()
    cache.write('one', ENTRY)
    const path = join(folder, 'one')
    const good = readFileSync(path)
    const damaged = [
      good.map((byte, i) => (i === 70 ? byte ^ 1 : byte)),
      good.map((byte, i) => (i === 0 ? byte ^ 1 : byte)),
      good.subarray(0, -1),
      good.subarray(0, 10),
      new Uint8Array(0),
    ]
    for (const bytes of damaged) {
      writeFileSync(path, bytes)
      expect(cache.read('one')).toBeUndefined()
    }
    expect(problems).toHaveLength(damaged.length)
    cache.write('one', ENTRY)
    expect(new Uint8Array(cache.read('one') ?? [])).toEqual(ENTRY)
    writeFileSync(join(folder, 'two'), good)
    expect(cache.read('two')).toBeUndefined()
  })

  test('the folder stays within its size, the oldest go first', () => {
    const cache = open(1_000)
    const each = 132
    for (let i = 0; i < 7; i++) {
      cache.write(`entry-${i}`, ENTRY)
      utimesSync(join(folder, `entry-${i}`), i, i)
    }
    cache.write('newest', ENTRY)
    const names = readdirSync(folder).sort()
    expect(names.length * each).toBeLessThanOrEqual(1_000)
    expect(names).toEqual(['entry-3', 'entry-4', 'entry-5', 'entry-6', 'newest'])
    open(300)
    expect(readdirSync(folder)).toEqual(['newest'])
  })

  test('what a killed process left half-written goes, what another one writes stays', () => {
    mkdirSync(folder)
    for (const name of ['a.1-0.new', 'b.2-0.new']) writeFileSync(join(folder, name), 'half')
    utimesSync(join(folder, 'a.1-0.new'), 1, 1)
    open()
    expect(readdirSync(folder)).toEqual(['b.2-0.new'])
  })

  test('a folder that cannot be used is reported, never thrown', () => {
    writeFileSync(folder, 'a file in its place')
    const cache = open()
    cache.write('one', ENTRY)
    expect(cache.read('one')).toBeUndefined()
    expect(problems).toHaveLength(3)
    expect(statSync(folder).isFile()).toBe(true)
  })

  test('a key that could name a file elsewhere is refused', () => {
    const cache = open()
    for (const key of ['../one', 'a/b', '', 'A', 'x'.repeat(200)]) {
      cache.write(key, ENTRY)
      expect(cache.read(key)).toBeUndefined()
    }
    expect(readdirSync(directory)).toEqual(['instrumented'])
    expect(readdirSync(folder)).toEqual([])
  })
})
