import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { AddressBook } from '../../../../cli/address-book.ts'
import { callTreeLines, type TreeOptions } from '../../../../cli/trace/lines.ts'
import { nameTraced } from '../../../../cli/trace/names.ts'
import type { ReadableCall, ReadableStep } from '../../../../node/diagnostics/readable-trace.ts'

const PLAIN: ReadableCall = {
  kind: 'call',
  caller: 'alice',
  contract: 'market',
  contractName: 'Market',
  codeHash: '00',
  method: 'buy',
  args: {},
  argsData: '0x',
  value: '0',
  gasLimit: '9000',
  gasUsed: '5000',
  ownGas: '5000',
  outcome: { kind: 'returned', data: '0x', returned: null },
  isUndone: false,
  steps: [],
}
const call = (of: Partial<ReadableCall>): ReadableCall => ({ ...PLAIN, ...of })
const inside = (of: Partial<ReadableCall>): ReadableStep => ({ kind: 'call', call: call(of) })
const reverted = (message: string) => ({ kind: 'reverted', data: '0x00', message, error: null }) as const

const options: TreeOptions = {
  nameOf: address => `<${address}>`,
  depth: 100,
  hasStorage: true,
}
const lines = (calls: readonly ReadableCall[], given: Partial<TreeOptions> = {}): string[] =>
  callTreeLines(calls, { ...options, ...given }).map(stripVTControlCharacters)

const BOUGHT = call({
  args: { amount: 3n, note: 'ok' },
  value: '1500000000',
  gasUsed: '1234567',
  ownGas: '1000000',
  outcome: { kind: 'returned', data: '0x03', returned: 3n },
  steps: [
    {
      kind: 'write',
      key: '0x00',
      before: '0x01',
      after: '0x02',
      stored: { field: 'sold', keys: [], part: null, before: 1n, after: 2n },
    },
    inside({
      contract: 'gold',
      method: 'transfer',
      args: { to: 'x' },
      gasUsed: '234567',
      ownGas: '234567',
      steps: [
        {
          kind: 'write',
          key: '0x01',
          before: null,
          after: '0x02',
          stored: { field: 'held', keys: ['Ada', 2], part: null, before: null, after: 7n },
        },
        {
          kind: 'write',
          key: '0x0203',
          before: '0x09',
          after: null,
          stored: null,
        },
        { kind: 'event', topics: [], data: '0x', name: 'Moved', fields: { amount: 7n } },
      ],
    }),
    { kind: 'transfer', to: 'bob', amount: '500000000' },
    { kind: 'log', message: 'two\nlines' },
    { kind: 'event', topics: ['0x41', '0xaa'], data: '0xbb', name: '\u001b[31mA', fields: null },
  ],
})

describe('the tree of calls', () => {
  it('has what each call stored, called, paid, said, emitted and returned, in order', () => {
    expect(lines([BOUGHT])).toEqual([
      '<market>.buy(amount: 3, note: "ok") with 1.5 VEX  1,234,567 gas, 1,000,000 its own',
      '├ sold 1 → 2',
      '├ <gold>.transfer(to: "x")  234,567 gas',
      '│ ├ held["Ada"][2] nothing → 7',
      '│ ├ storage 0x0203 0x09 → nothing',
      '│ └ event Moved(amount: 7)',
      '├ pays 0.5 VEX to <bob>',
      '├ log "two\\nlines"',
      '├ event "\\u001b[31mA"(0xaa, 0xbb)',
      '└ returned 3',
    ])
  })

  it('leaves out storage, and calls below a depth, if that is asked for', () => {
    expect(lines([BOUGHT], { hasStorage: false, depth: 1 })).toEqual([
      '<market>.buy(amount: 3, note: "ok") with 1.5 VEX  1,234,567 gas, 1,000,000 its own',
      '├ pays 0.5 VEX to <bob>',
      '├ log "two\\nlines"',
      '├ event "\\u001b[31mA"(0xaa, 0xbb)',
      '├ … 1 call inside',
      '└ returned 3',
    ])
  })

  it('marks what did not last once, at the outermost', () => {
    const failing = call({
      isUndone: true,
      outcome: { kind: 'failed', code: 'trapped', message: 'division by zero' },
      steps: [inside({ isUndone: true, outcome: reverted('no') })],
    })
    const survived = call({ steps: [{ kind: 'call', call: failing }] })
    expect(lines([survived])).toEqual([
      '<market>.buy()  5,000 gas',
      '└ <market>.buy()  5,000 gas  ! undone',
      '  ├ <market>.buy()  5,000 gas',
      '  │ └ ✗ reverted no',
      '  └ ✗ trapped division by zero',
    ])
  })

  it('shows a contract’s own error with its fields, and says what is no plain call', () => {
    const error = { name: 'TooMany', fields: { wanted: 5, most: 3 } }
    const outcome = { kind: 'reverted', data: '0x01', message: 'TooMany', error } as const
    expect(lines([call({ kind: 'deploy', method: 'init', outcome })])).toEqual([
      'deploy <market>.init()  5,000 gas',
      '└ ✗ reverted TooMany(wanted: 5, most: 3)',
    ])
    expect(lines([call({ kind: 'view' })])).toEqual(['view <market>.buy()  5,000 gas'])
  })

  it('is raw and short where nothing is known', () => {
    const data = `0x${'ab'.repeat(100)}`
    const unknown = call({
      args: null,
      argsData: data,
      method: 'a b',
      outcome: { kind: 'returned', data, returned: null },
    })
    const cut = `0x${'ab'.repeat(39)}… (100 bytes)`
    expect(lines([unknown])).toEqual([`<market>."a b"(${cut})  5,000 gas`, `└ returned ${cut}`])
  })
})

describe('the names of contracts in a trace', () => {
  const book = { short: (address: string) => `short ${address}` } as AddressBook
  const named = (calls: readonly ReadableCall[]) => nameTraced({ calls, stepsCut: 0, failure: null }, book)

  it('are those of their classes, with the address where two have one', () => {
    const { nameOf, contracts } = named([
      call({
        steps: [
          inside({ contract: 'gold', contractName: 'Token' }),
          inside({ contract: 'silver', contractName: 'Token' }),
          inside({ contract: 'raw', contractName: null }),
        ],
      }),
    ])
    expect(['market', 'gold', 'silver', 'raw', 'dev'].map(nameOf)).toEqual([
      'Market',
      'Token short gold',
      'Token short silver',
      'short raw',
      'short dev',
    ])
    expect(contracts).toEqual([
      ['Market', 'market'],
      ['Token', 'gold'],
      ['Token', 'silver'],
      [null, 'raw'],
    ])
  })

  it('are no disguise: a class called like a development account shows its address', () => {
    expect(named([call({ contractName: 'dev1' })]).nameOf('market')).toBe('dev1 short market')
  })
})
