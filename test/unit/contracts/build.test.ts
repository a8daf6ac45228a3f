import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildContract } from '../../../contracts/sdk/build.ts'

const CONTRACT = `import { ONE } from './one'
@contract export class Main { @view one(): u64 { return ONE } }`

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vex-build-'))
  await writeFile(join(folder, 'main.ts'), CONTRACT)
  await writeFile(join(folder, 'one.ts'), 'export const ONE: u64 = 1')
})
afterEach(async () => rm(folder, { recursive: true }))

const build = async (toolchain = 'tools'): Promise<boolean> =>
  (await buildContract(join(folder, 'main.ts'), join(folder, 'out'), toolchain)).isRebuilt

describe('a contract is built', () => {
  it('once, as long as nothing changes', async () => {
    expect([await build(), await build()]).toEqual([true, false])
  })

  it('again when a file it imports changes', async () => {
    await build()
    await writeFile(join(folder, 'one.ts'), 'export const ONE: u64 = 2')
    expect([await build(), await build()]).toEqual([true, false])
  })

  it('again when the compiler or the SDK changes', async () => {
    await build()
    expect(await build('other tools')).toBe(true)
  })

  it('again when an output is missing or the record is damaged', async () => {
    await build()
    await rm(join(folder, 'out/main.wasm'))
    expect(await build()).toBe(true)
    await writeFile(join(folder, 'out/main.build.json'), '{')
    expect(await build()).toBe(true)
  })

  it('not at all when it does not compile, which leaves the last good one', async () => {
    await build()
    const before = await readFile(join(folder, 'out/main.wasm'))
    await writeFile(join(folder, 'one.ts'), 'export const ONE: u64 = wrong')
    await expect(build()).rejects.toThrow("one.ts:1:25: Cannot find name 'wrong'.")
    expect((await readFile(join(folder, 'out/main.wasm'))).equals(before)).toBe(true)
  })
})
