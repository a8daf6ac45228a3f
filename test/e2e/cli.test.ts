/** Every command of `vex`, run as a user runs it against `vex dev`; what it prints, and what it says when it fails. */
import { access, chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inForm } from '../support/form.ts'
import { type Finished, runVex, startVex, type VexProcess, waitForLine } from '../support/vex-command.ts'

const EXAMPLES = join(import.meta.dirname, '../../contracts')

interface Ready {
  readonly type: string
  readonly url: string
  readonly chainId: string
  readonly accounts: readonly { name: string; address: string; balance: string; secretKey: string }[]
}

let folder: string
let devChain: VexProcess
let ready: Ready
let token: string

const vex = (...args: string[]): Promise<Finished> => runVex(folder, args, { VEX_URL: ready.url })

/** The one JSON document of a command that must succeed. */
const vexJson = async (...args: string[]): Promise<Record<string, unknown>> => {
  const { exitCode, stdout, stderr } = await vex(...args, '--json')
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return JSON.parse(stdout) as Record<string, unknown>
}

const errorOf = ({ stderr }: Finished): { code: string; message: string } =>
  (JSON.parse(stderr) as { error: { code: string; message: string } }).error

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vex-cli-'))
  devChain = startVex(folder, ['dev', '--port', '0', '--json'])
  ready = JSON.parse(await waitForLine(devChain, () => true)) as Ready
  await runVex(folder, ['build', join(EXAMPLES, 'token', 'token.ts'), join(EXAMPLES, 'counter')])
  const deployed = await vexJson('deploy', 'build/token.wasm', 'Gold', 'GLD', '9', '1_000_000')
  token = String((deployed['created'] as string[])[0])
})
afterAll(async () => {
  devChain.child.kill('SIGINT')
  await devChain.finished
  await rm(folder, { recursive: true, force: true })
})

