/** `vex trace`, and where a failure is told: on the screen, over the API, in the node's log. Contracts that call contracts. */
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../../node/api/client.ts'
import type { Failure } from '../../node/diagnostics/failure.ts'
import { VEX } from '../../node/params.ts'
import { createDirect, type Direct } from '../support/direct.ts'
import { FIXTURES, placeIn } from '../support/place-in.ts'
import { type Finished, runVex, startVex, type VexProcess, waitForLine } from '../support/vex-command.ts'
import { parseXml } from '../support/xml.ts'

const ROOT = join(import.meta.dirname, '../..')
const FOREVER = '99999999999999'

let folder: string
let devChain: VexProcess
let url: string
let direct: Direct
let log = ''
let token: string
let exchange: string
let faulty: string
let relay: string

const vex = (...args: string[]): Promise<Finished> => runVex(folder, args, { VEX_URL: url })
const vexJson = async (...args: string[]): Promise<Record<string, unknown>> => {
  const { stdout } = await vex(...args, '--json')
  return JSON.parse(stdout) as Record<string, unknown>
}
const deploy = async (...args: string[]): Promise<string> =>
  String((await vexJson('deploy', ...args))['created'])
const place = (name: string, text: string, after?: string): string =>
  `${FIXTURES}/${name}.ts:${placeIn(name, text, after)}`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vex-trace-'))
  await symlink(join(ROOT, 'contracts'), join(folder, 'contracts'))
  await symlink(join(ROOT, 'test'), join(folder, 'test'))
  devChain = startVex(folder, ['dev', '--port', '0', '--json', '--verbose'])
  devChain.child.stderr.on('data', chunk => (log += String(chunk)))
  url = (JSON.parse(await waitForLine(devChain, () => true)) as { url: string }).url
  direct = createDirect(url)
  token = await deploy('contracts/token/token.ts', 'Gold', 'GLD', '9', '1000000')
  exchange = await deploy('contracts/exchange/exchange.ts', token)
  faulty = await deploy(`${FIXTURES}/faulty.ts`)
  relay = await deploy(`${FIXTURES}/relay.ts`, faulty)
  await direct.call(token, 'approve', [exchange, 500_000])
  await direct.call(exchange, 'addLiquidity', [500_000, 0, FOREVER], { value: VEX })
})
afterAll(async () => {
  direct.client.close()
  devChain.child.kill('SIGINT')
  await devChain.finished
  await rm(folder, { recursive: true, force: true })
})

