/** In a process of its own: what its memory is can be told, and nobody else works there. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const MODULE = new URL('../../../node/execution/start-memory.ts', import.meta.url).href

const run = async (body: string): Promise<unknown> => {
  const script = `
    const { setTimeout: sleep } = await import('node:timers/promises')
    const { giveBackStartMemory } = await import(${JSON.stringify(MODULE)})
    const total = () => process.memoryUsage().heapTotal / 2 ** 20
    const keep = []
    const grow = mib => { for (let i = 0; i < mib; i++) keep.push(Array.from({ length: 2 ** 17 }, (_, j) => i + j)) }
    grow(60)
    keep.length = 0
    ${body}`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
  return JSON.parse(stdout)
}

describe('the memory that starting took', () => {
  it('is given back in the first idle moment, and the collector is nobody’s afterwards', async () => {
    const { before, after, hasGc } = (await run(`
      const before = total()
      giveBackStartMemory(50)
      await sleep(600)
      console.log(JSON.stringify({ before, after: total(), hasGc: typeof gc !== 'undefined' }))`)) as {
      before: number
      after: number
      hasGc: boolean
    }
    expect(before).toBeGreaterThan(40)
    expect(after).toBeLessThan(before / 2)
    expect(hasGc).toBe(false)
  })

  it('stays while there is work, and if it is forgotten about', async () => {
    const { before, busy, forgotten } = (await run(`
      const before = total()
      giveBackStartMemory(50)
      const until = performance.now() + 400
      while (performance.now() < until) {
        const next = performance.now() + 20
        while (performance.now() < next);
        await sleep(1)
      }
      const busy = total()
      giveBackStartMemory(50)()
      console.log(JSON.stringify({ before, busy, forgotten: total() }))
      process.exit()`)) as { before: number; busy: number; forgotten: number }
    expect(busy).toBeGreaterThan(0.8 * before)
    expect(forgotten).toBe(busy)
  })

  it('is given back by many threads at the same moment', async () => {
    const failures = await run(`
      const { Worker } = await import('node:worker_threads')
      const source = "import('${MODULE}').then(({ giveBackStartMemory }) => giveBackStartMemory(2)); setTimeout(() => {}, 500)"
      const ends = Array.from({ length: 60 }, () => new Promise(resolve => {
        const worker = new Worker(source, { eval: true })
        worker.once('error', error => resolve([String(error)]))
        worker.once('exit', () => resolve([]))
      }))
      console.log(JSON.stringify((await Promise.all(ends)).flat()))`)
    expect(failures).toEqual([])
  })

  it('keeps no process alive', async () => {
    expect(await run('giveBackStartMemory(60_000); console.log(1)')).toBe(1)
  })
})
