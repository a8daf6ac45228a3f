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
import { messagesOf } from './compile-text.ts'

const README_PATH = fileURLToPath(new URL('../../../contracts/README.md', import.meta.url))
const README = readFileSync(README_PATH, 'utf8')
const EXAMPLES = [...README.matchAll(/## ([^\n]+)\n(?:(?!\n## )[^])*?```ts\n([^]*?)```/g)].map(
  ([, section = '', code = '']) => [section, code] as const,
)

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
    expect(EXAMPLES.length).toBeGreaterThan(8)
    expect(README.match(/```ts/g)).toHaveLength(EXAMPLES.length)
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
