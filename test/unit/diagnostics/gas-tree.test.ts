import { beforeAll, describe, expect, it } from 'vitest'
import { formatAddress } from '../../../node/crypto/address.ts'
import { buildGasTree, type GasFrame, type GasTree } from '../../../node/diagnostics/gas-tree.ts'
import { NO_SYMBOLS } from '../../../node/diagnostics/symbol-store.ts'
import type { Address } from '../../../node/types/primitives.ts'
import { FIXTURES, placeIn } from '../../support/place-in.ts'
import { alice, TracedChain, type TracedTransaction } from './traced-chain.ts'

let chain: TracedChain
let faulty: Address
let relay: Address
beforeAll(async () => {
  chain = await TracedChain.with('faulty', 'relay')
  faulty = chain.deploy('faulty')
  relay = chain.deploy('relay', [formatAddress(faulty)])
})

const treeOf = ({ trace, receipt }: TracedTransaction, symbols = chain.symbols): GasTree =>
  buildGasTree(trace, receipt.gasUsed, symbols)
const call = (method: string, args: readonly unknown[], gasLimit?: bigint): TracedTransaction =>
  chain.trace(chain.callOf('relay', relay, method, args), gasLimit)

const all = (frame: GasFrame): GasFrame[] => [frame, ...frame.children.flatMap(all)]
/** The names on the way to the first frame that `isWanted`. */
const wayTo = (frame: GasFrame, isWanted: (frame: GasFrame) => boolean): string[] | undefined => {
  if (isWanted(frame)) return [frame.name]
  for (const child of frame.children) {
    const way = wayTo(child, isWanted)
    if (way !== undefined) return [frame.name, ...way]
  }
  return undefined
}
const lineOf = (...place: Parameters<typeof placeIn>): string => String(placeIn(...place).split(':')[0])

describe('the frames of a transaction’s gas', () => {
  const cases: (readonly [string, () => TracedTransaction])[] = [
    ['of a call of a contract that calls another', () => call('fill', [20])],
    ['of one that reverts', () => call('fill', [101])],
    ['of one that traps in another contract', () => call('divide', [0])],
    ['of one that runs out of gas there', () => call('fill', [90], 2_000_000n)],
    [
      'of one whose callee is not there',
      () => chain.trace(chain.callOf('faulty', alice.address, 'refuse', [])),
    ],
    ['of a deploy', () => chain.trace(chain.deployOf('relay', [formatAddress(faulty)]))],
    ['of a transfer', () => chain.trace({ kind: 'transfer', to: testAddress(), amount: 1n })],
    [
      'of a batch',
      () =>
        chain.trace({
          kind: 'batch',
          actions: [
            chain.callOf('relay', relay, 'fill', [3]),
            { kind: 'transfer', to: testAddress(), amount: 1n },
            chain.callOf('faulty', faulty, 'divide', [5]),
          ],
        }),
    ],
  ]
  const testAddress = (): Address => alice.address

  it.each(cases)('%s add up to the gas that it used, at every frame', (_, run) => {
    const transaction = run()
    const { root, lost, withoutSymbols } = treeOf(transaction)
    expect(root.gas + lost).toBe(transaction.receipt.gasUsed)
    expect(withoutSymbols).toEqual([])
    for (const { name, gas, own, children } of all(root)) {
      const inside = children.reduce((sum, child) => sum + child.gas, 0n)
      expect({ name, gas }).toEqual({ name, gas: own + inside })
      expect(own).toBeGreaterThanOrEqual(0n)
    }
  })

  it('lead through the lines of one contract into those of the next, down to the host function', () => {
    const { root, lost, withoutSymbols } = treeOf(call('fill', [20]))
    expect([lost, withoutSymbols]).toEqual([0n, []])
    const line = (name: string, text: string, after?: string): string =>
      `${name}.ts:${lineOf(name, text, after)}`
    const way = wayTo(root, ({ name }) => name === 'storage_write')
    expect(way).toEqual([
      'transaction',
      'Relay.fill',
      `${line('relay', 'at<Faulty>', 'fill(')} Relay.fill`,
      expect.stringContaining('Call.'),
      'Faulty.fill',
      `${line('faulty', 'this.squares.set')} Faulty.fill`,
      expect.stringContaining('writeAt'),
      'storage_write',
    ])
  })

  it('name the dearest first: twenty writes', () => {
    const { root } = treeOf(call('fill', [20]))
    const writes = all(root).filter(({ name }) => name === 'storage_write')
    expect(writes).toHaveLength(1)
    expect(writes[0]?.gas).toBeGreaterThan(20n * 100_000n)
    for (const { children } of all(root))
      expect(children.map(({ gas }) => gas)).toEqual(
        children.map(({ gas }) => gas).toSorted((a, b) => (a > b ? -1 : a < b ? 1 : 0)),
      )
  })

  it('have the path of the file and the text of the line', () => {
    const frame = all(treeOf(call('fill', [2])).root).find(
      ({ kind, name }) => kind === 'line' && name.startsWith('faulty.ts') && name.endsWith('Faulty.fill'),
    )
    expect(frame?.details[0]).toMatch(new RegExp(`^${FIXTURES}/faulty\\.ts:\\d+$`))
    expect(frame?.details[1]).toMatch(/\S/)
  })

  it('leave out what a trap took, and say how much', () => {
    const transaction = call('divide', [0])
    const { root, lost } = treeOf(transaction)
    expect(lost).toBeGreaterThan(90_000_000n)
    expect(root.gas).toBeLessThan(1_000_000n)
    // What the compiler left no line for is in that of the method.
    const way = wayTo(root, ({ name }) => name === 'storage_write')
    expect(way).toContain(`faulty.ts:${lineOf('faulty', 'divide(')} Faulty.divide`)
  })

  it('are functions by number where no symbols are known, and it says of which contracts', () => {
    const { root, withoutSymbols } = treeOf(call('fill', [20]), NO_SYMBOLS)
    expect(withoutSymbols).toEqual(['Relay', 'Faulty'])
    const frames = all(root)
    expect(frames.some(({ kind }) => kind === 'line')).toBe(false)
    expect(
      frames.filter(({ kind }) => kind === 'function').every(({ name }) => /^function \d+$/.test(name)),
    ).toBe(true)
    expect(wayTo(root, ({ name }) => name === 'storage_write')).toEqual(
      expect.arrayContaining(['Relay.fill', 'Faulty.fill']),
    )
  })

  it('are the calls alone where the trace holds no gas', () => {
    const { trace, receipt } = call('fill', [2])
    const { root } = buildGasTree(
      { ...trace, calls: trace.calls.map(each => ({ ...each, gas: null })) },
      receipt.gasUsed,
      chain.symbols,
    )
    expect(root.gas).toBe(receipt.gasUsed)
    expect(wayTo(root, ({ name }) => name === 'Faulty.fill')).toEqual([
      'transaction',
      'Relay.fill',
      'Faulty.fill',
    ])
  })
})