describe('vex trace', () => {
  it('shows the calls as a tree, with what each was given, stored, emitted and returned', async () => {
    const id = await direct.call(exchange, 'buyTokens', [1, FOREVER], { value: VEX / 10n, from: 'dev1' })
    const { exitCode, stdout, stderr } = await vex('trace', id)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const lines = stdout.trimEnd().split('\n')
    expect(lines[0]).toBe(`Transaction ${id}`)
    expect(stdout).toMatch(/^ {2}from +vex1\w+ \(dev1\)$/m)
    expect(stdout).toMatch(/^ {2}gas +[\d,]+: [\d,]+ before any contract ran, [\d,]+ in contracts$/m)
    expect(stdout).toMatch(new RegExp(`^ {2}Exchange +${exchange}$`, 'm'))
    expect(stdout).toMatch(new RegExp(`^ {2}Token +${token}$`, 'm'))
    const tree = lines
      .slice(lines.indexOf('') + 1)
      .map(line => line.replaceAll(/[\d,]{6,}(?= gas| its own)/g, 'N'))
    expect(tree).toEqual([
      `Exchange.buyTokens(minTokens: 1, deadlineMs: ${FOREVER}) with 0.1 VEX  N gas, N its own`,
      '├ units 1000000000 → 1100000000',
      '├ tokens 500000 → 454670',
      '├ Token.transfer(to: dev1, amount: 45330)  N gas',
      '│ ├ balances[Exchange] 500000 → 454670',
      '│ ├ balances[dev1] nothing → 45330',
      '│ └ event Transfer(from: Exchange, to: dev1, amount: 45330)',
      '├ event Traded(by: dev1, unitsIn: 100000000, tokensIn: 0, unitsOut: 0, tokensOut: 45330)',
      '└ returned 45330',
    ])
    const short = await vex('trace', id, '--no-storage', '--depth', '1')
    expect(short.stdout).toContain('├ … 1 call inside\n')
    expect(short.stdout).not.toContain('→')
  })

  it('marks what a failure undid, and ends with the lines of every call on the way', async () => {
    const id = await direct.call(exchange, 'sellTokens', [400, 1, FOREVER], { from: 'dev2' })
    const { exitCode, stdout } = await vex('trace', id)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^ {2}status +✗ failed: insufficient allowance \(reverted\)$/m)
    expect(stdout).toMatch(/^Exchange\.sellTokens\(.*\) {2}[\d,]+ gas, [\d,]+ its own {2}! undone$/m)
    expect(stdout).toContain('├ Token.transferFrom(from: dev2, to: Exchange, amount: 400)')
    expect(stdout).toContain('│ └ ✗ reverted insufficient allowance\n')
    const failure = stdout.slice(stdout.indexOf('\nin Token.transferFrom'))
    expect(failure).toMatch(
      /^ {2}contracts\/token\/token\.ts:\d+:\d+ {2}Token\.transferFrom\n(.*\n)*? +\d+ │ +require\(allowed >= amount, 'insufficient allowance'\)\n +│ +\^$/m,
    )
    expect(failure).toMatch(
      /^called by Exchange\.sellTokens .*\n {2}contracts\/exchange\/exchange\.ts:\d+:\d+ +Exchange\.take\n {2}contracts\/exchange\/exchange\.ts:\d+:\d+ +Exchange\.sellTokens\n +\d+ │ +at<Token>/m,
    )
  })

  it('--json has everything decoded, and the bytes beside it', async () => {
    const id = await direct.call(exchange, 'buyTokens', [1, FOREVER], { value: VEX / 10n, from: 'dev3' })
    const trace = await vexJson('trace', id)
    expect(trace).toMatchObject({
      transactionId: id,
      isExact: true,
      stepsCut: 0,
      failure: null,
      calls: [
        {
          contractName: 'Exchange',
          method: 'buyTokens',
          args: { minTokens: '1', deadlineMs: FOREVER },
          value: '100000000',
          isUndone: false,
        },
      ],
    })
    const [call] = trace['calls'] as { gasUsed: string; ownGas: string; steps: { kind: string }[] }[]
    expect(call?.steps.map(({ kind }) => kind)).toEqual(['write', 'write', 'call', 'event'])
    expect(call?.steps[0]).toMatchObject({ key: '0x01', stored: { field: 'units' } })
    expect(call?.steps[2]).toMatchObject({
      call: { contractName: 'Token', steps: [{ stored: { field: 'balances' } }, {}, { name: 'Transfer' }] },
    })
    expect(BigInt(call?.ownGas ?? 0)).toBeLessThan(BigInt(call?.gasUsed ?? 0))
  })

  it('--flame draws where the gas went, by line, through both contracts', async () => {
    const id = await direct.call(exchange, 'buyTokens', [1, FOREVER], { value: VEX / 10n, from: 'dev4' })
    const { stdout, stderr } = await vex('trace', id, '--flame', 'gas.svg')
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^ {2}flame graph +gas\.svg$/m)
    const gasUsed = /^ {2}gas +([\d,]+):/m.exec(stdout)?.[1]
    const svg = parseXml(await readFile(join(folder, 'gas.svg'), 'utf8'))
    expect(svg.name).toBe('svg')
    const hovers = svg.children.flatMap(({ name, children }) =>
      name === 'g' ? children.filter(each => each.name === 'title').map(({ text }) => text) : [],
    )
    expect(hovers[0]).toBe(`transaction\n${gasUsed} gas, 100.0 %, 0 of it its own`)
    const source = (await readFile(join(ROOT, 'contracts/exchange/exchange.ts'), 'utf8')).split('\n')
    const sendOut = source.findIndex(line => line.includes('this.sendOut(bought)')) + 1
    expect(
      hovers.some(text =>
        text.startsWith(
          `exchange.ts:${sendOut} Exchange.buyTokens\ncontracts/exchange/exchange.ts:${sendOut}\nthis.sendOut(bought)\n`,
        ),
      ),
    ).toBe(true)
    expect(hovers.some(text => /^token\.ts:\d+ Token\.\w+\n/.test(text))).toBe(true)
    expect(hovers.some(text => text.startsWith('storage_write\n'))).toBe(true)
  })

  it('says which lines are not known here, and draws all the same', async () => {
    const id = await direct.call(relay, 'fill', [2])
    const elsewhere = join(folder, 'elsewhere')
    await mkdir(elsewhere)
    const { exitCode, stderr } = await runVex(elsewhere, ['trace', id, '--flame', 'bare.svg'], {
      VEX_URL: url,
    })
    expect([exitCode, stderr]).toEqual([
      0,
      'notice: no lines are known for Relay, Faulty: build what is on the chain in this folder with "vex build"\n',
    ])
    expect(parseXml(await readFile(join(elsewhere, 'bare.svg'), 'utf8')).name).toBe('svg')
  })

  it('shows a transfer and a deploy, which call little or nothing', async () => {
    const sent = await vexJson('send', 'dev1', '1vex')
    const transfer = await vex('trace', String(sent['transactionId']))
    expect(transfer.stdout).toMatch(/^ {2}action +transfer 1 VEX to dev1$/m)
    expect(transfer.stdout).toMatch(/^ {2}gas +[\d,]+\n$/m)
    const made = await vexJson('deploy', `${FIXTURES}/relay.ts`, faulty)
    const deployed = await vex('trace', String(made['transactionId']))
    expect(deployed.stdout).toMatch(
      /^deploy Relay\.init\(faulty: vex1\w+…\w+\) {2}[\d,]+ gas\n└ faulty nothing → vex1/m,
    )
  })

  it.each([
    [1, ['00'.repeat(32)], 'no transaction 0x0000'],
    [2, ['zz'], 'expected the 64 hex digits of a transaction’s id'],
    [2, ['00'.repeat(32), '--depth', '0'], 'expected a whole number from 1'],
    [
      2,
      [],
      'ID is missing: the transaction’s id: 64 hex digits. For example: vex trace $TX. See: vex trace --help',
    ],
  ])('fails with exit code %i and one sentence for %j', async (code, args, sentence) => {
    const { exitCode, stdout, stderr } = await vex('trace', ...args)
    expect([exitCode, stdout]).toEqual([code, ''])
    expect(stderr).toContain(sentence)
    expect(stderr.trimEnd()).not.toContain('\n')
  })

  it('fails if the picture cannot be written', async () => {
    const sent = await vexJson('send', 'dev1', '1vex')
    const { exitCode, stderr } = await vex(
      'trace',
      String(sent['transactionId']),
      '--flame',
      'nowhere/gas.svg',
    )
    expect([exitCode, stderr]).toEqual([1, 'error: nowhere/gas.svg: there is no such file or folder\n'])
  })
})

