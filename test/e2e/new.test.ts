/**
 * A project outside the repository, on the package as it is packed. Its dependencies are linked to those installed
 * here in place of an `npm install`, so that no registry is needed.
 */
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { runVex } from '../support/vex-command.ts'

const MODULES = join(import.meta.dirname, '../../node_modules')

let folder: string
const project = (path: string): string => join(folder, 'hello', path)

interface Ended {
  readonly exitCode: number
  readonly output: string
}

const run = (command: string, args: readonly string[]): Promise<Ended> =>
  new Promise(resolve => {
    const { NODE_OPTIONS: _, VITEST: __, ...env } = process.env
    const child = execFile(
      command,
      [...args],
      { cwd: join(folder, 'hello'), env: { ...env, NO_COLOR: '1' }, maxBuffer: 1 << 24 },
      (_error, stdout, stderr) => resolve({ exitCode: child.exitCode ?? -1, output: stdout + stderr }),
    )
  })

const VEX = 'node_modules/vex/cli/vex.mjs'
const vex = (...args: readonly string[]): Promise<Ended> => run(process.execPath, [VEX, ...args])
const tsc = (...args: readonly string[]): Promise<Ended> =>
  run(process.execPath, [join(MODULES, '.bin/tsc'), '--pretty', 'false', ...args])

const edit = (path: string, from: string, to: string): void => {
  const text = readFileSync(project(path), 'utf8')
  if (!text.includes(from)) throw new Error(`${path} has no ${from}`)
  // As editors save.
  writeFileSync(project(`${path}.new`), text.replace(from, to))
  renameSync(project(`${path}.new`), project(path))
}

const install = async (): Promise<void> => {
  const [tarball] = readdirSync(project('vendor'))
  mkdirSync(project('node_modules/vex'), { recursive: true })
  const into = ['-C', 'node_modules/vex', '--strip-components=1']
  expect(await run('tar', ['xzf', join('vendor', tarball ?? ''), ...into])).toEqual({
    exitCode: 0,
    output: '',
  })
  for (const name of readdirSync(MODULES).filter(entry => !entry.startsWith('.')))
    symlinkSync(join(MODULES, name), project(join('node_modules', name)))
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vex-new-'))
  const { exitCode, stderr } = await runVex(folder, ['new', 'hello', '--no-install'])
  expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/^Making hello .*\nCompiling its contract /)])
  await install()
})
afterAll(() => rm(folder, { recursive: true }))

describe('vex new', () => {
  it('makes a project that depends on the package beside it', () => {
    const manifest = JSON.parse(readFileSync(project('package.json'), 'utf8')) as {
      name: string
      dependencies: Record<string, string>
    }
    expect(manifest.name).toBe('hello')
    const [, path = ''] = /^file:(.*)$/.exec(manifest.dependencies['vex'] ?? '') ?? []
    expect(existsSync(project(path))).toBe(true)
    expect(readFileSync(project('.gitignore'), 'utf8')).toContain('node_modules/')
    expect(readFileSync(project('README.md'), 'utf8')).toMatch(/^# hello\n/)
  })

  it('leaves a folder alone that has something in it', async () => {
    const before = readdirSync(project('.'))
    const { exitCode, stderr } = await runVex(folder, ['new', 'hello'])
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('hello is not empty')])
    expect(readdirSync(project('.'))).toEqual(before)
  })

  it('makes another from the installed package, with the same package', async () => {
    const { exitCode } = await vex('new', 'second', '--no-install', '--dir', '../second')
    expect(exitCode).toBe(0)
    expect(readdirSync(join(folder, 'second/vendor'))).toEqual(readdirSync(project('vendor')))
    expect(readFileSync(join(folder, 'second/build/counter.wasm'))).toEqual(
      readFileSync(project('build/counter.wasm')),
    )
  })
})

describe('an editor in a project', () => {
  it('shows no error', async () => {
    expect(await tsc('-p', '.')).toEqual({ exitCode: 0, output: '' })
    expect(await tsc('-p', 'contracts')).toEqual({ exitCode: 0, output: '' })
  })

  it('underlines what is wrong in a contract and in a script, where it is wrong', async () => {
    edit('contracts/counter.ts', 'this.most.set(most)', "this.most.set('ten')")
    edit('client.ts', 'add({ by: 3 })', "add({ by: 'three' })")
    edit('test/counter.test.ts', 'view.current()', 'view.curent()')
    try {
      expect((await tsc('-p', 'contracts')).output).toMatch(
        /^contracts\/counter\.ts\(\d+,19\): error TS2345: Argument of type 'string'/,
      )
      const { output } = await tsc('-p', '.')
      expect(output).toMatch(/client\.ts\(\d+,\d+\): error .*'string'/)
      expect(output).toMatch(/test\/counter\.test\.ts\(\d+,\d+\): error .*'curent'/)
    } finally {
      edit('contracts/counter.ts', "this.most.set('ten')", 'this.most.set(most)')
      edit('client.ts', "add({ by: 'three' })", 'add({ by: 3 })')
      edit('test/counter.test.ts', 'view.curent()', 'view.current()')
    }
  })
})

