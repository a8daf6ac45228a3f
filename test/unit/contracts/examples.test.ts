import { stat } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { type BuiltContract } from '../../../contracts/sdk/build.ts'
import { buildExamples } from '../../../contracts/build.ts'
import { account, built, Sandbox, shown } from './sandbox.ts'

const AT = account(9)

describe('the counter', () => {
  const chain = new Sandbox()
  beforeAll(async () => chain.deploy(AT, await built('contracts/counter/counter.ts')))

  it('counts, and remembers who counted last', () => {
    chain.call(AT, 'init')
    expect(chain.call(AT, 'get')).toBe(0n)
    expect(chain.call(AT, 'increment', [5], { caller: account(1) })).toBe(5n)
    expect(chain.call(AT, 'increment', [2], { caller: account(2) })).toBe(7n)
    expect(chain.decodedEvents()).toEqual([
      { name: 'Incremented', fields: { by: shown(account(2)), count: 7n } },
    ])
    expect(chain.call(AT, 'get')).toBe(7n)
    expect(chain.call(AT, 'lastBy')).toBe(shown(account(2)))
  })

  it('does not wrap around', () => {
    expect(() => chain.call(AT, 'increment', [(1n << 64n) - 1n])).toThrow('reverted: addition overflows')
  })
})

describe('the compute contract', () => {
  const chain = new Sandbox()
  beforeAll(async () => chain.deploy(AT, await built('contracts/compute/compute.ts')))

  /** The same in arbitrary precision. */
  const mixReference = (iterations: bigint): bigint => {
    let x = 0x123456789abcdefn
    for (let i = 0n; i < iterations; i++) x = BigInt.asUintN(64, (x ^ (x >> 13n)) * 0x9e3779b97f4a7c15n + i)
    return x
  }

  it.each([0, 1, 2, 1_000])('mixes %i times as the reference does', iterations => {
    expect(chain.call(AT, 'mix', [iterations])).toBe(mixReference(BigInt(iterations)))
  })
})

describe('the build', () => {
  let first: BuiltContract[]
  beforeAll(async () => {
    first = await buildExamples()
  })

  it('keeps the examples small', () => {
    const sizes = new Map(first.map(({ name, wasmBytes }) => [name, wasmBytes]))
    expect(sizes.get('counter')).toBeLessThanOrEqual(4 * 1024)
    expect(sizes.get('token')).toBeLessThanOrEqual(12 * 1024)
  })

  it('leaves an unchanged contract alone', async () => {
    const { mtimeMs } = await stat(first[0]?.wasmPath ?? '')
    const again = await buildExamples()
    expect(again.map(({ isRebuilt }) => isRebuilt)).toEqual(again.map(() => false))
    expect((await stat(first[0]?.wasmPath ?? '')).mtimeMs).toBe(mtimeMs)
  })
})
