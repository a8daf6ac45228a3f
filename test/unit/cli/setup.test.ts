/** Runs the real set-up in a folder of its own, with an npm that installs nothing but what the set-up looks at. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NODE_ENVIRONMENT } from '../../../cli/setup/process.mjs'

const CLI = join(import.meta.dirname, '../../../cli')

/** Logs its command; `npm-fails` in the project folder makes it fail, `npm-waits` makes it wait. */
const FAKE_NPM = `
const { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const [command, ...rest] = process.argv.slice(2)
const prefix = rest.includes('--prefix') ? rest[rest.indexOf('--prefix') + 1] : process.cwd()
const project = command === 'ci' ? prefix : join(prefix, '..', '..')
appendFileSync(join(project, 'npm.log'), command + '\\n')
if (existsSync(join(project, 'npm-fails'))) {
  console.error(readFileSync(join(project, 'npm-fails'), 'utf8'))
  process.exit(1)
}
const finish = () => {
  rmSync(join(prefix, 'node_modules'), { recursive: true, force: true })
  if (command === 'ci') {
    mkdirSync(join(prefix, 'node_modules/.bin'), { recursive: true })
    for (const name of ['@nxtedition/rocksdb', '@chainsafe/blst']) {
      mkdirSync(join(prefix, 'node_modules', name), { recursive: true })
      const isBroken = existsSync(join(project, 'broken-native'))
      writeFileSync(join(prefix, 'node_modules', name, 'index.js'), isBroken ? 'throw new Error("wrong ELF class")' : '')
    }
  } else {
    const bin = join(prefix, 'node_modules', rest[0].split('@')[0], 'bin')
    mkdirSync(bin, { recursive: true })
    symlinkSync(process.execPath, join(bin, 'node'))
  }
}
if (existsSync(join(project, 'npm-waits'))) setTimeout(finish, 60_000)
else finish()
`

let project = ''

const write = (path: string, text: string): void => writeFileSync(join(project, path), text)
const read = (path: string): string =>
  existsSync(join(project, path)) ? readFileSync(join(project, path), 'utf8') : ''
const npmCommands = (): string[] => read('npm.log').split('\n').filter(Boolean)
const isStamped = (): boolean => existsSync(join(project, 'node_modules/.vex-setup'))

const writeLockFile = (extra: object = {}): void =>
  write(
    'package-lock.json',
    JSON.stringify({
      packages: { '': {}, 'node_modules/node': { version: process.versions.node }, ...extra },
    }),
  )

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'vex-setup-'))
  for (const folder of ['cli', 'contracts', 'npm/bin']) mkdirSync(join(project, folder), { recursive: true })
  cpSync(join(CLI, 'setup.mjs'), join(project, 'cli/setup.mjs'))
  cpSync(join(CLI, 'setup'), join(project, 'cli/setup'), { recursive: true })
  write('npm/bin/npm-cli.js', FAKE_NPM)
  write('cli/setup/build.ts', '')
  write('script.mjs', 'console.log("script", ...process.argv.slice(2))')
  writeLockFile()
})
afterEach(() => rmSync(project, { recursive: true, force: true }))

const environment = () => ({
  PATH: process.env['PATH'] ?? '',
  HOME: project,
  npm_execpath: join(project, 'npm/bin/npm-cli.js'),
})

interface Ending {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

const start = (setupArguments: string[], nodeArguments: string[] = []): ChildProcess =>
  spawn(process.execPath, [...nodeArguments, join(project, 'cli/setup.mjs'), ...setupArguments], {
    cwd: project,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })

const ending = async (child: ChildProcess): Promise<Ending> => {
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', chunk => (stdout += String(chunk)))
  child.stderr?.on('data', chunk => (stderr += String(chunk)))
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, stdout, stderr }
}

const run = (...setupArguments: string[]): Promise<Ending> => ending(start(setupArguments))

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await sleep(10)
}

