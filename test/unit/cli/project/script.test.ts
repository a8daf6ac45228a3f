import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createScript, type Script } from '../../../../cli/project/script.ts'

let folder: string
let script: Script
const lines: string[] = []
const ends: unknown[] = []

const write = (text: string): Promise<void> => writeFile(join(folder, 'client.mjs'), text)
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vex-script-'))
  lines.length = 0
  ends.length = 0
  script = createScript(
    { cwd: folder, env: { ...process.env, GREETING: 'hello' } },
    { onLine: line => lines.push(line), onEnd: reason => ends.push(reason) },
  )
})
afterEach(async () => {
  await script.stop()
  await rm(folder, { recursive: true })
})

describe('the client script', () => {
  it('tells its lines, and how it ended', async () => {
    await write('console.log(process.env.GREETING); console.error("oh"); process.exitCode = 3')
    await script.restart('client.mjs')
    await vi.waitFor(() => expect(ends).toEqual([{ exitCode: 3, signal: null }]))
    expect(lines.toSorted()).toEqual(['hello', 'oh'])
  })

  it('is gone before the next one starts, even if it does not listen to reason', async () => {
    await write('process.on("SIGTERM", () => {}); console.log(process.pid); setInterval(() => {}, 1000)')
    await script.restart('client.mjs')
    await vi.waitFor(() => expect(lines).toHaveLength(1))
    const pid = Number(lines[0])
    expect(isAlive(pid)).toBe(true)
    await script.restart('client.mjs')
    expect(isAlive(pid)).toBe(false)
    await vi.waitFor(() => expect(lines).toHaveLength(2))
    expect(ends).toEqual([])
  })

  it('that is not there is a line, and no end of us', async () => {
    await script.restart('missing.mjs')
    await vi.waitFor(() => expect(ends).toHaveLength(1))
    expect(lines.join('\n')).toContain('missing.mjs')
  })
})