describe('the tests of a project', () => {
  it('pass under Node, and under vex test', async () => {
    const alone = await run(process.execPath, ['--test', 'test/counter.test.ts'])
    expect([alone.exitCode, alone.output]).toEqual([0, expect.stringContaining('pass 2')])
    const { exitCode, output } = await vex('test', '--gas')
    expect([exitCode, output]).toEqual([0, expect.stringContaining('pass 2')])
    expect(output).toMatch(/^Counter\.add +1 +[\d,]+ +[\d,]+ +[\d,]+$/m)
  })

  it('have a gas snapshot, which tells when a method costs something else', async () => {
    const missing = await vex('test', '--check')
    expect([missing.exitCode, missing.output]).toEqual([1, expect.stringContaining('vex test --snapshot')])
    expect(await vex('test', '--snapshot')).toMatchObject({ exitCode: 0 })
    const kept = readFileSync(project('.gas-snapshot'), 'utf8')
    expect(kept).toMatch(/^Counter\.add \d+ \d+ \d+$/m)
    expect((await vex('test', '--check')).exitCode).toBe(0)

    edit('contracts/counter.ts', 'this.total.set(total)', 'this.total.set(total); this.total.set(total)')
    try {
      const drifted = await vex('test', '--check')
      expect(drifted.exitCode).toBe(6)
      expect(drifted.output).toMatch(/^Counter\.add +min +[\d,]+ +[\d,]+ +\+\d+\.\d\d %$/m)
      expect(drifted.output).toContain('vex test --snapshot')
      expect((await vex('test', '--check', '--tolerance', '90')).exitCode).toBe(0)
    } finally {
      edit('contracts/counter.ts', 'this.total.set(total); this.total.set(total)', 'this.total.set(total)')
    }
    expect(readFileSync(project('.gas-snapshot'), 'utf8')).toBe(kept)
  })

  it('that fail show the line of the contract, and make the command fail', async () => {
    edit('test/counter.test.ts', '{ by: 3 }, { from: ada }', '{ by: 30 }, { from: ada }')
    try {
      const { exitCode, output } = await vex('test')
      expect(exitCode).toBe(6)
      expect(output).toMatch(/contracts\/counter\.ts:\d+:\d+ +Counter\.add/)
      expect(output).toContain('require(by <= most, new TooMuch(by, most))')
      expect(output).toContain('error: the tests failed')
    } finally {
      edit('test/counter.test.ts', '{ by: 30 }, { from: ada }', '{ by: 3 }, { from: ada }')
    }
  })

  it('run again with each change, of a contract too, and through what does not compile', async () => {
    const child = spawn(process.execPath, [VEX, 'test', '--watch'], {
      cwd: project('.'),
      env: { ...process.env, NO_COLOR: '1' },
    })
    const closed = new Promise(resolve => child.on('close', resolve))
    let [output, wake] = ['', (): void => undefined]
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString()
        wake()
      })
    /** What came since the last time, once it has this in it. */
    const said = async (text: string): Promise<string> => {
      while (!output.includes(text)) await new Promise<void>(resolve => (wake = resolve))
      const found = output
      output = ''
      return found
    }
    const END = 'runs again with the next change'
    try {
      expect(await said(END)).toContain('pass 2')

      edit('contracts/counter.ts', 'this.total.get() + by', 'this.total.get() + by + by')
      const failed = await said(END)
      expect(failed).toMatch(/contracts\/counter\.ts changed\n/)
      expect(failed).toContain('fail 1')

      // What a chain beside it writes is no change, nor is what this command builds: the next round is of the next edit.
      mkdirSync(project('.vex/noise'), { recursive: true })
      writeFileSync(project('.vex/noise/change.json'), '{}')
      edit('contracts/counter.ts', 'this.total.get() + by + by', 'this.totl.get() + by')
      expect(await said(END)).toMatch(
        /^\s*contracts\/counter\.ts changed\nerror: contracts\/counter\.ts:\d+:/,
      )

      edit('contracts/counter.ts', 'this.totl.get() + by', 'this.total.get() + by')
      expect(await said(END)).toContain('pass 2')
      child.kill('SIGINT')
      expect(await closed).toBe(0)
    } finally {
      child.kill('SIGKILL')
      await closed
    }
  })

  it('run under Vitest in a project that asks for it', async () => {
    const text = readFileSync(project('package.json'), 'utf8')
    const test = readFileSync(project('test/counter.test.ts'), 'utf8')
    writeFileSync(
      project('package.json'),
      text.replace('"devDependencies": {', '"devDependencies": { "vitest": "*",'),
    )
    writeFileSync(project('test/counter.test.ts'), test.replace("from 'node:test'", "from 'vitest'"))
    try {
      const { exitCode, output } = await vex('test', '--gas')
      expect([exitCode, output]).toEqual([0, expect.stringMatching(/Tests +2 passed/)])
      expect(output).toMatch(/^Counter\.add +1 /m)
    } finally {
      writeFileSync(project('package.json'), text)
      writeFileSync(project('test/counter.test.ts'), test)
    }
  })

  it('are asked for where there are none', async () => {
    const { exitCode, output } = await vex('test', 'nothing-of-that-name')
    expect([exitCode, output]).toEqual([
      1,
      expect.stringContaining('no test file has "nothing-of-that-name"'),
    ])
  })
})

