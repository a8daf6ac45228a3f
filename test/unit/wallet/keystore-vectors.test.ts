import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../node/types/primitives.ts'
import { type CipherName, decrypt, encrypt, NONCE_BYTES } from '../../../node/wallet/keystore-cipher.ts'
import { deriveKeys, passwordBytes, stretch } from '../../../node/wallet/keystore-kdf.ts'
import gcm from '../../vectors/aead/wycheproof-aes-gcm.json' with { type: 'json' }
import xchacha from '../../vectors/aead/wycheproof-xchacha20-poly1305.json' with { type: 'json' }
import eip2335 from '../../vectors/keystore/eip2335.json' with { type: 'json' }
import pbkdf2 from '../../vectors/wallet/wycheproof-pbkdf2_hmacsha512.json' with { type: 'json' }

const FILES: readonly [CipherName, typeof gcm | typeof xchacha][] = [
  ['aes-256-gcm', gcm],
  ['xchacha20-poly1305', xchacha],
]

describe.each(FILES)('Wycheproof: %s', (cipher, { testGroups }) => {
  const isOurs = (group: { ivSize: number; keySize: number }): boolean =>
    group.ivSize === 8 * NONCE_BYTES[cipher] && group.keySize === 256

  it.each(testGroups.filter(isOurs).flatMap(({ tests }) => tests))('case $tcId $comment', test => {
    const aead = {
      cipher,
      key: fromHex(test.key),
      nonce: fromHex(test.iv),
      associatedData: fromHex(test.aad),
    }
    const sealed = fromHex(test.ct + test.tag)
    const opened = decrypt(aead, sealed)
    expect(opened && toHex(opened)).toBe(test.result === 'valid' ? test.msg : undefined)
    if (test.result === 'valid') expect(toHex(encrypt(aead, fromHex(test.msg)))).toBe(toHex(sealed))
  })

  it('refuses keys and nonces of any other size', () => {
    const others = testGroups.filter(group => !isOurs(group)).flatMap(({ tests }) => tests)
    expect(others.length).toBeGreaterThanOrEqual(9)
    for (const test of others) {
      const aead = {
        cipher,
        key: fromHex(test.key),
        nonce: fromHex(test.iv),
        associatedData: fromHex(test.aad),
      }
      expect(() => decrypt(aead, fromHex(test.ct + test.tag))).toThrow(RangeError)
      expect(() => encrypt(aead, fromHex(test.msg))).toThrow(RangeError)
    }
  })
})

describe('Wycheproof: PBKDF2-HMAC-SHA512', () => {
  it.each(pbkdf2.testGroups.flatMap(({ tests }) => tests))('case $tcId $comment', async test => {
    const { password, salt, iterationCount: iterations, dkLen, dk } = test
    const kdf = { name: 'pbkdf2-hmac-sha512', iterations, salt: fromHex(salt) } as const
    // The first 64 bytes are the same, however many are asked for.
    const derived = toHex(await stretch(fromHex(password), kdf))
    const digits = 2 * Math.min(dkLen, 64)
    expect([derived.length, derived.slice(0, digits)]).toEqual([128, dk.slice(0, digits)])
  })
})

describe('EIP-2335: how a password becomes a key', () => {
  const keystores = Object.entries(eip2335.keystores).filter(([name]) => name.startsWith('scrypt'))
  it.each(keystores)('%s', async (_, { crypto, password }) => {
    const { n, r, p, salt } = crypto.kdf.params as { n: number; r: number; p: number; salt: string }
    const keys = await deriveKeys(password, { name: 'scrypt', n, r, p, salt: fromHex(salt) })
    const checksum = createHash('sha256')
      .update(keys.cipherKey.subarray(16))
      .update(fromHex(crypto.cipher.message))
    expect(checksum.digest('hex')).toBe(crypto.checksum.message)
    keys.wipe()
    expect(toHex(keys.cipherKey)).toBe('00'.repeat(32))
  })

  it('without control characters', () => {
    expect(passwordBytes('pass\u0000wo\u007Frd\u0085').toString()).toBe('password')
  })
})
