import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type ProjectWatch, watchProject } from '../../../../cli/project/watch.ts'

let root: string
let watching: ProjectWatch
let calls: string[][]

const path = (name: string): string => join(root, name)

/** Every path that was told so far. */
const told = (): string[] => [...new Set(calls.flat())].sort()

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vex-watch-'))
  for (const folder of ['contracts', 'node_modules', 'build', '.git']) await mkdir(path(folder))
  await writeFile(path('contracts/a.ts'), '1')
  calls = []
  watching = await watchProject(root, paths => calls.push([...paths]))
})
afterEach(async () => {
  watching.close()
  await rm(root, { recursive: true })
})

describe('the watch over a project', () => {
  it('tells of a file that is written, made or deleted', async () => {
    await writeFile(path('contracts/a.ts'), '2')
    await writeFile(path('client.ts'), '')
    await vi.waitFor(() => expect(told()).toEqual(['client.ts', 'contracts/a.ts']))
    calls = []
    await rm(path('client.ts'))
    await vi.waitFor(() => expect(told()).toEqual(['client.ts']))
  })

  it('tells of every save of an editor that renames a new file into place', async () => {
    for (const text of ['2', '3', '4']) {
      calls = []
      await writeFile(path('contracts/.a.ts.swp'), text)
      await rename(path('contracts/.a.ts.swp'), path('contracts/a.ts'))
      await vi.waitFor(() => expect(told()).toEqual(['contracts/a.ts']))
    }
  })

  it('tells of a burst once', async () => {
    for (let i = 0; i < 20; i++) await writeFile(path('contracts/a.ts'), String(i))
    await vi.waitFor(() => expect(told()).toEqual(['contracts/a.ts']))
    expect(calls.length).toBeLessThan(20)
  })

  it('finds folders that come later, with what is in them already', async () => {
    await mkdir(path('contracts/token'))
    await writeFile(path('contracts/token/token.ts'), '1')
    await vi.waitFor(() => expect(told()).toContain('contracts/token/token.ts'))
    calls = []
    await writeFile(path('contracts/token/token.ts'), '2')
    await vi.waitFor(() => expect(told()).toEqual(['contracts/token/token.ts']))
  })

  it('is silent about builds, packages, hidden files and what editors leave', async () => {
    const names = [
      'build/a.ts',
      'node_modules/a.ts',
      '.git/a.ts',
      '.env.ts',
      'contracts/a.ts~',
      'contracts/4913',
    ]
    for (const name of names) await writeFile(path(name), '')
    await writeFile(path('last.ts'), '')
    await vi.waitFor(() => expect(told()).toContain('last.ts'))
    expect(told()).toEqual(['last.ts'])
  })
})