/** Its records, and how to wait for one. */
const readRecords = (child: ChildProcessWithoutNullStreams) => {
  const records: Record<string, unknown>[] = []
  const failures: string[] = []
  let wake = (): void => undefined
  const follow = (stream: NodeJS.ReadableStream, take: (line: string) => void): void => {
    createInterface({ input: stream }).on('line', line => {
      take(line)
      wake()
    })
  }
  follow(child.stdout, line => records.push(JSON.parse(line) as Record<string, unknown>))
  follow(child.stderr, line => failures.push(line))
  let hasEnded = false
  child.on('close', () => {
    hasEnded = true
    wake()
  })
  const waitFor = async (isIt: () => boolean): Promise<void> => {
    while (!isIt()) {
      if (hasEnded) throw new Error(`vex dev ended: ${failures.join('\n')}`)
      await new Promise<void>(resolve => (wake = resolve))
    }
  }
  const clientLines = () => records.filter(({ type }) => type === 'client').map(({ line }) => String(line))
  const addresses = () =>
    records.filter(({ type, isNew }) => type === 'deployed' && isNew).map(r => r['address'])
  return { failures, waitFor, clientLines, addresses }
}

describe('vex dev in a project', () => {
  let child: ChildProcessWithoutNullStreams
  let closed: Promise<number | null>
  afterEach(async () => {
    child.kill('SIGKILL')
    await closed
  })

  const startDev = (...args: readonly string[]) => {
    child = spawn(process.execPath, [VEX, 'dev', '--json', '--port', '0', ...args], { cwd: project('.') })
    closed = new Promise(resolve => child.on('close', resolve))
    return readRecords(child)
  }

  it('deploys with every change, keeps what is live through mistakes, and tells what the client says', async () => {
    const { failures, waitFor, clientLines, addresses } = startDev()
    const totals = () => clientLines().filter(line => line.startsWith('the total is'))

    await waitFor(() => totals().length === 1)
    expect(clientLines()[0]).toMatch(/^Counted \{/)
    expect(totals()).toEqual(['the total is 3n'])

    // A change of the client alone: the same contract goes on counting.
    edit('client.ts', 'by: 3', 'by: 4')
    await waitFor(() => totals().length === 2)
    expect(totals()[1]).toBe('the total is 7n')
    expect(addresses()).toHaveLength(1)

    // What does not compile changes nothing.
    edit('contracts/counter.ts', 'this.total.get() + by', 'this.totl.get() + by')
    await waitFor(() => failures.length === 1)
    expect(failures[0]).toContain('"line":')
    expect(addresses()).toHaveLength(1)

    edit('contracts/counter.ts', 'this.totl.get() + by', 'this.total.get() + by + by')
    await waitFor(() => totals().length === 3)
    expect(totals()[2]).toBe('the total is 8n')
    expect(new Set(addresses()).size).toBe(2)
    expect(readFileSync(project('build/deployments.ts'), 'utf8')).toContain(addresses()[1])

    // The bug of the template: the client shows the contract's line, and has another chance.
    edit('contracts/counter.ts', '// this.most', 'this.most')
    await waitFor(() => clientLines().some(line => line.includes('contracts/counter.ts:')))
    edit('contracts/counter.ts', '    this.most.set(most - 100)', '')
    await waitFor(() => totals().length === 4)

    child.kill('SIGINT')
    expect(await closed).toBe(0)
  })

  it('says what vex.json should hold', async () => {
    edit('vex.json', '"most": 10', '"least": 10')
    const { failures, waitFor } = startDev('--data-dir', 'other')
    await waitFor(() => failures.some(line => line.includes('not_deployed')))
    expect(failures.join('\n')).toMatch(/counter is not deployed: init: there is no argument \\"least\\"/)
    child.kill('SIGTERM')
    expect(await closed).toBe(0)
  })
})
