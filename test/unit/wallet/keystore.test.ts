import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { toHex } from '../../../node/types/primitives.ts'
import { CIPHERS } from '../../../node/wallet/keystore-cipher.ts'
import { KeystoreError } from '../../../node/wallet/keystore-error.ts'
import { isKeystore, MAX_KEYSTORE_BYTES } from '../../../node/wallet/keystore-format.ts'
import { DEFAULT_KDF, KDF_LIMITS, type KdfCost } from '../../../node/wallet/keystore-kdf.ts'
import { checkNewPassword, openKeystore, sealKeystore } from '../../../node/wallet/keystore.ts'

const PASSWORD = 'correct horse'
const SECRET = Buffer.from('the secret that nobody may see')
/** The least that is read. */
const CHEAP: KdfCost = { name: 'scrypt', n: 2 ** 13, r: 8, p: 2 }
const KNOWN = { accounts: [{ name: 'ada', index: 0 }] }

const seal = (kdf: KdfCost = CHEAP, cipher = CIPHERS[0] as (typeof CIPHERS)[number]) =>
  sealKeystore({ kind: 'test', public: KNOWN, secret: SECRET }, PASSWORD, { kdf, cipher })
const open = (text: string, password = PASSWORD) => openKeystore(text, 'test', password, 'the file')
const codeOf = async (text: string, password = PASSWORD): Promise<string> => {
  try {
    await open(text, password)
    return 'opened'
  } catch (error) {
    if (!(error instanceof KeystoreError)) throw error
    expect(error.message).toMatch(/^(the file|the password)/)
    expect(error.message).not.toContain(SECRET.toString())
    return error.code
  }
}

interface Json {
  [key: string]: unknown
}
/** With another value at a place such as `kdf.salt`, and the checksum that belongs to it. */
const forge = (text: string, path: string, value: unknown, isChecked = true): string => {
  const json = JSON.parse(text) as Json
  const names = path.split('.')
  const last = names.pop() as string
  const at = names.reduce((each, name) => each[name] as Json, json)
  at[last] = value
  const { ciphertext, checksum: _, ...header } = json
  const checksum = createHash('sha256')
    .update(JSON.stringify(header))
    .update(Buffer.from(String(ciphertext), 'hex'))
    .digest('hex')
  return JSON.stringify(isChecked ? { ...header, ciphertext, checksum } : json)
}
const flip = (hex: string): string => `${hex.startsWith('0') ? '1' : '0'}${hex.slice(1)}`

let text: string
beforeAll(async () => {
  text = await seal()
})

describe('a keystore', () => {
  it.each(CIPHERS)('comes back with its password: %s', async cipher => {
    const sealed = await seal(CHEAP, cipher)
    const { secret, keystore } = await open(sealed)
    expect(Buffer.from(secret).equals(SECRET)).toBe(true)
    expect(keystore.public).toEqual(KNOWN)
    expect(sealed).not.toContain(toHex(SECRET))
    expect(await codeOf(sealed, 'correct house')).toBe('wrong_password')
    expect(await codeOf(sealed, '')).toBe('wrong_password')
  })

  it('is sealed at OWASP’s cost unless told otherwise, and so with PBKDF2', async () => {
    const usual = await sealKeystore({ kind: 'test', public: null, secret: SECRET }, PASSWORD)
    expect(JSON.parse(usual)).toMatchObject({
      version: 1,
      kdf: { name: 'scrypt', n: 131_072, r: 8, p: 1 },
      cipher: { name: 'xchacha20-poly1305' },
    })
    expect(await codeOf(usual)).toBe('opened')
    const pbkdf2 = await seal(DEFAULT_KDF['pbkdf2-hmac-sha512'], 'aes-256-gcm')
    expect(JSON.parse(pbkdf2)).toMatchObject({
      kdf: { name: 'pbkdf2-hmac-sha512', iterations: 220_000 },
      cipher: { name: 'aes-256-gcm' },
    })
    expect([await codeOf(pbkdf2), await codeOf(pbkdf2, 'x')]).toEqual(['opened', 'wrong_password'])
  })

  it('is another each time', async () => {
    const [a, b] = [JSON.parse(text), JSON.parse(await seal())] as [Json, Json]
    for (const field of ['check', 'ciphertext', 'checksum', 'kdf', 'cipher'])
      expect(a[field]).not.toEqual(b[field])
  })

  it('takes the same password from every keyboard', async () => {
    const sealed = await sealKeystore({ kind: 'test', public: 0, secret: SECRET }, 'Käse und Brot', {
      kdf: CHEAP,
    })
    expect(await codeOf(sealed, 'Ka\u0308se und Brot')).toBe('opened')
  })

  it('is of one kind', async () => {
    await expect(openKeystore(text, 'wallet', PASSWORD, 'it')).rejects.toThrow(
      'it holds a test, not a wallet',
    )
  })
})

