import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { complete } from '../../../cli/completion/answer.ts'
import { readTree } from '../../../cli/completion/tree.ts'

const TOKEN = 'vex1token'
const method = (name: string, kind: string, ...params: string[]) => ({
  name,
  kind,
  params: params.map(each => ({ name: each })),
})

let folder: string
let before: string

beforeAll(async () => {
  before = process.cwd()
  folder = await mkdtemp(join(tmpdir(), 'vex-completion-'))
  mkdirSync(join(folder, 'build'))
  const write = (name: string, json: unknown): void => writeFileSync(join(folder, name), JSON.stringify(json))
  write('build/token.abi.json', {
    name: 'Token',
    methods: [method('init', 'init'), method('transfer', 'call', 'to', 'amount'), method('owner', 'view')],
  })
  write('build/shop.abi.json', { name: 'Shop', methods: [method('buy', 'call'), method('owner', 'view')] })
  write('build/broken.abi.json', { methods: 7 })
  write('build/deployments.json', { contracts: { token: { address: TOKEN } } })
  write('savings.json', { public: { accounts: [{ name: 'cold', address: 'vex1cold' }] } })
})
afterAll(async () => {
  process.chdir(before)
  await rm(folder, { recursive: true, force: true })
})

const answers = (...words: string[]): string[] => complete(readTree(), words).offers.map(({ text }) => text)
const also = (...words: string[]): string => complete(readTree(), words).also

describe('a completion', () => {
  it.each([
    [['sta'], ['stake', 'state']],
    [
      ['state', 's'],
      ['stats', 'snapshot'],
    ],
    [
      ['help', 'state', 's'],
      ['stats', 'snapshot'],
    ],
    [['stake', 'delegate', '--fr'], ['--from']],
    [
      ['dev', '--pruning', ''],
      ['archive', 'default', 'minimal'],
    ],
    [['dev', '--pruning', 'a'], ['archive']],
    [['dev', '--pruning=a'], ['--pruning=archive']],
    [['dev', '--pruning', '=', 'a'], ['archive']],
    [
      ['dev', '--pruning', '='],
      ['archive', 'default', 'minimal'],
    ],
    [['node', 'init', '--kind', 'ar'], ['archive']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['send', 'dev1', ''], []],
    [['send', 'dev1'], ['dev1']],
    [['send', '--', '--js'], []],
    [['nonsense', ''], []],
    [['block', '--js'], ['--json']],
    [['schema', 'stake', 'p'], ['params']],
  ])('of %j is %j', (words, expected) => {
    expect(answers(...words)).toEqual(expected)
  })

  it('leaves files and folders to the shell', () => {
    expect(also('deploy', '')).toBe('files')
    expect(also('deploy', 'token.wasm', '')).toBe('words')
    expect(also('build', 'one.ts', '')).toBe('files')
    expect(also('doctor', '--data-dir', '')).toBe('folders')
    expect(also('state', 'snapshot', '--out', '')).toBe('folders')
    expect(also('wallet', 'new', '')).toBe('words')
  })

  it('knows the accounts of the wallet, and the contracts and methods of the project', () => {
    process.chdir(folder)
    expect(answers('send', '--wallet', 'savings.json', 'co')).toEqual(['cold'])
    expect(answers('wallet', 'show', '--wallet', 'savings.json', '')).toEqual(['cold'])
    expect(answers('send', '--wallet', 'gone.json', 'co')).toEqual([])
    expect(answers('call', 'vex1')).toEqual([TOKEN])
    expect(answers('call', TOKEN, '')).toEqual(['transfer'])
    expect(answers('view', TOKEN, '')).toEqual(['owner'])
    expect(answers('call', '$SHOP', '').sort()).toEqual(['buy', 'transfer'])
  })
})
