/** Which threads of a node give way: looked at in a process of its own, for what is lowered stays so. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'vex-threads-'))
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const moduleUrl = (path: string): string => new URL(`../../../node/${path}`, import.meta.url).href

const SCRIPT = `
  const { readdirSync, readFileSync } = await import('node:fs')
  const { openRocksDatabase } = await import(${JSON.stringify(moduleUrl('storage/rocks.ts'))})
  const { lowerBackgroundThreads } = await import(${JSON.stringify(moduleUrl('execution/background-threads.ts'))})
  const database = await openRocksDatabase(process.argv[1])
  const lowered = lowerBackgroundThreads()
  // proc(5): the 19th field; the name, in brackets, may hold blanks.
  const threads = readdirSync('/proc/self/task').map(id => {
    const [, name, rest] = /\\((.*)\\) (.*)/.exec(readFileSync('/proc/self/task/' + id + '/stat', 'utf8'))
    return [name, Number(rest.split(' ')[16])]
  })
  console.log(JSON.stringify({ lowered, again: lowerBackgroundThreads(), threads }))
  await database.close()
`

describe.runIf(process.platform === 'linux')('the threads of a node', () => {
  it('give way if they work for others, and only then', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      SCRIPT,
      join(folder, 'db'),
    ])
    const { lowered, again, threads } = JSON.parse(stdout) as {
      lowered: number
      again: number
      threads: [name: string, niceness: number][]
    }
    const nicenessOf = (wanted: RegExp) => [
      ...new Set(threads.filter(([name]) => wanted.test(name)).map(([, niceness]) => niceness)),
    ]
    const own = nicenessOf(/^(MainThread|node)/)
    expect(own).toHaveLength(1)
    expect(nicenessOf(/^V8Worker/)).toEqual([5])
    expect(nicenessOf(/^rocksdb:low/)).toEqual([5])
    expect(nicenessOf(/^(rocksdb:high|libuv)/)).toEqual(own)
    expect(lowered).toBe(threads.filter(([, niceness]) => niceness === 5).length)
    expect(again).toBe(lowered)
  })
})
