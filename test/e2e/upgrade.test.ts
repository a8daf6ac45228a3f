/** `vex upgrade` and `vex owner` against a running chain: what they refuse, and that nothing is sent then. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withoutCustomSection } from '../../contracts/sdk/wasm-section.ts'
import { ABI_SECTION } from '../../node/abi/types.ts'
import { createDirect, type Direct } from '../support/direct.ts'
import { type Finished, runVex, startVex, type VexProcess, waitForLine } from '../support/vex-command.ts'

const SUM = 'private readonly sum: Value<u64>'
const LAST = 'private readonly last: Value<Address>'
const ADD = '@call add(n: u64): void { this.sum.set(this.sum.get() + n); this.last.set(caller()) }'
const TOTAL = '@view total(): u64 { return this.sum.get() }'

const source = (
  ...members: string[]
): string => `import { Address, Indexed, Value, caller, emit, require } from 'vex'

@event
export class Doubled {
  constructor(public by: Indexed<Address>, public sum: u64) {}
}

@error
export class TooFew {
  constructor(public least: u64, public found: u64) {}
}

@contract
export class Book {
  ${members.join('\n  ')}
}
`
const FIRST = source(SUM, LAST, ADD, TOTAL)
const MIGRATION = `@migrate migrate(least: u64): void {
    require(this.sum.get() >= least, new TooFew(least, this.sum.get()))
    this.doubled.set(2 * this.sum.get())
    emit(new Doubled(caller(), this.doubled.get()))
  }`
const DOUBLED = 'private readonly doubled: Value<u64>'

const FILES = {
  'first.ts': FIRST,
  'grown.ts': source(SUM, LAST, DOUBLED, ADD, '@view sumOf(): u64 { return this.sum.get() }'),
  'moved.ts': source(LAST, SUM, ADD, TOTAL),
  'migrated.ts': source(SUM, LAST, DOUBLED, MIGRATION, '@view total(): u64 { return this.doubled.get() }'),
  'rebuilt.ts': source(
    'private readonly sum: Value<u32>',
    '@migrate migrate(): void { this.sum.set(7) }',
    '@view total(): u32 { return this.sum.get() }',
  ),
}

let folder: string
let chain: VexProcess
let url: string
let direct: Direct
let names: Readonly<Record<string, string>>

const vex = (...args: string[]): Promise<Finished> => runVex(folder, args, { VEX_URL: url })

const vexJson = async (...args: string[]): Promise<Record<string, unknown>> => {
  const { exitCode, stdout, stderr } = await vex(...args, '--json')
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return JSON.parse(stdout) as Record<string, unknown>
}

const errorOf = ({ stderr }: Finished): { code: string; message: string; storage?: unknown } =>
  (JSON.parse(stderr) as { error: { code: string; message: string } }).error

/** A new contract, with 5 in its sum. */
const deployed = async (): Promise<string> => {
  const address = await direct.deploy(await readFile(join(folder, 'build', 'first.wasm')))
  await direct.call(address, 'add', [5])
  return address
}

/** All that an upgrade could change, of the contract and of who pays. */
const stateOf = (address: string): Promise<unknown> =>
  Promise.all(
    [address, names['dev0'] as string].map(each => direct.client.api.account.get.query({ address: each })),
  )

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vex-upgrade-'))
  chain = startVex(folder, ['dev', '--port', '0', '--json', '--quiet'])
  const ready = JSON.parse(await waitForLine(chain, () => true)) as {
    url: string
    accounts: { name: string; address: string }[]
  }
  url = ready.url
  direct = createDirect(url)
  names = Object.fromEntries(ready.accounts.map(({ name, address }) => [name, address]))
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text)
  const built = await runVex(folder, ['build', ...Object.keys(FILES), '--quiet'])
  expect({ exitCode: built.exitCode, stderr: built.stderr }).toEqual({ exitCode: 0, stderr: '' })
  const code = new Uint8Array(await readFile(join(folder, 'build', 'grown.wasm')))
  await writeFile(join(folder, 'build', 'bare.wasm'), withoutCustomSection(code, ABI_SECTION))
})
afterAll(async () => {
  direct.client.close()
  chain.child.kill('SIGINT')
  await chain.finished
  await rm(folder, { recursive: true, force: true })
})

