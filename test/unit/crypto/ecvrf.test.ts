import { ed25519, ed25519_hasher } from '@noble/curves/ed25519.js'
import * as fc from 'fast-check'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import {
  ECVRF_PROOF_BYTES,
  ecvrfKeyProblem,
  ecvrfProofToHash,
  ecvrfProve,
  type EcvrfRefusal,
  ecvrfVerify,
} from '../../../node/crypto/ecvrf.ts'
import * as portable from '../../../node/crypto/ecvrf.ts'
import * as native from '../../../node/crypto/ecvrf-native.ts'
import { publicKeyOf } from '../../../node/crypto/ed25519.ts'
import { findSodium } from '../../../node/crypto/sodium.ts'
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
const CASES = Object.entries(suites).flatMap(([name, { cases }]) =>
  cases.map(each => ({ ...each, suite: name.endsWith('TAI') ? ('TAI' as const) : ('ELL2' as const) })),
)

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

/** Canonical encodings of the eight points of the torsion subgroup. */
const SMALL_ORDER = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
]

const refusalOf = (...args: Parameters<typeof ecvrfVerify>): EcvrfRefusal | undefined => {
  const result = ecvrfVerify(...args)
  return result.ok ? undefined : result.refusal
}

describe('RFC 9381', () => {
  it('has three cases of either suite', () => {
    expect(CASES.map(({ suite }) => suite).sort()).toEqual(['ELL2', 'ELL2', 'ELL2', 'TAI', 'TAI', 'TAI'])
  })
  test.each(CASES)('$suite proves and verifies $alpha by $pk', ({ suite, sk, pk, alpha, pi, beta }) => {
    for (const group of [portable, native]) {
      expect(toHex(group.ecvrfProve(fromHex(sk), fromHex(alpha), suite))).toBe(pi)
      const verified = group.ecvrfVerify(fromHex(pk), fromHex(alpha), fromHex(pi), suite)
      expect(verified.ok ? toHex(verified.output) : verified.refusal).toBe(beta)
    }
    expect(toHex(ecvrfProofToHash(fromHex(pi), suite) as Uint8Array)).toBe(beta)
  })
  test.each(CASES)('a proof of $suite is none of the other suite: $pi', ({ suite, pk, alpha, pi }) => {
    const other = suite === 'TAI' ? 'ELL2' : 'TAI'
    expect(refusalOf(fromHex(pk), fromHex(alpha), fromHex(pi), other)).toBe('wrong_proof')
  })
})

describe('a proof', () => {
  test('of any key for any input verifies, always with the same output', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(bytes, fc.uint8Array({ maxLength: 100 }), (secret, alpha) => {
        for (const suite of ['ELL2', 'TAI'] as const) {
          const made = ecvrfProve(secret, alpha, suite)
          const output = ecvrfProofToHash(made, suite)
          expect(output?.length).toBe(64)
          expect(ecvrfVerify(publicKeyOf(secret), alpha, made, suite)).toEqual({ ok: true, output })
        }
      }),
      { numRuns: 10 },
    )
  })
  test('holds for its key and its input only', () => {
    expect(refusalOf(publicKey, input, proof)).toBeUndefined()
    expect(refusalOf(publicKey, Buffer.from('block 13'), proof)).toBe('wrong_proof')
    expect(refusalOf(publicKeyOf(new Uint8Array(32).fill(8)), input, proof)).toBe('wrong_proof')
  })
  test('with any bit changed is refused', () => {
    fc.assert(
      fc.property(fc.nat(ECVRF_PROOF_BYTES * 8 - 1), bit => {
        const changed = Uint8Array.from(proof)
        changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
        expect(['bad_proof', 'wrong_proof']).toContain(refusalOf(publicKey, input, changed))
      }),
      { numRuns: 40 },
    )
  })
  test('is refused with another length, a higher s, or a point that is not canonical', () => {
    expect(refusalOf(publicKey, input, proof.subarray(1))).toBe('bad_proof')
    expect(refusalOf(publicKey.subarray(1), input, proof)).toBe('bad_key')
    expect(refusalOf(publicKey, input, withHigherS())).toBe('bad_proof')
    const notCanonical = Uint8Array.from(proof)
    notCanonical.set(new Uint8Array(32).fill(0xff))
    expect(refusalOf(publicKey, input, notCanonical)).toBe('bad_proof')
    expect(refusalOf(new Uint8Array(32).fill(0xff), input, proof)).toBe('bad_key')
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
    expect(refusalOf(neutral, input, forged)).toBe('small_order_key')
  })
})

