/** Ownership, roles and pause as storage fields; typed errors; addresses and BCS by the author's own hand. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { publicKeyToAddress } from '../../../node/crypto/address.ts'
import { toHex } from '../../../node/types/primitives.ts'
import { compileText, contract } from './compile-text.ts'
import { account, built, type CompiledSource, Sandbox, shown } from './sandbox.ts'

const AT = account(9)
const [ALICE, BOB, CAROL] = [account(1), account(2), account(3)]
const NOBODY = shown(account(0))

let code: CompiledSource
let chain: Sandbox
beforeAll(async () => {
  code = await built('test/fixtures/contracts/shelf.ts')
})
beforeEach(() => {
  chain = new Sandbox()
  chain.deploy(AT, code)
})
const callAs = (caller: Uint8Array, method: string, ...args: unknown[]): unknown =>
  chain.call(AT, method, args, { caller })
const call = (method: string, ...args: unknown[]): unknown => callAs(ALICE, method, ...args)
const events = (): unknown[] => chain.decodedEvents()
const storedKeys = (): number => chain.contracts.get(toHex(AT))?.storage.size ?? 0

describe('ownership', () => {
  const passed = (from: string, to: string): object => ({ name: 'OwnershipPassed', fields: { from, to } })
  beforeEach(() => {
    call('own', shown(ALICE))
  })

  it('begins with whom @init names', () => {
    expect(events()).toEqual([passed(NOBODY, shown(ALICE))])
    expect(call('ownedBy')).toBe(shown(ALICE))
  })

  it('lets the owner alone do what is for the owner', () => {
    call('asOwner')
    for (const method of ['asOwner', 'renounce'])
      expect(() => callAs(BOB, method)).toThrow(`NotOwner(caller: ${shown(BOB)})`)
    expect(() => callAs(BOB, 'offer', shown(BOB))).toThrow('NotOwner')
  })

  it('passes only when the one it was offered to accepts', () => {
    call('offer', shown(CAROL))
    call('offer', shown(BOB))
    expect(events()).toEqual([{ name: 'OwnershipOffered', fields: { from: shown(ALICE), to: shown(BOB) } }])
    expect(call('ownedBy')).toBe(shown(ALICE))
    expect(() => callAs(CAROL, 'accept')).toThrow(`NotOffered(caller: ${shown(CAROL)})`)
    callAs(BOB, 'accept')
    expect(events()).toEqual([passed(shown(ALICE), shown(BOB))])
    expect(call('ownedBy')).toBe(shown(BOB))
    expect(() => callAs(BOB, 'accept')).toThrow('NotOffered')
    expect(() => call('asOwner')).toThrow('NotOwner')
  })

  it('ends for ever when it is renounced, and takes an open offer with it', () => {
    call('offer', shown(BOB))
    call('renounce')
    expect(events()).toEqual([passed(shown(ALICE), NOBODY)])
    expect([call('ownedBy'), storedKeys()]).toEqual([NOBODY, 0])
    expect(() => callAs(BOB, 'accept')).toThrow('NotOffered')
    expect(() => call('asOwner')).toThrow('NotOwner')
  })
})

describe('a role', () => {
  it('is what its holders alone may act in, until it is revoked', () => {
    call('grant', 3, shown(BOB))
    expect(events()).toEqual([{ name: 'RoleGranted', fields: { role: 3, account: shown(BOB) } }])
    expect([
      call('hasRole', 3, shown(BOB)),
      call('hasRole', 4, shown(BOB)),
      call('hasRole', 3, NOBODY),
    ]).toEqual([true, false, false])
    callAs(BOB, 'inRole', 3)
    expect(() => callAs(BOB, 'inRole', 4)).toThrow(`MissingRole(role: 4, caller: ${shown(BOB)})`)
    call('revoke', 3, shown(BOB))
    expect(events()).toEqual([{ name: 'RoleRevoked', fields: { role: 3, account: shown(BOB) } }])
    expect(() => callAs(BOB, 'inRole', 3)).toThrow('MissingRole')
    expect(storedKeys()).toBe(0)
  })

  it('is granted and revoked once', () => {
    call('grant', 3, shown(BOB))
    call('grant', 3, shown(BOB))
    expect(events()).toEqual([])
    call('revoke', 3, shown(CAROL))
    expect(events()).toEqual([])
  })
})

describe('a pause', () => {
  it('stops what runs only in between', () => {
    call('work')
    call('stop')
    expect(events()).toEqual([{ name: 'Paused', fields: { by: shown(ALICE) } }])
    expect(call('isStopped')).toBe(true)
    for (const method of ['work', 'stop']) expect(() => call(method)).toThrow('IsPaused')
    callAs(BOB, 'go')
    expect(events()).toEqual([{ name: 'Resumed', fields: { by: shown(BOB) } }])
    call('work')
    expect(() => call('go')).toThrow('NotPaused')
  })
})

describe('a component', () => {
  it('that a contract does not use adds nothing to it', async () => {
    const plain = contract('private readonly n: Value<u64>\n @view n1(): u64 { return this.n.get() }')
    const importing = plain.replace('Value,', 'Value, Ownership, Roles, Pause, Vector, OrderedSet, u256,')
    const [a, b] = [await compileText({ 'main.ts': plain }), await compileText({ 'main.ts': importing })]
    expect(b.wasm).toEqual(a.wasm)
  })

  it('brings its events and errors into the ABI of the contract that uses it, and no others', () => {
    const abi = chain.abiOf(AT)
    expect(abi.events.map(({ name }) => name).sort()).toEqual(
      ['OwnershipOffered', 'OwnershipPassed', 'RoleGranted', 'RoleRevoked', 'Paused', 'Resumed'].sort(),
    )
    expect(abi.errors.map(({ name }) => name).sort()).toEqual(
      ['TooSmall', 'NotOwner', 'NotOffered', 'MissingRole', 'IsPaused', 'NotPaused'].sort(),
    )
  })
})

describe('a typed error', () => {
  it('is a 1, its name and its fields in BCS', () => {
    const args = new Uint8Array(16).fill(0)
    args[0] = 5
    const outcome = chain.callRaw(AT, 'fail', args)
    expect(outcome.kind === 'reverted' && toHex(outcome.data)).toBe(
      `01${toHex(Buffer.from('\u0008TooSmall'))}0500000000000000${'00'.repeat(8)}${toHex(Buffer.from('\u0009too small'))}`,
    )
  })
})

describe('an author', () => {
  it('makes the address of a public key as the chain does', () => {
    for (const key of [account(0), account(7), Uint8Array.from({ length: 32 }, (_, i) => i)])
      expect(call('account', `0x${toHex(key)}`)).toBe(shown(publicKeyToAddress(key)))
    expect(() => call('account', '0x00')).toThrow('reverted: a public key takes 32 bytes')
  })

  it('writes and reads BCS by hand, strictly', () => {
    const order = { maker: shown(AT), price: { amount: 5n, decimals: 2 }, memo: 'hé', tags: [1, 2] }
    const bytes = call('written', order) as string
    expect(bytes).toBe(`0x${'09'.repeat(32)}0500000000000000020368c3a90201000200`)
    expect(call('read', bytes)).toEqual(order)
    expect(() => call('read', `${bytes}00`)).toThrow('reverted: bad order: too long')
    expect(() => call('read', bytes.slice(0, -2))).toThrow('reverted: bad order: too short')
  })
})
