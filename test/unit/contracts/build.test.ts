import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { buildContract } from '../../../contracts/sdk/build.ts'

/** Called when a file has been read, before its reader gets it. */
const onRead = vi.hoisted((): ((path: string) => Promise<void>)[] => [])
vi.mock('node:fs/promises', async importOriginal => {
  const real = await importOriginal<typeof import('node:fs/promises')>()
  const reading = async (path: string, ...rest: [never]): Promise<unknown> => {
    const content = await real.readFile(path, ...rest)
    for (const listener of onRead) await listener(path)
    return content
  }
  return { ...real, readFile: reading }
})

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

describe('a build', () => {
  it('has the ABI as a module that TypeScript knows every name of', async () => {
    await build()
    const at = (suffix: string) => join(folder, `out/main.${suffix}`)
    const { abi, Main } = (await import(at('abi.ts'))) as { abi: unknown; Main: { abi: unknown; code: URL } }
    expect(abi).toEqual(JSON.parse(await readFile(at('abi.json'), 'utf8')))
    expect(Main).toEqual({ name: 'Main', abi, code: pathToFileURL(at('wasm')) })
    expect(await readFile(at('abi.ts'), 'utf8')).toContain(' from ../main.ts;')
  })

  it('has the twin that leads from the code to its sources', async () => {
    await build()
    const twin = JSON.parse(await readFile(join(folder, 'out/main.debug.json'), 'utf8')) as object
    expect(twin).toMatchObject({ version: 1, name: 'Main', sourceMap: { version: 3 } })
  })
})

describe('a contract is built', () => {
  it('once, as long as nothing changes', async () => {
    expect([await build(), await build()]).toEqual([true, false])
  })

  it('again when a file it imports changes', async () => {
    await build()
    await writeFile(join(folder, 'one.ts'), 'export const ONE: u64 = 2')
    expect([await build(), await build()]).toEqual([true, false])
  })

  it('again when a file was saved while it was compiled', async () => {
    onRead.push(async path => {
      if (path.endsWith('one.ts')) await writeFile(path, 'export const ONE: u64 = 2')
    })
    await build()
    onRead.pop()
    expect([await build(), await build()]).toEqual([true, false])
  })

  it('again when an output is of another build than the others', async () => {
    await build()
    const first = await readFile(join(folder, 'out/main.wasm'))
    await writeFile(join(folder, 'one.ts'), 'export const ONE: u64 = 2')
    await build()
    await writeFile(join(folder, 'out/main.wasm'), first)
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