describe('a failure in a contract that a contract calls is told by file, line and column', () => {
  const ways: (readonly [
    string,
    { args: string[]; code: string; inner: string; outer: string; limit?: string },
  ])[] = [
    [
      'a division by zero',
      {
        args: ['divide', '0'],
        code: 'trapped',
        inner: place('faulty', 'half(100) / by'),
        outer: place('relay', 'at<Faulty>', 'divide('),
      },
    ],
    [
      'an index out of range',
      {
        args: ['element', '3'],
        code: 'aborted',
        inner: place('faulty', 'list[index]'),
        outer: place('relay', 'at<Faulty>', 'element('),
      },
    ],
    [
      'a limit of gas that is too low',
      {
        args: ['fill', '90'],
        code: 'out_of_gas',
        inner: place('faulty', 'i, u64(i)'),
        outer: place('relay', 'at<Faulty>', 'fill('),
        limit: '2000000',
      },
    ],
    [
      'an error of the inner contract',
      {
        args: ['fill', '101'],
        code: 'reverted',
        inner: place('faulty', 'require(until'),
        outer: place('relay', 'at<Faulty>', 'fill('),
      },
    ],
  ]

  const placesOf = (failure: Failure | null): string[] =>
    (failure ?? []).map(({ frames }) => {
      const position = frames[0]?.position
      return `${position?.file}:${position?.line}:${position?.column}`
    })

  it.each(ways)('%s', async (_, { args, code, inner, outer, limit }) => {
    const sent = await vex(
      'call',
      relay,
      ...args,
      '--force',
      ...(limit === undefined ? [] : ['--gas-limit', limit]),
    )
    expect(sent.exitCode).toBe(3)
    expect(sent.stderr).toContain(`  ${inner}  Faulty.`)
    expect(sent.stderr).toContain(`  ${outer}  Relay.`)
    // The line of each, with a caret.
    expect(sent.stderr.match(/^ +│ +\^$/gm)).toHaveLength(2)

    const [id = ''] = /0x[0-9a-f]{64}/.exec(sent.stdout) ?? []
    const client = createApiClient({ url })
    const { failure } = await client.api.transaction.trace.query({ id })
    client.close()
    expect(failure?.[0]?.code).toBe(code)
    expect(placesOf(failure)).toEqual([inner, outer])
    expect(failure?.every(({ excerpt }) => excerpt !== null)).toBe(true)
    expect((await vex('trace', id)).stdout).toContain(`  ${outer}  Relay.`)

    await expect.poll(() => log.includes(id)).toBe(true)
    const line = log.split('\n').find(each => each.includes(id)) ?? '{}'
    const note = JSON.parse(line) as { msg: string; failure: Failure }
    expect(note.msg).toContain(`failed in Faulty.${args[0]} at ${inner}: `)
    expect(placesOf(note.failure)).toEqual([inner, outer])
  })

  it('a view too', async () => {
    const { exitCode, stderr } = await vex('view', relay, 'nameOfOther')
    expect(exitCode).toBe(3)
    expect(stderr).toContain('error: it has no name')
    expect(stderr).toContain(`  ${place('faulty', "revert('it has no name')")}`)
    expect(stderr).toContain(`  ${place('relay', 'at<Faulty>', 'nameOfOther(')}`)
  })

  it('an error with fields is told in full, before anything is sent', async () => {
    const { stderr } = await vex('call', relay, 'fill', '101')
    expect(stderr).toContain(
      'error: the transaction would fail: TooMany(wanted: 101, most: 100) (reverted). Nothing was sent',
    )
  })
})
