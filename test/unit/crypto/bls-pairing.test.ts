/** The portable pairing against blst, which checks the chain's own signatures. */
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { describe, expect, test } from 'vitest'
import { blsPairing } from '../../../node/crypto/bls-pairing.ts'
import {
  blsAggregate,
  blsPublicKeyOf,
  blsSecretKeyFromSeed,
  blsSign,
  blsVerifyAggregate,
  blsVerifyStrangers,
} from '../../../node/crypto/bls.ts'

const SUITE = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_'
const G1 = bls12_381.G1.Point
const G2 = bls12_381.G2.Point
const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
const MINUS_G1 = G1.BASE.negate().toBytes(true)
const NO_G1 = G1.ZERO.toBytes(true)
const NO_G2 = G2.ZERO.toBytes(true)

const secrets = [1, 2, 3].map(n => blsSecretKeyFromSeed(new Uint8Array(32).fill(n)))
const keys = secrets.map(blsPublicKeyOf)
const message = Buffer.from('vote')
const hashed = bls12_381.longSignatures.hash(message, SUITE).toBytes(true)
const signatures = secrets.map(secret => blsSign(secret, message))
const [key, signature] = [keys[0] as Uint8Array, signatures[0] as Uint8Array]

describe('a product of pairings', () => {
  test('is one for a signature that blst made, and not for another', () => {
    expect(blsPairing([join(key, hashed), join(MINUS_G1, signature)])).toBe(true)
    expect(blsPairing([join(key, hashed), join(MINUS_G1, signatures[1] as Uint8Array)])).toBe(false)
    expect(blsPairing([join(key, hashed)])).toBe(false)
  })
  test('sums up over keys as an aggregate does', () => {
    const pairs = keys.map(each => join(each, hashed))
    expect(blsPairing([...pairs, join(MINUS_G1, blsAggregate(signatures))])).toBe(true)
  })
  test('is one without pairs; pairs with infinity change nothing', () => {
    expect(blsPairing([])).toBe(true)
    expect(blsPairing([join(NO_G1, hashed), join(key, NO_G2)])).toBe(true)
  })
  const flipped = (bytes: Uint8Array, at: number, bits: number): Uint8Array => {
    const copy = Uint8Array.from(bytes)
    copy[at] = (copy[at] as number) ^ bits
    return copy
  }
  /** (0, 2) is on the curve and has order 3. */
  const outsideGroup = new Uint8Array(48)
  outsideGroup[0] = 0x80
  test.each([
    ['that claims not to be compressed', flipped(key, 0, 0x80)],
    ['with an infinity flag and more', flipped(key, 0, 0x40)],
    ['at infinity with a sign', flipped(NO_G1, 0, 0x20)],
    ['at infinity with a coordinate', flipped(NO_G1, 47, 1)],
    ['with x above the prime', new Uint8Array(48).fill(0xff).fill(0x9f, 0, 1)],
    ['outside the group', outsideGroup],
  ])('refuses a point of G1 %s', (_, point) => {
    expect(blsPairing([join(point, hashed)])).toBeUndefined()
    expect(blsPairing([join(point, NO_G2)])).toBeUndefined()
    expect(blsVerifyStrangers([point], message, signature)).toBe(false)
  })
  test('refuses a point of G2 that does not decode', () => {
    expect(blsPairing([join(key, flipped(hashed, 0, 0x80))])).toBeUndefined()
    expect(blsPairing([join(NO_G1, new Uint8Array(96).fill(0xff))])).toBeUndefined()
  })
})

describe('strangers’ keys', () => {
  test('get the answers that validators’ keys get', () => {
    const aggregate = blsAggregate(signatures)
    for (const [some, sum] of [
      [keys, aggregate],
      [keys.slice(1), aggregate],
      [[key], signature],
      [[], aggregate],
      [[key, key.subarray(1)], aggregate],
      [[NO_G1], NO_G2],
    ] as const) {
      expect(blsVerifyStrangers(some, message, sum)).toBe(blsVerifyAggregate(some, message, sum))
    }
    expect(blsVerifyStrangers(keys, message, aggregate)).toBe(true)
  })
})
