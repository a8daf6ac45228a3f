import { secp256k1 } from '@noble/curves/secp256k1.js'
import * as fc from 'fast-check'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readBigEndian, toBigEndian } from '../../../node/crypto/big-integers.ts'
import { secp256k1Recover } from '../../../node/crypto/secp256k1.ts'
import { fromHex, toHex } from '../../../node/types/primitives.ts'

const ORDER = secp256k1.Point.Fn.ORDER
const message = Buffer.from('hello')
const digest = createHash('sha256').update(message).digest()
const secret = new Uint8Array(32).fill(5)
const [parity = 0, ...rest] = secp256k1.sign(digest, secret, { prehash: false, format: 'recovered' })
const signature = Uint8Array.from(rest)
const key = secp256k1.getPublicKey(secret, false).subarray(1)
const withS = (s: bigint): Uint8Array =>
  Uint8Array.from([...signature.subarray(0, 32), ...toBigEndian(s, 32)])
const withR = (r: bigint): Uint8Array => Uint8Array.from([...toBigEndian(r, 32), ...signature.subarray(32)])

/** OpenSSL's answer, from SubjectPublicKeyInfo and a signature as r | s. */
const opensslHolds = (publicKey: Uint8Array, data: Uint8Array, of: Uint8Array): boolean =>
  verify(
    'sha256',
    data,
    {
      key: createPublicKey({
        key: Buffer.concat([fromHex('3056301006072a8648ce3d020106052b8104000a03420004'), publicKey]),
        format: 'der',
        type: 'spki',
      }),
      dsaEncoding: 'ieee-p1363',
    },
    of,
  )

describe('recovery', () => {
  test('gives the key that signed', () => {
    expect(toHex(secp256k1Recover(digest, signature, parity) as Uint8Array)).toBe(toHex(key))
  })
  test('gives a key for which OpenSSL says that the signature holds, or none', () => {
    const anything = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(anything, anything, fc.uint8Array({ maxLength: 20 }), fc.nat(1), (r, s, data, recovery) => {
        s[0] = (s[0] as number) & 0x7f
        const of = Uint8Array.from([...r, ...s])
        const found = secp256k1Recover(createHash('sha256').update(data).digest(), of, recovery)
        if (found !== undefined) expect(opensslHolds(found, data, of)).toBe(true)
      }),
      { numRuns: 20 },
    )
  })
  test('takes the low s only', () => {
    const s = readBigEndian(signature.subarray(32))
    expect(opensslHolds(key, message, withS(ORDER - s))).toBe(true)
    expect(secp256k1Recover(digest, withS(ORDER - s), 1 - parity)).toBeUndefined()
    expect(secp256k1Recover(digest, withS(ORDER / 2n), parity)).toBeDefined()
    expect(secp256k1Recover(digest, withS(ORDER / 2n + 1n), parity)).toBeUndefined()
  })
  test.each([
    ['r = 0', withR(0n), 0],
    ['r = order', withR(ORDER), 0],
    ['r above the order', withR((1n << 256n) - 1n), 0],
    ['s = 0', withS(0n), 0],
    // x = 5 is on no point of the curve.
    ['an r that is no x', withR(5n), 0],
    ['recovery 2', signature, 2],
    ['recovery 27', signature, 27],
    ['recovery -1', signature, -1],
  ])('of %s is none', (_, of, recovery) => {
    expect(secp256k1Recover(digest, of, recovery)).toBeUndefined()
  })
  test('of the point at infinity is none: s R = z G', () => {
    // R = G and s = z: r is the x of G.
    const z = 7n
    const of = Uint8Array.from([...toBigEndian(secp256k1.Point.BASE.x, 32), ...toBigEndian(z, 32)])
    const g = secp256k1.Point.BASE.toBytes(true)[0] === 3 ? 1 : 0
    expect(secp256k1Recover(toBigEndian(z, 32), of, g)).toBeUndefined()
    expect(secp256k1Recover(toBigEndian(z + 1n, 32), of, g)).toBeDefined()
  })
})
