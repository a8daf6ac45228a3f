/** Bundles: of a small program, which are made, found, out of date and removed; and the command's own. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Bundle, makeBundle } from '../../../cli/bundle/bundle.ts'
import { THREADS, updateBundle, VEX_ENTRIES } from '../../../cli/bundle/clone.ts'
import { BUNDLES, findBundle } from '../../../cli/loading.mjs'

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url))
const LOADING = new URL('cli/loading.mjs', pathToFileURL(REPOSITORY)).href
const run = promisify(execFile)

let root: string
const write = async (path: string, text: string): Promise<void> => {
  await mkdir(join(root, path, '..'), { recursive: true })
  await writeFile(join(root, path), text)
}

/** What a program says of where it is, and a thread that it starts. */
const PROGRAM = `
import { fileURLToPath } from 'node:url'
import { helper } from './part/helper.mjs'
const startThread = (url: URL) => url.pathname
export const told = {
  url: import.meta.url,
  filename: import.meta.filename,
  dirname: import.meta.dirname,
  beside: fileURLToPath(new URL('data.json', import.meta.url)),
  source: fileURLToPath(new URL('./other.ts', import.meta.url)),
  helper,
  written: 'new URL("x.ts", import.meta.url)',
}
export const thread = startThread(new URL('worker.ts', import.meta.url))
`
const HELPER = `export const helper = new URL('.', import.meta.url).pathname`
const ENTRIES = ['app/program', 'app/worker']

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vex-bundle-'))
  await write('package.json', '{"type":"module"}')
  await write('app/program.ts', PROGRAM)
  await write('app/part/helper.mjs', HELPER)
  await write('app/worker.ts', 'export const isWorker: boolean = true')
  await write('cli/bundle/bundle.ts', '')
  await symlink(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'))
})
afterEach(() => rm(root, { recursive: true }))

const update = () => updateBundle({ root, name: 'test', entries: ENTRIES })
const found = () => findBundle(root, 'test')
const load = async (path: string): Promise<Record<string, unknown>> => {
  const program = `console.log(JSON.stringify(await import(${JSON.stringify(pathToFileURL(path).href)})))`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program])
  return JSON.parse(stdout) as Record<string, unknown>
}
const touch = (path: string) => utimes(join(root, path), new Date(), new Date(Date.now() + 5_000))

describe('a bundle of a clone', () => {
  it('says the same of its places as the source does, and has its threads beside it', async () => {
    await update()
    const folder = String(found())
    const { thread, told } = await load(join(folder, 'program.js'))
    expect(told).toEqual((await load(join(root, 'app/program.ts')))['told'])
    expect(thread).toBe(join(folder, 'worker.js'))
    expect(await load(join(folder, 'worker.js'))).toEqual({ isWorker: true })
  })

  it('is not there before it was made, nor when anything that it was made of has changed or gone', async () => {
    expect(found()).toBeUndefined()
    for (const path of ['app/program.ts', 'app/part/helper.mjs', 'app/worker.ts', 'cli/bundle/bundle.ts']) {
      await update()
      expect(found()).toBeDefined()
      await touch(path)
      expect(found()).toBeUndefined()
    }
    await update()
    await rm(join(root, 'app/worker.ts'))
    expect(found()).toBeUndefined()
  })

  it('is not there when its folder is gone, or what names it is broken', async () => {
    await update()
    await rm(String(found()), { recursive: true })
    expect(found()).toBeUndefined()
    await update()
    for (const broken of ['{"folder":', 'null', '{}', '{"folder":"x","files":[1]}']) {
      await writeFile(join(root, BUNDLES, 'test.json'), broken)
      expect(found()).toBeUndefined()
    }
    await update()
    expect(found()).toBeDefined()
  })

  it('keeps the name of its folder while what is in it is the same, and its file as it was', async () => {
    await update()
    const first = found()
    const index = await readFile(join(root, BUNDLES, 'test.json'), 'utf8')
    await update()
    expect(await readFile(join(root, BUNDLES, 'test.json'), 'utf8')).toBe(index)
    await touch('app/worker.ts')
    await update()
    expect(found()).toBe(first)
    await write('app/worker.ts', 'export const isWorker = 1')
    await update()
    expect(found()).not.toBe(first)
    // Whoever runs it goes on.
    expect(existsSync(String(first))).toBe(true)
  })

  it('goes once eight newer ones are there', async () => {
    const folders: string[] = []
    for (let version = 0; version < 9; version++) {
      await write('app/worker.ts', `export const isWorker = ${version}`)
      await update()
      folders.push(String(found()))
    }
    expect(folders.map(folder => existsSync(folder))).toEqual([false, ...Array<boolean>(8).fill(true)])
    expect((await readdir(join(root, BUNDLES))).filter(name => name.includes('.')).sort()).toEqual([
      'test.json',
    ])
  }, 60_000)

  it('is refused if it starts a thread that it lacks, and nothing is left of it', async () => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const making = updateBundle({ root, name: 'test', entries: ['app/program'] })
    await expect(making).rejects.toThrow('starts worker.ts, which is no entry of the bundle')
    vi.restoreAllMocks()
    expect(existsSync(join(root, BUNDLES))).toBe(false)
  })
})

