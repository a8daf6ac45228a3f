import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { GAS_SCHEDULE_VERSION } from '../../../vm/gas.ts'
import { INSTRUMENTER_VERSION } from '../../../vm/instrument.ts'
import { cacheKey, decodeEntry, encodeEntry, type InstrumentedCache } from '../../../vm/instrumented-cache.ts'
import { PROFILE_VERSION } from '../../../vm/profile.ts'
import { createVm } from '../../../vm/vm.ts'
import { RecordingHost } from './recording-host.ts'
import { contract, run } from './run-wat.ts'

class MapCache implements InstrumentedCache {
  readonly entries = new Map<string, Uint8Array>()
  writes = 0

  read(key: string): Uint8Array | undefined {
    return this.entries.get(key)
  }

  write(key: string, entry: Uint8Array): void {
    this.writes++
    this.entries.set(key, entry)
  }
}

const code = contract(
  '(i32.store (i32.const 0) (i32.const 7)) (call $return_data (i32.const 0) (i32.const 4))',
  '(func (export "other"))',
)
const codeHash = createHash('sha256').update(code).digest('hex')
const expected = run(code)

/** A process of its own: nothing but the cache is left of the last one. */
const runWith = (instrumentedCache: InstrumentedCache, method = 'main') =>
  run(code, { vm: createVm({ instrumentedCache }), method })

/** Fails if the code is asked for. */
const runFromCacheOnly = (instrumentedCache: InstrumentedCache, method: string) =>
  createVm({ instrumentedCache }).execute({
    codeHash,
    code: () => {
      throw new Error('asked for the code')
    },
    method,
    args: new Uint8Array(0),
    gasLimit: 10_000_000n,
    stackLimit: 1_000,
    host: new RecordingHost(),
  })

describe('instrumented code outlives the process', () => {
  test('the next one runs it without asking for the code, with the same result and methods', () => {
    const cache = new MapCache()
    expect(runWith(cache)).toEqual(expected)
    expect(cache.writes).toBe(1)
    expect(runFromCacheOnly(cache, 'main')).toEqual(expected)
    expect(runFromCacheOnly(cache, 'other').kind).toBe('returned')
    expect(runFromCacheOnly(cache, 'third')).toMatchObject({ code: 'unknown_method' })
    expect(cache.writes).toBe(1)
  })

  test('the key names every version it depends on, and the code', () => {
    expect(cacheKey('ab')).toBe(`i${INSTRUMENTER_VERSION}-g${GAS_SCHEDULE_VERSION}-p${PROFILE_VERSION}-ab`)
  })

  test('an entry of another version is never used, whatever its name', () => {
    const cache = new MapCache()
    const wrong = contract('(unreachable)')
    runWith(cache)
    const key = cacheKey(codeHash)
    const stale = `i${INSTRUMENTER_VERSION - 1}${key.slice(key.indexOf('-'))}`
    const other = new MapCache()
    run(wrong, { vm: createVm({ instrumentedCache: other }) })
    const [entryOfWrong] = other.entries.values()
    const misplaced = encodeEntry(
      stale,
      decodeEntry([...other.entries.keys()][0] as string, entryOfWrong as Uint8Array)!,
    )
    for (const entry of [misplaced, entryOfWrong as Uint8Array]) {
      cache.entries.set(key, entry)
      expect(runWith(cache)).toEqual(expected)
      expect(decodeEntry(key, cache.entries.get(key) as Uint8Array), 'written again').toBeDefined()
    }
  })

  test('an entry that is cut short or is no module is made again', () => {
    const cache = new MapCache()
    runWith(cache)
    const key = cacheKey(codeHash)
    const good = (cache.entries.get(key) as Uint8Array).slice()
    const headerEnd = 4 + new DataView(good.buffer).getUint32(0, true)
    const broken = [
      new Uint8Array(0),
      good.slice(0, 3),
      good.slice(0, headerEnd - 1),
      good.slice(0, headerEnd),
      good.slice(0, headerEnd + 20),
      good.map((byte, i) => (i === 6 ? 0xff : byte)),
      Uint8Array.from([0xff, 0xff, 0xff, 0xff, ...good.slice(4)]),
      encodeEntry(key, {
        wasm: new Uint8Array(9),
        hostFunctions: [],
        methods: ['main'],
        reentrant: [],
        hasStart: false,
      }),
    ]
    for (const [i, entry] of broken.entries()) {
      cache.entries.set(key, entry)
      cache.writes = 0
      expect(runWith(cache), `${i}`).toEqual(expected)
      expect(cache.writes, `${i}`).toBe(1)
      expect(cache.entries.get(key), `${i}`).toEqual(good)
    }
  })

  test('a host function that is not there any more makes the entry worthless', () => {
    const entry = encodeEntry('k', {
      wasm: new Uint8Array(0),
      hostFunctions: ['gone'],
      methods: [],
      reentrant: [],
      hasStart: false,
    })
    expect(decodeEntry('k', entry)).toBeUndefined()
  })
})