describe('a fresh clone', () => {
  it('gets the pinned Node, then the packages, then runs the script with its arguments', async () => {
    expect(await run('script.mjs', 'a', 'b c')).toMatchObject({ code: 0, stdout: 'script a b c\n' })
    expect(npmCommands()).toEqual(['install', 'ci'])
  })

  it('works when two commands start at once, and installs once', async () => {
    const endings = await Promise.all([run('script.mjs', '1'), run('script.mjs', '2')])
    expect(endings.map(({ code, stdout }) => [code, stdout])).toEqual([
      [0, 'script 1\n'],
      [0, 'script 2\n'],
    ])
    expect(npmCommands()).toEqual(['install', 'ci'])
  })

  it('on an older Node gets one sentence', async () => {
    const old = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { node: '18.20.1' } })`
    expect(await ending(start(['script.mjs'], ['--import', old]))).toMatchObject({
      code: 1,
      stderr: 'Vex needs Node.js 20 or newer to set itself up; this is 18.20.1.\n',
    })
  })
})

describe('a clone that cannot be written', () => {
  it('because it belongs to somebody else gets one sentence', async () => {
    chmodSync(project, 0o555)
    // Root may write everywhere.
    const asNobody = 'data:text/javascript,if (process.getuid() === 0) process.setuid(65534)'
    try {
      expect(await ending(start(['script.mjs'], ['--import', asNobody]))).toMatchObject({
        code: 1,
        stderr: `${join(project, '.vex')} cannot be made: this user may not write there. Give your user this folder and run again.\n`,
      })
    } finally {
      chmodSync(project, 0o755)
    }
  })

  it('because a file is in the way gets one sentence', async () => {
    write('.vex', '')
    const { code, stderr } = await run('script.mjs')
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^\S+\.vex cannot be made: a file is in the way\..*\n$/),
    ])
  })
})

describe('an installed tree', () => {
  it('is left alone, without a word', async () => {
    await run('script.mjs')
    expect(await run('script.mjs')).toEqual({ code: 0, signal: null, stdout: 'script\n', stderr: '' })
    expect(npmCommands()).toEqual(['install', 'ci'])
  })

  it('is installed again when package-lock.json changes, with the Node that is there', async () => {
    await run('script.mjs')
    writeLockFile({ 'node_modules/other': { version: '1.0.0' } })
    expect((await run('script.mjs')).code).toBe(0)
    expect(npmCommands()).toEqual(['install', 'ci', 'ci'])
  })
})

describe('an install that fails', () => {
  it.each([
    ['npm error code ENOTFOUND', 'registry cannot be reached'],
    ['npm error code EINTEGRITY', 'differs from package-lock.json'],
    ['npm error something else', 'reason is shown above'],
  ])('shows %j and what to do, and the next run recovers', async (output, advice) => {
    write('npm-fails', output)
    const failed = await run('script.mjs')
    expect(failed).toMatchObject({ code: 1, stdout: '' })
    expect(failed.stderr).toContain(output)
    expect(failed.stderr).toContain(advice)
    expect(isStamped()).toBe(false)
    rmSync(join(project, 'npm-fails'))
    expect((await run('script.mjs')).code).toBe(0)
  })

  it('because native code does not load is not taken for an installed tree', async () => {
    write('broken-native', '')
    const failed = await run('script.mjs')
    expect(failed.code).toBe(1)
    expect(failed.stderr).toContain('@nxtedition/rocksdb: wrong ELF class')
    expect(failed.stderr).toContain('Delete node_modules')
    expect(isStamped()).toBe(false)
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s ends npm, leaves no lock, and the next run recovers', async (signal, code) => {
    write('npm-waits', '')
    const child = start(['script.mjs'])
    const ended = ending(child)
    await until(() => npmCommands().length === 1)
    child.kill(signal)
    expect(await ended).toMatchObject({ code, stdout: '' })
    expect(existsSync(join(project, '.vex/setup.lock'))).toBe(false)
    rmSync(join(project, 'npm-waits'))
    expect((await run('script.mjs')).code).toBe(0)
  })
})

describe('the lock', () => {
  it('of a process that died is taken over', async () => {
    const dead = spawn(process.execPath, ['-e', ''])
    await once(dead, 'close')
    mkdirSync(join(project, '.vex'))
    write('.vex/setup.lock', String(dead.pid))
    expect((await run('script.mjs')).code).toBe(0)
  })

  it('of a process that lives is waited for', async () => {
    mkdirSync(join(project, '.vex'))
    write('.vex/setup.lock', String(process.pid))
    const child = start(['script.mjs'])
    const ended = ending(child)
    await once(child.stderr as NodeJS.ReadableStream, 'data')
    expect(npmCommands()).toEqual([])
    rmSync(join(project, '.vex/setup.lock'))
    const { code, stderr } = await ended
    expect(code).toBe(0)
    expect(stderr).toContain(`Waiting for another set-up (process ${process.pid})`)
  })
})

describe('contracts that do not compile', () => {
  it('stop the set-up with the compiler’s words', async () => {
    write('cli/setup/build.ts', 'console.error("token.ts:3 no such type"); process.exitCode = 1')
    const { code, stdout, stderr } = await run('script.mjs')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('token.ts:3 no such type')
    expect(stderr).toContain('What is shown above does not compile')
  })
})

describe('the script', () => {
  it('gives its exit code', async () => {
    write('script.mjs', 'process.exitCode = 42')
    expect((await run('script.mjs')).code).toBe(42)
  })

  it('killed by signal n gives 128 + n', async () => {
    write('script.mjs', 'process.kill(process.pid, "SIGKILL")')
    expect((await run('script.mjs')).code).toBe(137)
  })

  it('runs on the pinned Node, with nothing added to the environment but a PATH entry, a place for compiled code, and what malloc is told', async () => {
    write('script.mjs', 'console.log(JSON.stringify(process.env))')
    const { stdout } = await run('script.mjs')
    const bin = join(project, 'node_modules/.bin')
    const { __CF_USER_TEXT_ENCODING: _, ...seen } = JSON.parse(stdout) as Record<string, string>
    const NODE_COMPILE_CACHE = join(project, '.vex', 'compiled')
    expect(seen).toEqual({
      ...NODE_ENVIRONMENT,
      ...environment(),
      NODE_COMPILE_CACHE,
      PATH: `${bin}${delimiter}${environment().PATH}`,
    })
  })

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'gets %s, and is waited for while it cleans up',
    async signal => {
      write(
        'script.mjs',
        `process.on('${signal}', () => setTimeout(() => { console.log('clean'); process.exit(7) }, 200))
       setInterval(() => {}, 1000)
       console.log('ready')`,
      )
      const child = start(['script.mjs'])
      const ended = ending(child)
      let output = ''
      child.stdout?.on('data', chunk => (output += String(chunk)))
      await until(() => output.includes('ready'))
      child.kill(signal)
      expect(await ended).toMatchObject({ code: 7, stdout: 'ready\nclean\n' })
    },
  )
})
