import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  nativeVerifier,
  publicKeyOf,
  sign,
  verifyByOpenssl,
  verifyNative,
} from '../../../node/crypto/ed25519.ts'
import { isAcceptablePublicKey } from '../../../node/crypto/ed25519-policy.ts'
import { verifyPortable } from '../../../node/crypto/ed25519-portable.ts'
import { fromHex, toHex } from '../../../node/types/primitives.ts'
import speccheck from '../../vectors/ed25519/speccheck.json' with { type: 'json' }
import wycheproof from '../../vectors/ed25519/wycheproof-ed25519.json' with { type: 'json' }
import zip215 from '../../vectors/ed25519/zip215-small-order.json' with { type: 'json' }

/** Fails unless all paths agree. */
const verdict = (key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  const native = verifyNative(key, message, signature)
  expect(verifyPortable(key, message, signature)).toBe(native)
  expect(verifyByOpenssl(key, message, signature)).toBe(native)
  return native
}

const secret = new Uint8Array(32).fill(7)

describe('Ed25519, native and portable alike', () => {
  test('libsodium has a build for this machine', () => {
    expect(nativeVerifier().name).toBe('libsodium')
  })

  test.each(wycheproof.testGroups.flatMap(group => group.tests.map(t => ({ ...t, pk: group.publicKey.pk }))))(
    'Wycheproof $tcId $comment: $result',
    ({ pk, msg, sig, result }) => {
      expect(verdict(fromHex(pk), fromHex(msg), fromHex(sig))).toBe(result === 'valid')
    },
  )

  test('the policy is the row of dalek verify_strict and libsodium in ed25519-speccheck', () => {
    const row = speccheck.cases.map(c => {
      const valid = verdict(fromHex(c.pub_key), fromHex(c.message), fromHex(c.signature))
      return valid ? 'V' : 'X'
    })
    const published = speccheck['published_results_per_library (V accepts, X rejects, by case)']
    expect(row).toEqual(['X', 'X', 'X', 'V', 'X', 'X', 'X', 'X', 'X', 'X', 'X', 'X'])
    expect(row).toEqual(published['Dalek strict'])
    expect(row).toEqual(published.LibSodium)
  })

  test('every small-order case of ZIP 215 is refused', () => {
    const message = Buffer.from(zip215.message_utf8)
    for (const { vk_bytes, sig_bytes } of zip215.cases) {
      expect(verdict(fromHex(vk_bytes), message, fromHex(sig_bytes))).toBe(false)
    }
    expect(zip215.cases.length).toBe(196)
  })

  test('RFC 8032 7.1, test 2: key, signature, verification', () => {
    const seed = fromHex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb')
    const key = publicKeyOf(seed)
    expect(toHex(key)).toBe('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
    const signature = sign(seed, fromHex('72'))
    expect(toHex(signature)).toBe(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    )
    expect(verdict(key, fromHex('72'), signature)).toBe(true)
  })

  test('any message signed verifies; any bit flipped anywhere does not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(), (message, flip) => {
        const key = publicKeyOf(secret)
        const signature = sign(secret, message)
        expect(verdict(key, message, signature)).toBe(true)
        const all = Buffer.concat([key, signature, message])
        const bit = flip % (8 * all.length)
        all[bit >> 3] = (all[bit >> 3] as number) ^ (1 << (bit & 7))
        expect(verdict(all.subarray(0, 32), all.subarray(96), all.subarray(32, 96))).toBe(false)
      }),
      { numRuns: 60 },
    )
  })

  test('random keys and signatures: the paths agree, whether the bytes are points or not', () => {
    for (let i = 0; i < 100; i++) {
      const signature = randomBytes(64)
      signature[63] = (signature[63] as number) & 0x0f
      expect(verdict(randomBytes(32), randomBytes(8), signature)).toBe(false)
    }
  })

  test.each([
    [31, 64],
    [33, 64],
    [32, 63],
    [32, 65],
    [0, 0],
  ])('a key of %d bytes with a signature of %d bytes is refused', (keyLength, signatureLength) => {
    const key = Buffer.concat([publicKeyOf(secret), Buffer.alloc(1)]).subarray(0, keyLength)
    const signature = Buffer.concat([sign(secret, new Uint8Array(0)), Buffer.alloc(1)]).subarray(
      0,
      signatureLength,
    )
    expect(verdict(key, new Uint8Array(0), signature)).toBe(false)
  })

  test('a secret key of the wrong size is refused', () => {
    expect(() => sign(new Uint8Array(31), new Uint8Array(0))).toThrow(/32 bytes, not 31/)
    expect(() => publicKeyOf(new Uint8Array(64))).toThrow(/32 bytes, not 64/)
  })
})

describe('a public key', () => {
  test.each([
    ['the neutral point', `01${'00'.repeat(31)}`],
    ['the neutral point with its sign set', `01${'00'.repeat(30)}80`],
    ['a point of order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'],
    ['y = p', `ed${'ff'.repeat(30)}7f`],
    ['y = 2^255 - 1', `${'ff'.repeat(31)}7f`],
  ])('%s is refused', (_, hex) => {
    expect(isAcceptablePublicKey(fromHex(hex))).toBe(false)
  })

  test('of a secret key is acceptable', () => {
    expect(isAcceptablePublicKey(publicKeyOf(secret))).toBe(true)
  })
})
