/** Runs a project's tests: with Vitest if the project asks for it, else with Node's own runner. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { z } from 'zod'
import { CliError } from '../errors.ts'

export interface TestRun {
  /** Parts of the paths of test files; none: all of them. */
  readonly filters: readonly string[]
  /** For the runner itself. */
  readonly runnerOptions: readonly string[]
  /** Standard output is kept for something else: the runner's goes to standard error. */
  readonly isQuiet: boolean
  readonly environment: Readonly<Record<string, string>>
  /** Ends the runner. */
  readonly signal?: AbortSignal | undefined
}

const manifestSchema = z.looseObject({
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
})
const vitestManifest = z.looseObject({
  bin: z.union([z.string(), z.looseObject({ vitest: z.string() }).transform(({ vitest }) => vitest)]),
})

/** Where the project's package.json is, here or above; `undefined`: nowhere. */
const findManifest = async (folder: string): Promise<{ path: string; text: string } | undefined> => {
  const path = join(folder, 'package.json')
  try {
    return { path, text: await readFile(path, 'utf8') }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return dirname(folder) === folder ? undefined : findManifest(dirname(folder))
  }
}

/** The script that starts Vitest; `undefined`: the project does not ask for it. */
const findVitest = async (): Promise<string | undefined> => {
  const manifest = await findManifest(resolve())
  if (manifest === undefined) return undefined
  const { dependencies, devDependencies } = manifestSchema.parse(JSON.parse(manifest.text))
  if (dependencies['vitest'] === undefined && devDependencies['vitest'] === undefined) return undefined
  let path: string
  try {
    path = createRequire(manifest.path).resolve('vitest/package.json')
  } catch (cause) {
    throw new CliError(
      'no_vitest',
      `${relative('', manifest.path)} asks for vitest, which is not installed: run "npm install"`,
      { cause },
    )
  }
  const { bin } = vitestManifest.parse(JSON.parse(await readFile(path, 'utf8')))
  return join(dirname(path), bin)
}

const SKIPPED = new Set(['node_modules', 'build'])
const MAX_TEST_FILES = 10_000

const testFilesIn = async (folder: string): Promise<string[]> => {
  const found: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !SKIPPED.has(entry.name) && !entry.name.startsWith('.'))
      found.push(...(await testFilesIn(path)))
    else if (entry.isFile() && /\.test\.[cm]?[jt]s$/.test(entry.name)) found.push(path)
  }
  return found.sort().slice(0, MAX_TEST_FILES)
}

const findTests = async (filters: readonly string[]): Promise<string[]> => {
  const all = await testFilesIn('.')
  if (all.length === 0)
    throw new CliError(
      'no_tests',
      'no tests in this folder: write one in a file such as test/counter.test.ts. The testing kit is vex/testing',
    )
  const chosen = filters.length === 0 ? all : all.filter(path => filters.some(part => path.includes(part)))
  if (chosen.length === 0)
    throw new CliError(
      'no_tests',
      `no test file has ${filters.map(part => JSON.stringify(part)).join(' or ')} in its path; there are: ${all.join(', ')}`,
    )
  return chosen
}

const commandLine = async ({ filters, runnerOptions }: TestRun): Promise<string[]> => {
  // Vitest has its own idea of what a test file is: it is asked to run, whatever is found here.
  const vitest = await findVitest()
  if (vitest !== undefined) return [vitest, 'run', ...runnerOptions, ...filters]
  const files = await findTests(filters)
  return ['--test', ...runnerOptions, ...files]
}

/** The runner's exit code. */
export const runTests = async (run: TestRun): Promise<number> => {
  // Inside a test of Node's runner, another one would keep silent.
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env
  const words = await commandLine(run)
  if (run.signal?.aborted === true) return 1
  const child = spawn(process.execPath, words, {
    stdio: ['inherit', run.isQuiet ? 2 : 'inherit', 'inherit'],
    env: { ...inherited, ...run.environment },
  })
  const end = (): void => {
    child.kill()
  }
  run.signal?.addEventListener('abort', end)
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    return code ?? 1
  } finally {
    run.signal?.removeEventListener('abort', end)
  }
}