describe('vex dev', () => {
  it('says first where the API is and which accounts have money', () => {
    expect(ready).toMatchObject({ type: 'ready', chainId: 'vex-dev' })
    expect(ready.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(ready.accounts.map(({ name }) => name)).toContain('dev9')
    expect(ready.accounts[9]?.balance).toBe('10000000000000000')
  })

  it('tells a second one that the folder is in use, and does not delete it', async () => {
    const second = await runVex(folder, ['dev', '--port', '0', '--json'])
    expect(second.exitCode).toBe(1)
    expect(errorOf(second).code).toBe('locked')
    expect(errorOf(second).message).toContain(join('.vex', 'dev'))
    const reset = await runVex(folder, ['dev', '--port', '0', '--reset', '--yes', '--json'])
    expect([reset.exitCode, errorOf(reset).code]).toEqual([1, 'locked'])
    expect(await vexJson('accounts', 'dev0')).toHaveProperty('accounts')
  })

  it('says which port is taken', async () => {
    const { port } = new URL(ready.url)
    const other = await runVex(folder, ['dev', '--data-dir', 'other', '--port', port])
    expect(other).toMatchObject({ exitCode: 1, stdout: '' })
    expect(other.stderr).toMatch(new RegExp(`^error: port ${port} on 127.0.0.1 is in use. .*--port\\n$`))
  })

  it.each([
    ['a taken port', ['--port', 'TAKEN'], 'is in use'],
    ['a host that is not here', ['--host', '192.0.2.1', '--port', '0'], 'is not an address of this machine'],
  ])('makes no folder when it fails for %s', async (_, args, sentence) => {
    const path = join(folder, 'never')
    const { port } = new URL(ready.url)
    const words = args.map(word => (word === 'TAKEN' ? port : word))
    const failed = await runVex(folder, ['dev', '--data-dir', path, ...words])
    expect([failed.exitCode, failed.stderr]).toEqual([1, expect.stringContaining(sentence)])
    await expect(access(path)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('does not reset what is no development chain, nor without being told to', async () => {
    await mkdir(join(folder, 'notes'), { recursive: true })
    await writeFile(join(folder, 'notes', 'keep.txt'), 'keep')
    const notes = await runVex(folder, ['dev', '--data-dir', 'notes', '--reset', '--yes'])
    expect([notes.exitCode, notes.stderr]).toEqual([1, expect.stringContaining('genesis.json')])
    expect(await readFile(join(folder, 'notes', 'keep.txt'), 'utf8')).toBe('keep')

    await mkdir(join(folder, 'main'), { recursive: true })
    await writeFile(join(folder, 'main', 'genesis.json'), '{"chainId":"vex-main"}')
    const main = await runVex(folder, ['dev', '--data-dir', 'main', '--reset', '--yes'])
    expect([main.exitCode, main.stderr]).toEqual([1, expect.stringContaining('"vex-main"')])
  })

  it('starts anew after --reset --yes, and asks for --yes where nobody can answer', async () => {
    const start = async (...args: string[]): Promise<string> => {
      const chain = startVex(folder, ['dev', '--data-dir', 'fresh', '--port', '0', '--json', ...args])
      const line = await waitForLine(chain, () => true)
      chain.child.kill('SIGTERM')
      expect((await chain.finished).exitCode).toBe(0)
      return (JSON.parse(line) as { genesisHash: string }).genesisHash
    }
    const genesis = await start()
    expect(await start('--quiet')).toBe(genesis)
    const asked = await runVex(folder, ['dev', '--data-dir', 'fresh', '--reset'])
    expect([asked.exitCode, asked.stderr]).toEqual([2, expect.stringContaining('--yes')])
    expect(await start('--reset', '--yes')).not.toBe(genesis)
  })
})

describe('vex build', () => {
  it('writes code and ABI and says how large they are', async () => {
    const { exitCode, stdout } = await vex('build', join(EXAMPLES, 'counter'))
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^counter +[\d,]+ bytes {2}build/)])
    const abi = JSON.parse(await readFile(join(folder, 'build', 'counter.abi.json'), 'utf8')) as object
    expect(abi).toMatchObject({ name: 'Counter' })
  })

  it('shows every problem with file, line and column', async () => {
    const source =
      "import { Value } from 'vex'\n@contract\nexport class Bad {\n  private n: Value<number>\n}\n"
    await mkdir(join(folder, 'src'), { recursive: true })
    await writeFile(join(folder, 'src', 'bad.ts'), source)
    const text = await vex('build', 'src')
    expect([text.exitCode, text.stdout]).toEqual([1, ''])
    expect(text.stderr).toMatch(/^error: src\/bad\.ts:4:\d+: /)
    const json = await vex('build', 'src', '--json')
    expect(errorOf(json)).toMatchObject({
      diagnostics: [
        { file: 'src/bad.ts', line: 4 },
        { file: 'src/bad.ts', line: 3 },
      ],
    })
  })

  it('refuses two contracts of one name before anything is written', async () => {
    const source = await readFile(join(EXAMPLES, 'counter', 'counter.ts'))
    for (const name of ['one', 'two']) {
      await mkdir(join(folder, 'twins', name), { recursive: true })
      await writeFile(join(folder, 'twins', name, 'twin.ts'), source)
    }
    const { exitCode, stderr } = await vex('build', 'twins', '--out', 'twins-out')
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('twins-out/twin.wasm')])
    expect(stderr).toContain(`${join('twins', 'one', 'twin.ts')} and ${join('twins', 'two', 'twin.ts')}`)
    await expect(access(join(folder, 'twins-out'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('takes a file without a @contract class for what it is', async () => {
    await writeFile(
      join(folder, 'watch.ts'),
      "import { readFile } from 'node:fs/promises'\nawait readFile('x')\n",
    )
    for (const command of ['build', 'deploy'])
      expect(await vex(command, 'watch.ts')).toMatchObject({
        exitCode: 1,
        stderr: 'error: there is no @contract class in watch.ts\n',
      })
  })

  it('shows twenty of many problems, and all in JSON', async () => {
    const lines = Array.from({ length: 30 }, (_, i) => `let v${i}: Nope${i}`).join('\n')
    await writeFile(join(folder, 'many.ts'), `${lines}\n@contract\nexport class Many {}\n`)
    const { stderr } = await vex('build', 'many.ts')
    const { diagnostics } = errorOf(await vex('build', 'many.ts', '--json')) as unknown as {
      diagnostics: unknown[]
    }
    expect(diagnostics.length).toBeGreaterThanOrEqual(30)
    expect(stderr.trimEnd().split('\n').slice(20)).toEqual([`… and ${diagnostics.length - 20} more`])
  })

  it('started by npm finds and writes files where the user is', async () => {
    const environment = { npm_lifecycle_event: 'vex', INIT_CWD: join(folder, 'twins') }
    const root = join(EXAMPLES, '..')
    const { exitCode, stderr } = await runVex(root, ['build', 'one/twin.ts', '--out', 'out'], environment)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    await access(join(folder, 'twins', 'out', 'twin.wasm'))
  })

  it('says what a contract is when there is none', async () => {
    await mkdir(join(folder, 'empty'))
    const { exitCode, stderr } = await vex('build', 'empty')
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('@contract')])
  })
})

describe('vex deploy, call and view', () => {
  it('a token moves, and the event is told by name', async () => {
    const called = await vexJson('call', token, 'transfer', 'dev1', '250')
    expect(called).toMatchObject({
      status: 'success',
      logs: [],
      events: [{ contractName: 'Token', name: 'Transfer', fields: { amount: '250' } }],
    })
    expect((await vex('view', token, 'balanceOf', 'dev1')).stdout).toBe('250\n')
    expect(await vexJson('view', token, 'symbol')).toMatchObject({ returned: 'GLD' })
  })

  it('says what storage holds and gives back', async () => {
    const opened = await vex('call', token, 'approve', 'dev6', '5')
    expect(opened.stdout).toMatch(/^ {2}deposit +[\d.]+ VEX held for storage, returned when it is freed$/m)
    const closed = await vexJson('call', token, 'approve', 'dev6', '0')
    expect(closed).toMatchObject({ depositPaid: '0', depositReturned: expect.stringMatching(/^[1-9]\d*$/) })
    expect((await vex('tx', String(closed['transactionId']))).stdout).toMatch(/deposit +\S+ VEX returned/)
  })

  it('a source is compiled and deployed, and a result is decoded', async () => {
    const { created } = await vexJson('deploy', join(EXAMPLES, 'counter', 'counter.ts'), '--owner', 'none')
    const [counter] = created as string[]
    const called = await vexJson('call', String(counter), 'increment', '5', '--from', 'dev1')
    expect(called).toMatchObject({ returned: '5' })
    expect(await vexJson('contracts')).toMatchObject({
      contracts: expect.arrayContaining([
        expect.objectContaining({ address: counter, name: 'Counter', owner: null }),
      ]),
      cursor: null,
    })
    expect(await vexJson('contracts', '--after', String(counter), '--limit', '1')).toHaveProperty('height')
    expect(await vexJson('accounts', String(counter))).toMatchObject({
      accounts: [{ contractName: 'Counter', contract: { owner: null } }],
    })
  })

  it('what would fail is not sent; forced, it is and fails', async () => {
    const before = (await vexJson('accounts', 'dev2'))['accounts']
    const refused = await vex('call', token, 'transfer', 'dev1', '1', '--from', 'dev2', '--json')
    expect([refused.exitCode, refused.stdout, errorOf(refused)]).toEqual([
      3,
      '',
      {
        code: 'reverted',
        message: expect.stringContaining('insufficient balance'),
        failure: [expect.objectContaining({ contractName: 'Token', method: 'transfer', code: 'reverted' })],
      },
    ])
    expect((await vexJson('accounts', 'dev2'))['accounts']).toEqual(before)

    const forced = await vex('call', token, 'transfer', 'dev1', '1', '--from', 'dev2', '--force', '--json')
    expect(forced.exitCode).toBe(3)
    expect(JSON.parse(forced.stdout)).toMatchObject({ status: 'failed', error: { code: 'reverted' } })
    expect(errorOf(forced).message).toContain('insufficient balance')
  })

  it.each([
    [
      1,
      ['call', 'TOKEN', 'transfer', 'dev1', 'ten'],
      'transfer, argument 2 (amount): expected a whole number',
    ],
    [1, ['call', 'TOKEN', 'transfer', 'dev1', '-5'], 'u64 wanted, "-5" given'],
    [
      1,
      ['call', 'TOKEN', 'transfer', 'dev1'],
      'transfer(to: address, amount: u64) takes 2 arguments, 1 given',
    ],
    [1, ['call', 'TOKEN', 'fly'], 'the contract Token has no method "fly"; it has: init, transfer'],
    [1, ['call', 'TOKEN', 'balanceOf', 'dev1'], 'use vex view'],
    [1, ['view', 'TOKEN', 'transfer', 'dev1', '5'], 'use vex call'],
    [1, ['view', 'dev5', 'name'], 'there is no contract at vex1'],
    [1, ['deploy', 'build/token.wasm', 'Gold'], 'takes 4 arguments, 1 given'],
    [1, ['deploy', 'build/gone.wasm'], 'build/gone.wasm: there is no such file'],
    [1, ['block', '99999999'], 'there is no block 99999999 yet'],
    [1, ['tx', '00'.repeat(32)], 'no transaction 0x0000'],
    [3, ['send', 'dev1', '1', '--gas-limit', '1000'], 'leave --gas-limit out, or give at least 303'],
    [3, ['call', 'TOKEN', 'transfer', 'dev7', '1', '--gas-limit', '320000'], '--gas-limit 320000 is too low'],
    [3, ['send', 'dev1', '1', '--max-fee', '99999999999'], '(--gas-limit x --max-fee'],
    [1, ['deploy', 'nope.ts'], 'nope.ts: there is no such file'],
    [1, ['send', 'dev1', '1', '--from', 'bob'], 'wallet.json: make one with vex wallet new'],
    [4, ['view', 'dev1', 'name', '--url', 'http://127.0.0.1:9'], 'Start one with "vex dev"'],
  ])('exit code %i and one sentence: %j', async (exitCode, args, sentence) => {
    const result = await vex(...args.map(word => (word === 'TOKEN' ? token : word)))
    expect([result.exitCode, result.stdout]).toEqual([exitCode, ''])
    expect(result.stderr).toContain(sentence)
    expect(result.stderr).toMatch(/^error: [^\n]+\n$/)
  })

  it.each([
    [
      ['deploy', 'build/token.wasm', '', 'GLD', '9', '1'],
      'name and symbol must not be empty',
      'Token.init',
      1,
    ],
    [
      ['call', 'TOKEN', 'transfer', 'dev7', '9999999', '--gas-limit', '320000'],
      'insufficient balance',
      'Token.transfer',
      3,
    ],
  ])(
    '%j fails with exit code 3, one sentence, and the lines of the contract',
    async (args, sentence, method, frames) => {
      const result = await vex(...args.map(word => (word === 'TOKEN' ? token : word)))
      expect([result.exitCode, result.stdout]).toEqual([3, ''])
      const [first = '', second = '', ...rest] = result.stderr.split('\n')
      expect(first).toMatch(/^error: /)
      expect(first).toContain(sentence)
      expect(second).toMatch(new RegExp(`^in ${method} in vex1[0-9a-z]+, [\\d,]+ gas left$`))
      const places = rest.filter(line => /^ {2}token\.ts:\d+:\d+ /.test(line))
      expect(places).toHaveLength(frames)
      expect(rest.join('\n')).toContain(`require(`)
    },
  )
})

describe('vex send, accounts, block and tx', () => {
  it('VEX moves, and the transaction and its block can be looked up', async () => {
    const sent = await vexJson('send', 'dev8', '1.5vex', '--from', 'dev3')
    expect(sent).toMatchObject({ status: 'success' })
    const { accounts } = (await vexJson('accounts', 'dev8')) as { accounts: { balance: string }[] }
    expect(accounts[0]?.balance).toBe('10000001500000000')
    const id = String(sent['transactionId'])
    expect(await vexJson('tx', id)).toMatchObject({
      state: 'final',
      action: { kind: 'transfer', amount: '1500000000' },
      receipt: { status: 'success' },
    })
    expect(await vexJson('block', String(sent['height']))).toMatchObject({ transactions: [id] })
    expect((await vex('tx', id)).stdout).toContain('transfer 1.5 VEX to dev8')
    expect((await vex('block')).stdout).toMatch(/^Block \d+\n/)
  })

  it('signs with the key of a file, unless others may read it', async () => {
    const path = join(folder, 'key')
    await writeFile(path, String(ready.accounts[4]?.secretKey))
    await chmod(path, 0o644)
    const open = await vex('send', 'dev1', '1', '--key-file', path)
    expect([open.exitCode, open.stderr]).toEqual([1, expect.stringContaining(`chmod 600 ${path}`)])
    await chmod(path, 0o600)
    const { transactionId } = await vexJson('send', 'dev1', '1', '--key-file', path)
    expect(await vexJson('tx', String(transactionId))).toMatchObject({ sender: ready.accounts[4]?.address })
  })
})

describe('a command line that makes no sense', () => {
  it.each([
    [['dep'], "unknown command 'dep'. Did you mean dev?"],
    [['help', 'dep'], "unknown command 'dep'. Did you mean dev?"],
    [['foo', '--help'], "unknown command 'foo'. See: vex --help"],
    [['--json'], 'no command is given. See: vex --help'],
    [
      ['send', 'dev1'],
      'AMOUNT is missing: such as 1.5vex, or a whole number of units (1 VEX = 1,000,000,000). For example: vex send dev1 1.5vex. See: vex send --help',
    ],
    [['state', 'snapshot'], '--out <dir> is missing. For example: vex state snapshot --out epoch-end'],
    [['state', 'snapshots'], "unknown command 'snapshots'. Did you mean snapshot? See: vex state --help"],
    [['block', '--jsn'], "unknown option '--jsn'. Did you mean --json? See: vex block --help"],
    [['send', 'dev1', '1', '--tip', '5', '--max-fee', '3'], '--max-fee 3 does not cover the tip of 5'],
    [['call', 'dev1', 'sign', '-x'], "unknown option '-x'. If it is an argument, write -- before it."],
    [
      ['send', 'nope', '1'],
      'error: "nope" is not a Vex address: it does not begin with vex1. Nor is it an account',
    ],
    [['send', 'Nope', '1'], 'error: TO: "Nope" is not a Vex address: it does not begin with vex1'],
    [['send', 'dev11', '1'], 'the development accounts are dev0 to dev9'],
    [['send', 'dev1', '1.5'], 'a unit cannot be split: write 1.5vex'],
    [['send', 'vex1zzz', '1'], '"vex1zzz" is not a Vex address'],
    [
      ['send', 'dev1', '1', '--from', 'Bob'],
      'expected an account of the wallet (vex wallet list), or dev0 to dev9',
    ],
    [['send', 'dev1', '1', '--from', 'dev11'], 'expected an account of the wallet'],
    [['block', 'newest'], 'expected a height, a hash of 64 hex digits'],
    [['block', '--url', 'ftp://x'], 'expected an address such as http://127.0.0.1:4100'],
    [['dev', '--port', '99999'], 'expected a number from 0 (any free port) to 65535'],
    [['--json', 'block'], 'Options stand after the command: vex block --json'],
  ])('%j: exit code 2, and what to do instead', async (args, sentence) => {
    const { exitCode, stdout, stderr } = await vex(...args)
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toContain(sentence)
    expect(stderr.trimEnd()).not.toContain('\n')
  })
})

describe('vex', () => {
  it('lists its commands and exit codes, and has help about each', async () => {
    const { exitCode, stdout } = await vex('--help')
    expect(exitCode).toBe(0)
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) {2,}[a-z]/gm)].map(match => String(match[1]))
    expect(commands).toEqual(expect.arrayContaining(['tour', 'dev', 'deploy', 'tx']))
    const codes = await vexJson('help', 'exit-codes')
    for (const { meaning } of codes['exitCodes'] as { meaning: string }[]) expect(stdout).toContain(meaning)
    const about = await vex('help', 'stake', 'delegate')
    expect([about.exitCode, about.stdout]).toEqual([0, (await vex('stake', 'delegate', '--help')).stdout])
    expect(about.stdout).toContain('Exit codes (vex help exit-codes): 0 done, 1 failed,')
    expect(about.stdout).toContain(
      'See also: vex validators, vex stake show, vex stake undelegate, vex stake.',
    )
  })

  it('shows what a group has when nothing more is said', async () => {
    const { exitCode, stdout, stderr } = await vex('stake')
    expect([exitCode, stdout, stderr]).toEqual([2, expect.stringContaining('delegate'), ''])
  })

  it('has examples that work when they are pasted in a clone beside a running vex dev', async () => {
    const names = [
      'build',
      'deploy',
      'upgrade',
      'owner',
      'call',
      'view',
      'send',
      'accounts',
      'block',
      'tx',
      'trace',
    ]
    const helps = await Promise.all(names.map(name => vex(name, '--help')))
    const all = helps.map(({ stdout }) => [...stdout.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line]) => line))
    expect(all.flat().length).toBeGreaterThanOrEqual(2 * names.length)
    const examples = all.flatMap(lines => lines.slice(0, inForm(1, lines.length)))
    const clone = join(folder, 'clone')
    await mkdir(clone)
    await symlink(EXAMPLES, join(clone, 'contracts'))
    const vexCommand = `vex() { "${process.execPath}" "${join(EXAMPLES, '../cli/vex.ts')}" "$@"; }`
    const shell = spawn('sh', ['-e'], { cwd: clone, env: { ...process.env, VEX_URL: ready.url } })
    let problems = ''
    shell.stderr.on('data', chunk => (problems += String(chunk)))
    const unexpected = (): string => problems.replace(/^ {2}Compiling: .*\n/gm, '')
    shell.stdout.resume()
    shell.stdin.end([vexCommand, ...examples, ''].join('\n'))
    expect([await once(shell, 'close'), unexpected()]).toEqual([[0, null], ''])
    // Each of some thirty commands is a process of its own.
  }, 240_000)

  it('says its version', async () => {
    const { stdout } = await vex('--version')
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(await vexJson('--version')).toEqual({ version: stdout.trim() })
  })

  it('ends quietly when its reader goes', async () => {
    const { child, finished } = startVex(folder, ['accounts', '--json'], { VEX_URL: ready.url })
    child.stdout.destroy()
    expect((await finished).stderr).toBe('')
  })
})

