import { ed25519, ed25519_hasher } from '@noble/curves/ed25519.js'
import * as fc from 'fast-check'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ECVRF_PROOF_BYTES, ecvrfProve, ecvrfVerify } from '../../../node/crypto/ecvrf.ts'
import { publicKeyOf } from '../../../node/crypto/ed25519.ts'
import { fromHex, toHex } from '../../../node/types/primitives.ts'

interface Case {
  readonly sk: string
  readonly pk: string
  readonly alpha: string
  readonly pi: string
  readonly beta: string
}
const { suites } = JSON.parse(
  readFileSync(new URL('../../vectors/ecvrf/rfc9381-edwards25519.json', import.meta.url), 'utf8'),
) as { suites: Record<string, { cases: Case[] }> }
const CASES = (suites['ECVRF-EDWARDS25519-SHA512-ELL2'] as { cases: Case[] }).cases
const OTHER_SUITE = (suites['ECVRF-EDWARDS25519-SHA512-TAI'] as { cases: Case[] }).cases

const secretKey = new Uint8Array(32).fill(7)
const publicKey = publicKeyOf(secretKey)
const input = Buffer.from('block 12')
const proof = ecvrfProve(secretKey, input)

/** The order of the group, little-endian, added to the proof's s: the same number in another spelling. */
const withHigherS = (): Uint8Array => {
  const changed = Uint8Array.from(proof)
  let carry = 0n
  const order = ed25519.Point.Fn.ORDER
  for (let i = 0; i < 32; i++) {
    const sum = BigInt(changed[48 + i] as number) + ((order >> BigInt(8 * i)) & 255n) + carry
    changed[48 + i] = Number(sum & 255n)
    carry = sum >> 8n
  }
  return changed
}

describe('RFC 9381', () => {
  test.each(CASES)('proves and verifies $alpha by $pk', ({ sk, pk, alpha, pi, beta }) => {
    expect(toHex(ecvrfProve(fromHex(sk), fromHex(alpha)))).toBe(pi)
    expect(toHex(ecvrfVerify(fromHex(pk), fromHex(alpha), fromHex(pi)) as Uint8Array)).toBe(beta)
  })
  test.each(OTHER_SUITE)('a proof of another suite is refused: $pi', ({ pk, alpha, pi }) => {
    expect(ecvrfVerify(fromHex(pk), fromHex(alpha), fromHex(pi))).toBeUndefined()
  })
})

describe('a proof', () => {
  test('of any key for any input verifies, always with the same output', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(bytes, fc.uint8Array({ maxLength: 100 }), (secret, alpha) => {
        const output = ecvrfVerify(publicKeyOf(secret), alpha, ecvrfProve(secret, alpha))
        expect(output?.length).toBe(64)
      }),
      { numRuns: 10 },
    )
  })
  test('holds for its key and its input only', () => {
    expect(ecvrfVerify(publicKey, input, proof)).toBeDefined()
    expect(ecvrfVerify(publicKey, Buffer.from('block 13'), proof)).toBeUndefined()
    expect(ecvrfVerify(publicKeyOf(new Uint8Array(32).fill(8)), input, proof)).toBeUndefined()
  })
  test('with any bit changed is refused', () => {
    fc.assert(
      fc.property(fc.nat(ECVRF_PROOF_BYTES * 8 - 1), bit => {
        const changed = Uint8Array.from(proof)
        changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
        expect(ecvrfVerify(publicKey, input, changed)).toBeUndefined()
      }),
      { numRuns: 40 },
    )
  })
  test('is refused with another length, a higher s, or a point that is not canonical', () => {
    expect(ecvrfVerify(publicKey, input, proof.subarray(1))).toBeUndefined()
    expect(ecvrfVerify(publicKey.subarray(1), input, proof)).toBeUndefined()
    expect(ecvrfVerify(publicKey, input, withHigherS())).toBeUndefined()
    const notCanonical = Uint8Array.from(proof)
    notCanonical.set(new Uint8Array(32).fill(0xff))
    expect(ecvrfVerify(publicKey, input, notCanonical)).toBeUndefined()
  })
  test('of a key of small order is refused, though its equation holds', () => {
    // The secret 0: its key and Gamma are the neutral point, and s = k proves it for every input.
    const { Point } = ed25519
    const neutral = Point.ZERO.toBytes()
    const h = ed25519_hasher.encodeToCurve(Buffer.concat([neutral, input]), {
      DST: Buffer.from('ECVRF_edwards25519_XMD:SHA-512_ELL2_NU_\u0004', 'ascii'),
    })
    const k = 12345n
    const challenge = createHash('sha512')
      .update(Uint8Array.of(4, 2))
      .update(neutral)
      .update(h.toBytes())
      .update(neutral)
      .update(Point.BASE.multiply(k).toBytes())
      .update(h.multiply(k).toBytes())
      .update(Uint8Array.of(0))
      .digest()
      .subarray(0, 16)
    const forged = new Uint8Array(Buffer.concat([neutral, challenge, Point.Fn.toBytes(k)]))
    expect(ecvrfVerify(neutral, input, forged)).toBeUndefined()
  })
})
