import { beforeAll, describe, expect, it } from 'vitest'
import { formatAddress } from '../../../node/crypto/address.ts'
import { type ReadableCall, type ReadableStep, readTrace } from '../../../node/diagnostics/readable-trace.ts'
import type { Address } from '../../../node/types/primitives.ts'
import { alice, TracedChain } from './traced-chain.ts'

let chain: TracedChain
let faulty: Address
let relay: Address
let caller: Address
beforeAll(async () => {
  chain = await TracedChain.with('faulty', 'relay', 'caller')
  faulty = chain.deploy('faulty')
  relay = chain.deploy('relay', [formatAddress(faulty)])
  caller = chain.deploy('caller')
})

const only = (calls: readonly ReadableCall[]): ReadableCall => {
  expect(calls).toHaveLength(1)
  return calls[0] as ReadableCall
}
const read = (
  name: string,
  at: Address,
  method: string,
  args: readonly unknown[],
  value = 0n,
): ReadableCall => only(readTrace(chain.trace(chain.callOf(name, at, method, args, value)).trace).calls)
const steps = <K extends ReadableStep['kind']>(
  call: ReadableCall,
  kind: K,
): Extract<ReadableStep, { kind: K }>[] =>
  call.steps.filter((step): step is Extract<ReadableStep, { kind: K }> => step.kind === kind)

describe('a trace in the contracts’ words', () => {
  it('has arguments by name, results, and stored values by field and key', () => {
    const call = read('relay', relay, 'fill', [3])
    expect(call).toMatchObject({ contractName: 'Relay', method: 'fill', args: { until: 3 } })
    const inner = only(steps(call, 'call').map(step => step.call))
    expect(inner).toMatchObject({ contractName: 'Faulty', args: { until: 3 }, argsData: '0x03000000' })
    expect(inner.outcome).toEqual({ kind: 'returned', data: '0x', returned: null })
    expect(steps(inner, 'write').map(({ stored }) => stored)).toEqual(
      [0n, 1n, 4n].map((after, i) => ({ field: 'squares', keys: [i], part: null, before: null, after })),
    )
    const divided = read('faulty', faulty, 'divide', [7])
    expect(divided.outcome).toEqual({ kind: 'returned', data: '0x07000000', returned: 7 })
  })

  it('has each call’s own gas beside what it used with all inside', () => {
    const call = read('relay', relay, 'fill', [3])
    const inner = only(steps(call, 'call').map(step => step.call))
    expect(BigInt(call.ownGas)).toBe(BigInt(call.gasUsed) - BigInt(inner.gasUsed))
    expect(inner.ownGas).toBe(inner.gasUsed)
  })

  it('has a contract’s own error, also where another passes it on', () => {
    const call = read('relay', relay, 'fill', [101])
    const error = { name: 'TooMany', fields: { wanted: 101, most: 100 } }
    expect(call.outcome).toMatchObject({ kind: 'reverted', message: 'TooMany', error })
    expect(steps(call, 'call')[0]?.call.outcome).toMatchObject({ kind: 'reverted', error })
    expect(read('faulty', faulty, 'refuse', []).outcome).toMatchObject({ message: 'not today', error: null })
  })

  it('has payments and value', () => {
    chain.send(chain.callOf('caller', caller, 'keep', [], 50n))
    const to = formatAddress(alice.address)
    const paid = read('caller', caller, 'payOut', [to, 20n])
    expect(paid.args).toEqual({ to, amount: 20n })
    expect(paid.steps).toEqual([{ kind: 'transfer', to, amount: '20' }])
    expect(read('caller', caller, 'keep', [], 3n).value).toBe('3')
  })

  it('is raw where the ABI does not fit, or is not there', () => {
    const { trace } = chain.trace(chain.callOf('relay', relay, 'fill', [2]))
    const hashes = Object.keys(trace.abis)
    const bare = only(
      readTrace({ ...trace, abis: Object.fromEntries(hashes.map(hash => [hash, null])) }).calls,
    )
    expect(bare).toMatchObject({ contractName: null, args: null, argsData: '0x02000000' })
    const inner = only(steps(bare, 'call').map(step => step.call))
    expect(steps(inner, 'write').map(({ stored }) => stored)).toEqual([null, null])
    expect(inner.outcome).toEqual({ kind: 'returned', data: '0x', returned: null })

    const call = trace.calls[0]
    if (call === undefined) throw new Error('no call')
    const odd = only(
      readTrace({
        ...trace,
        calls: [
          {
            ...call,
            args: '0x0200',
            outcome: { kind: 'returned', data: '0x01' },
            steps: [
              { kind: 'write', key: '0x01', before: null, after: '0x010203' },
              { kind: 'event', topics: ['0x4e6f6e65'], data: '0xff' },
            ],
          },
        ],
      }).calls,
    )
    expect(odd).toMatchObject({
      args: null,
      outcome: { returned: null, data: '0x01' },
      steps: [
        { stored: null, after: '0x010203' },
        { name: 'None', fields: null, data: '0xff' },
      ],
    })
  })
})