describe('vex tour', () => {
  it('shows a token deployed and moved, and the next one goes on from there', async () => {
    const home = join(folder, 'tour')
    await mkdir(home)
    const first = await runVex(home, ['tour', '--once', '--port', '0'])
    expect({ exitCode: first.exitCode, stderr: first.stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(first.stdout).toContain('a new chain, kept in .vex/dev')
    expect(first.stdout).toContain('Token.Transfer(from: Ada, to: Ben, amount: 250000)')
    expect(first.stdout).toContain('Token.balanceOf(Ben) = 249000')
    const [, height] = /Stopped at block (\d+)\./.exec(first.stdout) ?? []

    const second = await runVex(home, ['tour', '--once', '--port', '0', '--json'])
    expect(second.exitCode).toBe(0)
    const lines = second.stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as { type: string })
    expect(lines[0]).toMatchObject({ type: 'ready', isNew: false, height })
    expect(lines.filter(({ type }) => type === 'transaction')).toHaveLength(5)
    expect(lines.at(-1)).toMatchObject({ type: 'stopped' })
  })

  it('goes on until Ctrl-C, then stops cleanly', async () => {
    const home = join(folder, 'tour-on')
    await mkdir(home)
    const tour = startVex(home, ['tour', '--port', '0'])
    await waitForLine(tour, line => line.includes('The chain goes on'))
    tour.child.kill('SIGINT')
    const { exitCode, stdout, stderr } = await tour.finished
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/Stopped at block \d+\. The state is in \.vex\/dev/)
  })
})