describe('vex upgrade', () => {
  it('takes a source, tells what is new and gone, and what is stored stays', async () => {
    const book = await deployed()
    const { exitCode, stdout, stderr } = await vex('upgrade', book, 'grown.ts')
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toContain(`Upgrade of Book at ${book}
  storage    + doubled (slot 2, Value<u64>) is new
  interface  ! method total(): u64 is gone
             + method sumOf(): u64 is new
  migration  none: what is stored stays as it is
Rehearsed on the state after block `)
    expect(stdout).toMatch(/^Upgraded Book\n {2}transaction +0x/m)
    expect(await vexJson('view', book, 'sumOf')).toMatchObject({ returned: '5' })
  })

  it('sends nothing with --dry-run', async () => {
    const book = await deployed()
    const before = await stateOf(book)
    const dry = await vexJson('upgrade', book, 'build/migrated.wasm', '3', '--dry-run')
    expect(dry).toMatchObject({
      isSent: false,
      migration: 'migrate(least: u64)',
      storage: [{ kind: 'appended', field: 'doubled' }],
      rehearsal: {
        status: 'success',
        events: [{ name: 'Doubled', fields: { by: names['dev0'], sum: '10' } }],
      },
    })
    expect(await stateOf(book)).toEqual(before)
  })

  it('refuses a layout that would misread what is stored, and sends nothing', async () => {
    const book = await deployed()
    const before = await stateOf(book)
    const refused = await vex('upgrade', book, 'build/moved.wasm')
    expect(refused.exitCode).toBe(1)
    expect(refused.stdout).toContain('storage    ✗ sum moved from slot 0 to slot 1\n')
    expect(refused.stderr).toMatch(
      /^error: the new code would misread what Book stored: sum moved [^\n]*@migrate migrate\(\)[^\n]*Nothing was sent\n$/,
    )
    const inJson = await vex('upgrade', book, 'build/moved.wasm', '--no-layout-check', '--force', '--json')
    expect([inJson.exitCode, inJson.stdout, errorOf(inJson)]).toEqual([
      1,
      '',
      expect.objectContaining({
        code: 'breaking_layout',
        storage: [
          expect.objectContaining({ kind: 'moved', field: 'sum', slot: 0 }),
          expect.objectContaining({ kind: 'moved', field: 'last', slot: 1 }),
        ],
      }),
    ])
    expect(await stateOf(book)).toEqual(before)
  })

  it('sends nothing if the migration fails in the rehearsal, and says why', async () => {
    const book = await deployed()
    const before = await stateOf(book)
    const failed = await vex('upgrade', book, 'build/migrated.wasm', '6', '--json')
    expect([failed.exitCode, failed.stdout]).toEqual([3, ''])
    expect(errorOf(failed)).toMatchObject({
      code: 'reverted',
      message: expect.stringMatching(/^the rehearsal failed: TooFew.*\(reverted\)\. Nothing was sent$/),
    })
    expect(await stateOf(book)).toEqual(before)
  })

  it('runs a migration with its arguments', async () => {
    const book = await deployed()
    const upgraded = await vexJson('upgrade', book, 'build/migrated.wasm', '5')
    expect(upgraded).toMatchObject({
      status: 'success',
      migration: 'migrate(least: u64)',
      events: [{ contractName: 'Book', name: 'Doubled', fields: { sum: '10' } }],
    })
    expect(await vexJson('view', book, 'total')).toMatchObject({ returned: '10' })
  })

  it('takes a breaking layout from code that migrates', async () => {
    const book = await deployed()
    const { exitCode, stdout } = await vex('upgrade', book, 'build/rebuilt.wasm')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('storage    ! sum was Value<u64> and is Value<u32>\n')
    expect(stdout).toContain('! last (slot 1, Value<address>) is gone\n')
    expect(await vexJson('view', book, 'total')).toMatchObject({ returned: 7 })
  })

  it('asks for a word where one of the two has no ABI', async () => {
    const book = await deployed()
    const blind = await vex('upgrade', book, 'build/bare.wasm')
    expect([blind.exitCode, blind.stdout]).toEqual([1, ''])
    expect(blind.stderr).toMatch(/^error: the new code carries no ABI, .* add --no-layout-check\n$/)
    await vexJson('upgrade', book, 'build/bare.wasm', '--no-layout-check')
    const back = await vex('upgrade', book, 'build/first.wasm')
    expect(back.stderr).toMatch(
      /^error: the contract on the chain carries no ABI, .* add --no-layout-check\n$/,
    )
    const { stdout } = await vex('upgrade', book, 'build/first.wasm', '--no-layout-check')
    expect(stdout).toMatch(/^ {2}storage +! not compared\n {2}interface +! not compared$/m)
    expect(await vexJson('view', book, 'total')).toMatchObject({ returned: '5' })
  })

  it.each<[string, string[], string]>([
    ['the same code', ['upgrade', 'BOOK', 'build/first.wasm'], 'runs this very code already'],
    [
      'a stranger',
      ['upgrade', 'BOOK', 'build/grown.wasm', '--from', 'dev1'],
      '(dev1) signs: sign as its owner',
    ],
    ['no contract', ['upgrade', 'dev5', 'build/grown.wasm'], 'there is no contract at vex1'],
    [
      'no argument where one is asked for',
      ['upgrade', 'BOOK', 'build/migrated.wasm'],
      'takes 1 argument, 0 given',
    ],
    ['arguments for nothing', ['upgrade', 'BOOK', 'build/grown.wasm', '1'], 'has no @migrate method'],
    ['a file that is no code', ['upgrade', 'BOOK', 'build/first.abi.json'], 'expected a contract’s .wasm'],
    ['its own owner', ['owner', 'BOOK', 'dev0'], '(dev0) already'],
    ['an owner who is none', ['owner', 'BOOK', 'none', '--from', 'dev1', '--yes'], 'sign as its owner'],
  ])('and vex owner refuse %s in one line', async (_, args, sentence) => {
    standing ??= await deployed()
    const { exitCode, stderr } = await vex(...args.map(word => (word === 'BOOK' ? String(standing) : word)))
    expect(exitCode).toBeGreaterThan(0)
    expect(stderr).toContain(sentence)
    expect(stderr).toMatch(/^error: [^\n]+\n$/)
  })
  let standing: string | undefined
})

describe('vex owner', () => {
  it('gives a contract away, and to nobody only after a yes', async () => {
    const book = await deployed()
    const given = await vex('owner', book, 'dev1')
    expect([given.exitCode, given.stdout]).toEqual([
      0,
      expect.stringMatching(/^Gave vex1\w+ to vex1\w+ \(dev1\)\n/),
    ])
    const unasked = await vex('owner', book, 'none', '--from', 'dev1')
    expect([unasked.exitCode, unasked.stderr]).toEqual([2, expect.stringContaining('add --yes')])
    expect(await stateOf(book)).toMatchObject([{ contract: { owner: names['dev1'] } }, {}])

    await vexJson('owner', book, 'none', '--from', 'dev1', '--yes')
    expect(await stateOf(book)).toMatchObject([{ contract: { owner: null } }, {}])
    const frozen = await vex('upgrade', book, 'build/grown.wasm', '--from', 'dev1')
    expect([frozen.exitCode, frozen.stderr]).toEqual([1, expect.stringContaining('has no owner')])
  })
})
