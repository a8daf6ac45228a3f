import { bech32, bech32m } from '@scure/base'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  AddressError,
  contractAddress,
  formatAddress,
  parseAddress,
  publicKeyToAddress,
} from '../../../node/crypto/address.ts'
import { fromHex, toAddress, toHex } from '../../../node/types/primitives.ts'

const address = toAddress(Uint8Array.from({ length: 32 }, (_, i) => i))
const shown = formatAddress(address)
const CHARACTERS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'

describe('an address', () => {
  test('is shown as bech32m with the prefix vex, and read back', () => {
    expect(shown).toMatch(/^vex1[02-9ac-hj-np-z]{58}$/)
    expect(parseAddress(shown)).toEqual(address)
    expect(parseAddress(shown.toUpperCase())).toEqual(address)
  })

  test('with up to three mistyped characters is refused', () => {
    const typo = fc.tuple(fc.integer({ min: 4, max: shown.length - 1 }), fc.integer({ min: 1, max: 31 }))
    fc.assert(
      fc.property(fc.uniqueArray(typo, { selector: ([at]) => at, minLength: 1, maxLength: 3 }), typos => {
        const characters = shown.split('')
        for (const [at, by] of typos) {
          characters[at] = CHARACTERS[(CHARACTERS.indexOf(shown.charAt(at)) + by) % 32] as string
        }
        expect(() => parseAddress(characters.join(''))).toThrow(AddressError)
      }),
      { numRuns: 1000 },
    )
  })

  test.each([
    ['nothing', ''],
    ['its hex form', toHex(address)],
    ['mixed case', `${shown.slice(0, -1)}${shown.slice(-1).toUpperCase()}Q`],
    ['a missing character', shown.slice(0, -1)],
    ['an added character', `${shown}q`],
    ['two characters swapped', `${shown.slice(0, 10)}${shown[11]}${shown[10]}${shown.slice(12)}`],
    ['spaces around', ` ${shown} `],
    ['the older bech32 checksum', bech32.encodeFromBytes('vex', address)],
  ])('as %s is refused', (_, text) => {
    expect(() => parseAddress(text)).toThrow(/is not a Vex address/)
  })

  test.each([
    ['a word', 'nope', 'it does not begin with vex1'],
    ['its hex form', `0x${toHex(address)}`, 'it does not begin with vex1'],
    ['an abbreviation', `${shown.slice(0, 10)}…`, 'no address has the character "…"'],
    ['a character of no address', shown.replace(/.$/, 'b'), 'no address has the character "b"'],
    ['a missing character', shown.slice(0, -1), 'it is too short: 61 characters instead of 62'],
    ['an added character', `${shown}q`, 'it is too long: 63 characters instead of 62'],
    ['mixed case', `${shown.slice(0, -1)}Q`, 'it mixes capital and small letters'],
    ['two characters swapped', `${shown.slice(0, 10)}${shown[11]}${shown[10]}${shown.slice(12)}`, 'checksum'],
  ])('as %s is refused for what is wrong with it', (_, text, reason) => {
    expect(() => parseAddress(text)).toThrow(reason)
  })

  test('of another chain is refused, and both prefixes are named', () => {
    const cosmos = bech32m.encodeFromBytes('cosmos', address)
    expect(() => parseAddress(cosmos)).toThrow(/starts with "cosmos"; a Vex address starts with "vex1"/)
  })

  test.each([0, 20, 31, 33])('of %d bytes is refused', length => {
    const text = bech32m.encodeFromBytes('vex', new Uint8Array(length))
    expect(() => parseAddress(text)).toThrow(new RegExp(`holds ${length} bytes`))
  })

  test('a very long text is cut in the message', () => {
    try {
      parseAddress('x'.repeat(10_000))
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(250)
    }
    expect.assertions(1)
  })
})

describe('addresses are derived', () => {
  test('from a public key', () => {
    expect(toHex(publicKeyToAddress(fromHex('11'.repeat(32))))).toBe(
      'adb1c7dd8b68903f97f39a0f5d320ee9d7bd51a297701ad8f2303570f2eab9f2',
    )
  })

  test('from deployer, nonce and index, each of which counts', () => {
    expect(toHex(contractAddress(address, 5n))).toBe(
      '6b816c6fd102923e78edd2495364ec66f1fba4bcd76a8a983a70e609cf8d4f5c',
    )
    const all = [
      contractAddress(address, 5n),
      contractAddress(address, 5n, 1),
      contractAddress(address, 6n),
      contractAddress(publicKeyToAddress(fromHex('11'.repeat(32))), 5n),
    ]
    expect(new Set(all.map(toHex)).size).toBe(4)
  })
})