describe('a key', () => {
  test('is refused by name before it is registered', () => {
    expect(ecvrfKeyProblem(publicKey)).toBeUndefined()
    expect(ecvrfKeyProblem(publicKey.subarray(1))).toBe('bad_key')
    expect(ecvrfKeyProblem(new Uint8Array(32).fill(0xff))).toBe('bad_key')
    // y = p + 1, the neutral point in a spelling that RFC 8032 does not allow.
    const notCanonical = new Uint8Array(32).fill(0xff)
    notCanonical[0] = 0xee
    notCanonical[31] = 0x7f
    expect(ecvrfKeyProblem(notCanonical)).toBe('bad_key')
    // Every point of small order there is.
    for (const point of SMALL_ORDER) expect(ecvrfKeyProblem(fromHex(point))).toBe('small_order_key')
  })
})

describe('libsodium’s group', () => {
  const { Point } = ed25519
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
  /** Of the group of prime order, or with a part of small order, or of small order alone. */
  const point = fc
    .record({
      scalar: fc.bigInt({ min: 1n, max: Point.Fn.ORDER - 1n }),
      torsion: fc.nat(7),
      isSmall: fc.boolean(),
    })
    .map(({ scalar, torsion, isSmall }) => {
      const small = Point.fromHex(SMALL_ORDER[torsion] as string)
      return isSmall && torsion > 0 ? small : Point.BASE.multiply(scalar).add(small)
    })
  const scalar = fc.oneof(
    fc.bigInt({ min: 0n, max: Point.Fn.ORDER - 1n }),
    fc.constantFrom(0n, 1n, 2n, Point.Fn.ORDER - 1n),
  )

  it.runIf(process.platform === 'linux')('is there', () => {
    expect(findSodium()).toBeDefined()
  })

  test('proves what noble proves', () => {
    fc.assert(
      fc.property(bytes, fc.uint8Array({ maxLength: 100 }), (secret, alpha) => {
        expect(native.NATIVE_GROUP.expand(secret)).toEqual(portable.PORTABLE_GROUP.expand(secret))
        const made = native.ecvrfProve(secret, alpha)
        expect(made).toEqual(portable.ecvrfProve(secret, alpha))
        expect(native.ecvrfVerify(publicKeyOf(secret), alpha, made)).toEqual(
          portable.ecvrfVerify(publicKeyOf(secret), alpha, made),
        )
      }),
      { numRuns: 20 },
    )
    expect(() => native.ecvrfProve(new Uint8Array(31), input)).toThrow(/32|length/)
  })

  test('adds and multiplies as noble does, also points outside the group of prime order', () => {
    fc.assert(
      fc.property(point, point, point, scalar, scalar, (y, h, gamma, s, c) => {
        expect(native.NATIVE_GROUP.verify({ y, h, gamma }, s, c)).toEqual(
          portable.PORTABLE_GROUP.verify({ y, h, gamma }, s, c),
        )
      }),
      { numRuns: 200 },
    )
  })

  test('refuses what noble refuses, with any byte changed', () => {
    const key = publicKeyOf(secretKey)
    fc.assert(
      fc.property(fc.nat(ECVRF_PROOF_BYTES - 1), fc.nat(255), (place, byte) => {
        const changed = proof.with(place, byte)
        expect(native.ecvrfVerify(key, input, changed)).toEqual(portable.ecvrfVerify(key, input, changed))
      }),
      { numRuns: 100 },
    )
  })
})
