import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { makeCase } from '../../fuzz/cases.ts'
import { Engine } from '../../fuzz/engine.ts'
import { packCase } from '../../fuzz/protocol.ts'
import { type FuzzFailure, fuzz } from '../../fuzz/run.ts'

const directory = mkdtempSync(join(tmpdir(), 'vex-fuzz-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const child = (name: string): string => fileURLToPath(new URL(`./children/${name}.ts`, import.meta.url))

describe('the fuzzer', () => {
  it('finds nothing in eight cases of every kind', async () => {
    const failures: FuzzFailure[] = []
    const { passed, kinds } = await fuzz({
      seed: 0,
      directory,
      isEnough: count => count === 8,
      onFailure: failure => failures.push(failure),
    })
    expect(failures).toEqual([])
    expect(passed).toBe(8)
    expect(Object.fromEntries(kinds)).toEqual({ program: 5, mutants: 2, translated: 1 })
    expect(readdirSync(directory)).toEqual([])
  })

  it('makes the same case of the same seed', () => {
    for (const seed of [0, 1]) expect(packCase(makeCase(seed))).toBe(packCase(makeCase(seed)))
    expect(packCase(makeCase(0))).not.toBe(packCase(makeCase(8)))
  })
})

describe('an engine', () => {
  const odd = (timeoutMs: number): Engine =>
    new Engine('odd', { flags: [], timeoutMs, script: child('odd-engine') })

  it('that dies over a case is an answer, and the next case gets a new one', async () => {
    const engine = odd(30_000)
    expect(await engine.ask('answer')).toEqual({ digest: 'answer' })
    expect(await engine.ask('die')).toEqual({ problem: expect.stringContaining('died: last words') })
    expect(await engine.ask('answer')).toEqual({ digest: 'answer' })
    await engine.stop()
  })

  it('that hangs is an answer too', async () => {
    const engine = odd(300)
    expect(await engine.ask('hang')).toEqual({ problem: expect.stringContaining('hangs') })
    await engine.stop()
  })
})