describe('what is told apart', () => {
  it('a change of any byte is found, or changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 1, max: 127 }), async (at, mask) => {
        const changed = Buffer.from(text)
        changed[at] = (changed[at] as number) ^ mask
        try {
          const { secret, keystore } = await open(changed.toString())
          // As JSON, in which -0 is 0.
          expect([Buffer.from(secret), JSON.stringify(keystore.public)]).toEqual([
            SECRET,
            JSON.stringify(KNOWN),
          ])
        } catch (error) {
          expect(error).toBeInstanceOf(KeystoreError)
          expect((error as KeystoreError).code).toMatch(/^(tampered|not_a_keystore|foreign_version)$/)
        }
      }),
      { numRuns: 400 },
    )
  })

  it('a file cut short at any byte is refused', async () => {
    for (let length = 0; length < text.trimEnd().length; length += 7)
      expect(await codeOf(text.slice(0, length))).toBe('not_a_keystore')
  })

  const fields: readonly [
    path: string,
    value: (before: string) => unknown,
    without: string,
    withChecksum: string,
  ][] = [
    ['kind', () => 'other', 'tampered', 'not_a_keystore'],
    ['public', () => ({ accounts: [] }), 'tampered', 'tampered'],
    ['kdf.n', () => 2 ** 14, 'tampered', 'wrong_password'],
    ['kdf.r', () => 16, 'tampered', 'wrong_password'],
    ['kdf.p', () => 3, 'tampered', 'wrong_password'],
    ['kdf.salt', flip, 'tampered', 'wrong_password'],
    ['cipher.nonce', flip, 'tampered', 'tampered'],
    ['cipher', () => ({ name: 'aes-256-gcm', nonce: '00'.repeat(12) }), 'tampered', 'tampered'],
    ['check', flip, 'tampered', 'wrong_password'],
    ['ciphertext', flip, 'tampered', 'tampered'],
    ['ciphertext', before => before.slice(0, -2), 'tampered', 'tampered'],
    ['ciphertext', before => `${before}00`, 'tampered', 'tampered'],
    ['ciphertext', () => '', 'tampered', 'tampered'],
    ['checksum', flip, 'tampered', 'opened'],
    ['version', () => 2, 'foreign_version', 'foreign_version'],
    ['version', () => 0, 'foreign_version', 'foreign_version'],
    ['version', () => '1', 'tampered', 'tampered'],
    ['format', () => 'keystore', 'not_a_keystore', 'not_a_keystore'],
    ['extra', () => 1, 'tampered', 'tampered'],
    ['kdf.dklen', () => 32, 'tampered', 'tampered'],
    ['kdf.name', () => 'argon2id', 'tampered', 'tampered'],
    ['cipher.name', () => 'aes-128-ctr', 'tampered', 'tampered'],
    ['kdf.salt', () => '', 'tampered', 'tampered'],
    ['kdf.salt', () => '00'.repeat(65), 'tampered', 'tampered'],
    ['cipher.nonce', before => before.slice(2), 'tampered', 'tampered'],
    ['check', before => before.toUpperCase(), 'tampered', 'tampered'],
  ]
  it.each(fields)('%s changed', async (path, value, without, withChecksum) => {
    const before = path.split('.').reduce<unknown>((each, name) => (each as Json)[name], JSON.parse(text))
    const next = value(String(before))
    expect(await codeOf(forge(text, path, next, false))).toBe(without)
    expect(await codeOf(forge(text, path, next))).toBe(withChecksum)
  })

  it.each([
    ['kdf.n', 2 ** 12],
    ['kdf.n', 2 ** 13 + 1],
    ['kdf.n', 2 ** 40],
    ['kdf.r', 2 ** 30],
    ['kdf.p', 2 ** 30],
    ['kdf.r', 1],
  ])('scrypt beyond its bounds is refused before it costs anything: %s = %s', async (path, value) => {
    const startMs = performance.now()
    expect(await codeOf(forge(text, path, value))).toBe('kdf_out_of_bounds')
    expect(performance.now() - startMs).toBeLessThan(1_000)
  })

  it('PBKDF2 from its floor to its ceiling', async () => {
    const floor = await seal({ name: 'pbkdf2-hmac-sha512', iterations: KDF_LIMITS.minIterations })
    expect(await codeOf(floor)).toBe('opened')
    expect(await codeOf(forge(floor, 'kdf.iterations', 99_999))).toBe('kdf_out_of_bounds')
    expect(await codeOf(forge(floor, 'kdf.iterations', 10_000_001))).toBe('kdf_out_of_bounds')
    expect(await codeOf(forge(floor, 'kdf.iterations', 100_001))).toBe('wrong_password')
    expect(await codeOf(forge(floor, 'kdf.iterations', 1.5))).toBe('tampered')
  })

  it.each(['', 'null', '[]', '"x"', '{}', 'hello', '{"format":"vex-keystore"', '{"crypto":{},"version":4}'])(
    '%j is no keystore',
    async other => {
      expect([await codeOf(other), isKeystore(other)]).toEqual(['not_a_keystore', false])
    },
  )

  it('nor is a file beyond all measure', async () => {
    const large = `${text}${' '.repeat(MAX_KEYSTORE_BYTES)}`
    expect([await codeOf(large), isKeystore(large), isKeystore(text)]).toEqual([
      'not_a_keystore',
      false,
      true,
    ])
  })
})

describe('a new password', () => {
  it('has eight characters or more', () => {
    expect(() => checkNewPassword('1234567')).toThrow(expect.objectContaining({ code: 'weak_password' }))
    expect(() => checkNewPassword('1234567\u0007')).toThrow('at least 8')
    expect(() => checkNewPassword('x'.repeat(1_025))).toThrow('at most 1024')
    checkNewPassword('12345678')
  })
})