describe('a process', () => {
  const address = async (environment: NodeJS.ProcessEnv, ...words: string[]): Promise<string> => {
    const program = `
      const { bundled } = await import(${JSON.stringify(LOADING)})
      console.log(bundled('program', 'test', ${JSON.stringify(root)}))
    `
    const args = ['--input-type=module', '-e', program, '--', ...words]
    const env = { ...process.env, VEX_DEBUG: undefined, ...environment }
    const { stdout } = await run(process.execPath, args, { env })
    return stdout.trim()
  }

  it('runs the bundle, and the source for whoever wants to see where something fails', async () => {
    expect(await address({})).toBe('undefined')
    await update()
    expect(await address({})).toBe(pathToFileURL(join(String(found()), 'program.js')).href)
    expect(await address({}, 'dev', '--verbose')).toBe('undefined')
    expect(await address({ VEX_DEBUG: '1' })).toBe('undefined')
    expect(await address({ VEX_DEBUG: '' })).not.toBe('undefined')
  })

  it('of an installed package runs the one that came with it', async () => {
    await mkdir(join(root, 'bundle'))
    expect(await address({})).toBe(pathToFileURL(join(root, 'bundle/program.js')).href)
    expect(await address({}, '--verbose')).toBe('undefined')
  })
})

describe('the command’s', () => {
  let bundle: Bundle
  const textOf = (name: string): string =>
    Buffer.from(bundle.files.find(file => file.name === name)?.contents ?? []).toString()

  it('has every thread in a file of its own, and all that a command loads', async () => {
    const options = {
      root: REPOSITORY,
      outFolder: join(REPOSITORY, BUNDLES, 'any'),
      extension: '.ts',
    } as const
    bundle = await makeBundle({ ...options, entries: VEX_ENTRIES })
    for (const thread of THREADS)
      expect(bundle.inputs.map(path => path.replace(/\.ts$/, ''))).toContain(thread)
    for (const name of ['program.js', 'block-worker.js', 'query-worker.js']) expect(textOf(name)).not.toBe('')
    // From source they would be loaded as well.
    for (const { contents } of bundle.files)
      expect(Buffer.from(contents).toString()).not.toMatch(/(from|import) ?\(?["'][^"']*\.ts["']/)
  }, 60_000)

  it('has zod’s own words, and none of its languages', () => {
    const texts = bundle.files.map(({ contents }) => Buffer.from(contents).toString())
    expect(texts.some(text => text.includes('Invalid input: expected'))).toBe(true)
    expect(bundle.inputs.filter(path => path.includes('/locales/'))).toEqual([
      'node_modules/zod/v4/locales/en.js',
      'node_modules/zod/v4/locales/index.js',
    ])
  })

  it('has packages that are ES modules throughout, once for each of its entries', () => {
    expect(bundle.packages).toEqual(
      expect.arrayContaining(['zod', '@trpc/server', '@trpc/client', '@noble/curves']),
    )
    for (const name of ['pino', 'ws', 'commander', 'sodium-native', 'libp2p', 'assemblyscript'])
      expect(bundle.packages).not.toContain(name)
    const zods = bundle.files
      .filter(({ name }) => name.startsWith('program'))
      .filter(({ contents }) => Buffer.from(contents).includes('Invalid input: expected'))
    expect(zods).toHaveLength(1)
  })
})
