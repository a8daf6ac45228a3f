/** In a process of its own: what its memory is can be told, and nobody else works there. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const MODULE = new URL('../../../node/execution/idle-memory.ts', import.meta.url).href

const run = async (body: string): Promise<unknown> => {
  const script = `
    const { setTimeout: sleep } = await import('node:timers/promises')
    const { giveBackIdleMemory } = await import(${JSON.stringify(MODULE)})
    const total = () => process.memoryUsage().heapTotal / 2 ** 20
    const keep = []
    const grow = mib => { for (let i = 0; i < mib; i++) keep.push(Array.from({ length: 2 ** 17 }, (_, j) => i + j)) }
    grow(60)
    keep.length = 0
    ${body}`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
  return JSON.parse(stdout)
}

describe('the memory that is needed no more', () => {
  it('is given back after ten idle looks, and the collector is nobody’s afterwards', async () => {
    const { before, early, after, hasGc } = (await run(`
      const before = total()
      giveBackIdleMemory(50)
      await sleep(350)
      const early = total()
      await sleep(650)
      console.log(JSON.stringify({ before, early, after: total(), hasGc: typeof gc !== 'undefined' }))`)) as {
      before: number
      early: number
      after: number
      hasGc: boolean
    }
    expect(before).toBeGreaterThan(40)
    expect(early).toBeGreaterThan(0.8 * before)
    expect(after).toBeLessThan(before / 2)
    expect(hasGc).toBe(false)
  })

  it('is given back again after the next work', async () => {
    const { first, grown, second } = (await run(`
      giveBackIdleMemory(20)
      await sleep(500)
      const first = total()
      const until = performance.now() + 200
      while (performance.now() < until) grow(4)
      keep.length = 0
      const grown = total()
      await sleep(500)
      console.log(JSON.stringify({ first, grown, second: total() }))`)) as Record<
      'first' | 'grown' | 'second',
      number
    >
    expect(grown).toBeGreaterThan(2 * first)
    expect(second).toBeLessThan(grown / 2)
  })

  it('stays while there is work, and if it is forgotten about', async () => {
    const { before, busy, forgotten } = (await run(`
      const before = total()
      giveBackIdleMemory(10)
      const until = performance.now() + 400
      while (performance.now() < until) {
        const next = performance.now() + 20
        while (performance.now() < next);
        await sleep(1)
      }
      const busy = total()
      giveBackIdleMemory(50)()
      console.log(JSON.stringify({ before, busy, forgotten: total() }))
      process.exit()`)) as { before: number; busy: number; forgotten: number }
    expect(busy).toBeGreaterThan(0.8 * before)
    expect(forgotten).toBe(busy)
  })

  it('is given back by many threads at the same moment', async () => {
    const failures = await run(`
      const { Worker } = await import('node:worker_threads')
      const source = "import('${MODULE}').then(({ giveBackIdleMemory }) => giveBackIdleMemory(2)); setTimeout(() => {}, 500)"
      const ends = Array.from({ length: 60 }, () => new Promise(resolve => {
        const worker = new Worker(source, { eval: true })
        worker.once('error', error => resolve([String(error)]))
        worker.once('exit', () => resolve([]))
      }))
      console.log(JSON.stringify((await Promise.all(ends)).flat()))`)
    expect(failures).toEqual([])
  })

  it('keeps no process alive', async () => {
    expect(await run('giveBackIdleMemory(60_000); console.log(1)')).toBe(1)
  })
})
