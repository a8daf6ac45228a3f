import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import * as inputs from '../../../node/api/inputs.ts'
import { formatAddress } from '../../../node/crypto/address.ts'
import { MAX_U64 } from '../../../node/types/primitives.ts'
import { testAccount } from '../../support/transactions.ts'

const { address } = testAccount('bob')
const bob = formatAddress(address)

const mistakeIn = (schema: z.ZodType, value: unknown): string => {
  const result = schema.safeParse(value)
  if (result.success) throw new Error(`taken: ${JSON.stringify(value)}`)
  return inputs.describeIssues(result.error.issues)
}

describe('inputs', () => {
  it('take a u64 as a decimal string, a bigint, or a number that is exact', () => {
    for (const value of ['0', 0, 0n]) expect(inputs.u64.parse(value)).toBe(0n)
    expect(inputs.u64.parse(String(MAX_U64))).toBe(MAX_U64)
    expect(inputs.u64.parse(Number.MAX_SAFE_INTEGER)).toBe(BigInt(Number.MAX_SAFE_INTEGER))
  })

  it.each([
    '',
    ' 1',
    '-1',
    '+1',
    '1.0',
    '1e3',
    '0x10',
    String(MAX_U64 + 1n),
    1.5,
    -1,
    2 ** 53,
    NaN,
    null,
    {},
    [],
  ])('refuse %j as a u64', value => {
    expect(mistakeIn(inputs.u64, value)).toBe(
      'expected an integer from 0 to 18446744073709551615, as a decimal string',
    )
  })

  it('take bytes as hex of an even length, up to their limit', () => {
    const two = inputs.bytes(2)
    expect([...two.parse('0x01fF')]).toEqual([1, 255])
    expect([...two.parse('01ff')]).toEqual([1, 255])
    expect(two.parse('0x')).toHaveLength(0)
    expect(mistakeIn(two, '0x010203')).toMatch(/the 2 bytes/)
    expect(mistakeIn(two, '0x1')).toMatch(/even number/)
    expect(mistakeIn(two, '0xgg')).toMatch(/digits/)
  })

  it('take an address with a checksum that holds', () => {
    expect(inputs.address.parse(bob)).toEqual(address)
    const mistyped = bob.replace(/.$/, last => (last === 'q' ? 'p' : 'q'))
    expect(mistakeIn(inputs.address, mistyped)).toMatch(/checksum does not hold/)
    expect(mistakeIn(inputs.address, bob.replace('vex', 'Vex'))).toMatch(/mixes capital and small letters/)
  })

  it('take a block by exactly one of its names', () => {
    expect(inputs.blockSelector.parse({ height: 7 })).toEqual({ height: 7n })
    expect(inputs.blockSelector.parse({ tag: 'genesis' })).toEqual({ tag: 'genesis' })
    for (const value of [{}, null, 5, { height: 1, tag: 'latest' }, { number: 1 }])
      expect(mistakeIn(inputs.blockSelector, value)).toBe(
        'name a block by one of: height, hash, tag ("latest" or "genesis")',
      )
    expect(mistakeIn(inputs.blockSelector, { hash: '0x12' })).toMatch(/^hash: a hash is 32 bytes/)
  })

  it('give an action with the defaults of what was left out', () => {
    const call = { kind: 'call', contract: bob, method: 'm' }
    expect(inputs.action.parse({ kind: 'batch', actions: [call] })).toEqual({
      kind: 'batch',
      actions: [{ kind: 'call', contract: address, method: 'm', args: new Uint8Array(0), value: 0n }],
    })
    expect(inputs.action.parse({ kind: 'setOwner', contract: bob })).toEqual({
      kind: 'setOwner',
      contract: address,
      owner: undefined,
    })
  })

  it('take stake actions, with an amount of everything where none is given', () => {
    expect(inputs.action.parse({ kind: 'undelegate', validator: bob })).toMatchObject({
      kind: 'undelegate',
      amount: undefined,
    })
    expect(inputs.action.parse({ kind: 'delegate', validator: bob, amount: '5' })).toMatchObject({
      amount: 5n,
    })
    expect(
      mistakeIn(inputs.action, {
        kind: 'registerValidator',
        voteKey: '0x00',
        proofOfPossession: `0x${'00'.repeat(96)}`,
        vrfKey: `0x${'00'.repeat(32)}`,
        vrfProof: `0x${'00'.repeat(80)}`,
        commissionBps: 0,
        stake: '1',
      }),
    ).toBe('voteKey: expected 48 bytes (96 hex digits)')
    expect(mistakeIn(inputs.action, { kind: 'submitEvidence', evidence: '0x05' })).toMatch(
      /^evidence: Evidence is malformed/,
    )
  })

  it('say which kinds of action there are', () => {
    expect(mistakeIn(inputs.action, { kind: 'mint' })).toBe(
      'kind: expected a kind of action: transfer, deploy, call, upgrade, setOwner, registerValidator, editValidator, delegate, undelegate, withdraw, claimRewards, unjail, submitEvidence, batch',
    )
    expect(mistakeIn(inputs.action, { kind: 'batch', actions: [{ kind: 'batch', actions: [] }] })).toBe(
      'actions.0.kind: expected a kind of action: transfer, deploy, call, upgrade, setOwner, registerValidator, editValidator, delegate, undelegate, withdraw, claimRewards, unjail, submitEvidence',
    )
  })

  it('name the first mistakes of many', () => {
    const transfers = Array.from({ length: 16 }, () => ({ kind: 'transfer', to: bob, amount: '-1' }))
    const message = mistakeIn(inputs.action, { kind: 'batch', actions: transfers })
    expect(message).toMatch(/^actions.0.amount: .*; actions.2.amount: .*; and 13 more$/)
  })
})
