/** contracts/README.md is true: its examples compile and please an editor, and its numbers are the code's. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import {
  LIMITS,
  MAX_CALL_DEPTH,
  STORAGE_DEPOSIT_PER_BYTE,
  STORAGE_ENTRY_OVERHEAD_BYTES,
  TRANSACTION_GAS,
  VEX,
} from '../../../node/params.ts'
import { HOST_LIMITS } from '../../../vm/host-function.ts'
import { HOST_FUNCTIONS, hostGasFormula } from '../../../vm/host-table.ts'
import { LIMITS as VM_LIMITS } from '../../../vm/profile.ts'
import { createTestChain, expectRevert } from 'vex/testing'
import { Token } from '../../../contracts/build/token.abi.ts'
import { messagesOf } from './compile-text.ts'

const README_PATH = fileURLToPath(new URL('../../../contracts/README.md', import.meta.url))
const README = readFileSync(README_PATH, 'utf8')
/** Each with the heading above it. */
const EXAMPLES = [...README.matchAll(/```ts\n([^]*?)```/g)].map(({ index, 1: code = '' }) => {
  const [heading = ''] =
    README.slice(0, index)
      .match(/^#+ .*$/gm)
      ?.slice(-1) ?? []
  return [heading.replace(/^#+ /, ''), code] as const
})

const run = async (file: string, args: string[]): Promise<string> =>
  new Promise(resolve => {
    execFile(file, args, (_, stdout, stderr) => resolve(stdout + stderr))
  })
const path = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url))
const written = (value: number | bigint): string => value.toLocaleString('en')

describe('an example of the README', () => {
  it.each(EXAMPLES)('compiles: %s', async (_, code) => {
    expect(await messagesOf(code)).toEqual(['compiled'])
  })

  it.each([...README.matchAll(/```typescript\n([^]*?)```/g)].map(([, code = '']) => code))(
    'compiles beside the token',
    async code => {
      const token = readFileSync(path('contracts/token/token.ts'), 'utf8')
      expect(await messagesOf({ 'main.ts': code, 'token.ts': token })).toEqual(['compiled'])
    },
  )

  it('is there for each part of the language', () => {
    const headings = EXAMPLES.map(([heading]) => heading)
    expect(headings).toEqual(
      expect.arrayContaining([
        'Storage',
        'Arithmetic',
        'Errors',
        'Who may do what',
        'Events',
        'Value',
        'Upgrades',
      ]),
    )
  })

  it('shows no error in an editor', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vex-readme-'))
    try {
      for (const [i, [, code]] of EXAMPLES.entries()) {
        await mkdir(join(folder, `${i}`))
        await writeFile(join(folder, `${i}/main.ts`), code)
      }
      const config = {
        extends: path('contracts/tsconfig.json'),
        files: ['numbers', 'decorators'].map(name => path(`contracts/sdk/assembly/${name}.d.ts`)),
        include: ['**/*.ts'],
      }
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
      expect(await run(path('node_modules/.bin/tsc'), ['-p', folder])).toBe('')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('what the README shows', () => {
  it('of a call that fails is what a test, too, says of it', async () => {
    const [, shown = ''] = /```\nerror: the transaction would fail[^\n]*\n([^]*?)\n```/.exec(README) ?? []
    const chain = await createTestChain()
    const terms = { name: 'Token', symbol: 'TOK', decimals: 2, supply: 1n }
    const token = await chain.deploy(Token, terms)
    const { message } = await expectRevert(
      token.call.transfer({ to: chain.account('ada').address, amount: 2n }),
      'insufficient balance',
    )
    const [, ...said] = message.replaceAll('contracts/token/token.ts', 'token.ts').split('\n')
    const withoutCall = (lines: readonly string[]): string[] =>
      lines.map(line => line.replace(/ in vex1\w+, [\d,]+ gas left$/, ''))
    expect(withoutCall(shown.split('\n'))).toEqual(withoutCall(said))
  })

  it('of a cast that is refused is what the compiler says', async () => {
    const [, shown = ''] = /error: tickets\.ts:(\d+:\d+: a cast [^\n]*)/.exec(README) ?? []
    const [line = 0, column = 0] = shown.split(':', 2).map(Number)
    const method = '@payable @call buy(): u32 { return <u32>value() }'
    const before = `import { value } from 'vex'\n${'\n'.repeat(line - 3)}@contract export class Tickets {\n`
    const padding = ' '.repeat(column - 1 - method.indexOf('<u32>'))
    expect(await messagesOf(`${before}${padding}${method}\n}`)).toEqual([`main.ts:${shown}`])
  })
})

describe('the numbers of the README', () => {
  it('are the prices of the host functions (running this file with -u writes them anew)', async () => {
    let rows = 0
    const asPriced = README.replaceAll(
      /^(\| .* \| `(\w+)` \| ).* \|$/gm,
      (_, start: string, name: string) => {
        rows++
        const fn = HOST_FUNCTIONS.get(name)
        return `${start}${fn === undefined ? 'no host function' : hostGasFormula(fn)} |`
      },
    )
    expect(rows).toBeGreaterThan(10)
    await expect(asPriced).toMatchFileSnapshot(README_PATH)
  })

  it.each([
    `${written(TRANSACTION_GAS.base)} gas and ${TRANSACTION_GAS.perByte} for each of its bytes`,
    `${written(STORAGE_DEPOSIT_PER_BYTE)} units for each byte of key and value and for ${STORAGE_ENTRY_OVERHEAD_BYTES} more`,
    `\`Value<u64>\` takes ${written((1n + 8n + STORAGE_ENTRY_OVERHEAD_BYTES) * STORAGE_DEPOSIT_PER_BYTE)}`,
    `1 VEX is ${written(VEX)} units`,
    `${HOST_LIMITS.topicBytes}\nbytes`,
    `| ${VM_LIMITS.moduleBytes / 1024} KiB `,
    `| ${VM_LIMITS.memoryPages / 16} MiB`,
    `| ${HOST_LIMITS.argumentsBytes / 1024} KiB each `,
    `| ${HOST_LIMITS.storageValueBytes / 1024} KiB, ${HOST_LIMITS.storageKeyBytes} bytes `,
    `| ${HOST_LIMITS.eventDataBytes / 1024} KiB `,
    `| ${LIMITS.eventsPerTransaction} `,
    `| ${MAX_CALL_DEPTH} deep `,
  ])('are the limits and prices of the chain: %s', text => {
    expect(README.replaceAll(/\s+/g, ' ')).toContain(text.replaceAll(/\s+/g, ' '))
  })
})
