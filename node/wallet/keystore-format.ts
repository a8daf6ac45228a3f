/**
 * A keystore's JSON, version 1. Bytes are small hex digits.
 *
 *   format, version   "vex-keystore", 1
 *   kind              what the secret is: a wallet, a validator's keys, …
 *   public            what may be known without the password; its form is the kind's
 *   kdf               name, cost and salt
 *   cipher            name and nonce
 *   check             HMAC-SHA256(check key, "vex/keystore-check/v1"): whether the password is right
 *   ciphertext        the secret with its tag
 *   checksum          SHA-256 of all before: finds accidents, and whoever changes a file without thinking, without a password
 *
 * All fields but the last two are the cipher's associated data ({@link headerBytes}).
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { fromHex, toHex } from '../types/primitives.ts'
import { CIPHERS, type CipherName, NONCE_BYTES, TAG_BYTES } from './keystore-cipher.ts'
import { KeystoreError } from './keystore-error.ts'
import type { Kdf } from './keystore-kdf.ts'

export const KEYSTORE_FORMAT = 'vex-keystore'
const VERSION = 1
/** Of a file. A wallet of 1,000 accounts has 300 kB. */
export const MAX_KEYSTORE_BYTES = 1024 * 1024
const MAX_KIND_CHARACTERS = 40
const [MIN_SALT_BYTES, MAX_SALT_BYTES] = [16, 64]
const HASH_BYTES = 32

export interface Keystore {
  readonly kind: string
  readonly public: unknown
  readonly kdf: Kdf
  readonly cipher: { readonly name: CipherName; readonly nonce: Uint8Array }
  readonly check: Uint8Array
  readonly ciphertext: Uint8Array
}

const hex = (min: number, max = min) =>
  z
    .string()
    .regex(/^([0-9a-f]{2})*$/)
    .min(2 * min)
    .max(2 * max)
    .transform(fromHex)
const salt = hex(MIN_SALT_BYTES, MAX_SALT_BYTES)
const count = z.int().min(1)

const schema = z.strictObject({
  format: z.literal(KEYSTORE_FORMAT),
  version: z.literal(VERSION),
  kind: z.string().min(1).max(MAX_KIND_CHARACTERS),
  public: z.unknown(),
  kdf: z.discriminatedUnion('name', [
    z.strictObject({ name: z.literal('pbkdf2-hmac-sha512'), iterations: count, salt }),
    z.strictObject({ name: z.literal('scrypt'), n: count, r: count, p: count, salt }),
  ]),
  cipher: z
    .strictObject({ name: z.enum(CIPHERS), nonce: hex(1, 32) })
    .refine(({ name, nonce }) => nonce.length === NONCE_BYTES[name]),
  check: hex(HASH_BYTES),
  ciphertext: hex(TAG_BYTES, MAX_KEYSTORE_BYTES),
  checksum: hex(HASH_BYTES),
})

const headerFields = ({ kind, public: known, kdf, cipher, check }: Keystore) => ({
  format: KEYSTORE_FORMAT,
  version: VERSION,
  kind,
  public: known,
  kdf:
    kdf.name === 'scrypt'
      ? { name: kdf.name, n: kdf.n, r: kdf.r, p: kdf.p, salt: toHex(kdf.salt) }
      : { name: kdf.name, iterations: kdf.iterations, salt: toHex(kdf.salt) },
  cipher: { name: cipher.name, nonce: toHex(cipher.nonce) },
  check: toHex(check),
})

/** The header in one order, without white space: what is authenticated. */
export const headerBytes = (keystore: Keystore): Uint8Array =>
  Buffer.from(JSON.stringify(headerFields(keystore)))

const checksumOf = (keystore: Keystore): string =>
  createHash('sha256').update(headerBytes(keystore)).update(keystore.ciphertext).digest('hex')

export const formatKeystore = (keystore: Keystore): string =>
  `${JSON.stringify(
    {
      ...headerFields(keystore),
      ciphertext: toHex(keystore.ciphertext),
      checksum: checksumOf(keystore),
    },
    null,
    2,
  )}\n`

const readJson = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** Whether it says that it is one; it may still be damaged. */
export const isKeystore = (text: string): boolean =>
  text.length <= MAX_KEYSTORE_BYTES && readJson(text)?.['format'] === KEYSTORE_FORMAT

/** Checks all that can be checked without the password; `what` names the file in errors. */
export const parseKeystore = (text: string, kind: string, what: string): Keystore => {
  if (text.length > MAX_KEYSTORE_BYTES)
    throw new KeystoreError(
      'not_a_keystore',
      `${what} is no keystore: it is larger than ${MAX_KEYSTORE_BYTES} bytes`,
    )
  const json = readJson(text)
  if (json?.['format'] !== KEYSTORE_FORMAT)
    throw new KeystoreError(
      'not_a_keystore',
      `${what} is no keystore of Vex, or is damaged: it is not JSON with "format": "${KEYSTORE_FORMAT}". Name another file, or restore it from a copy`,
    )
  const { version } = json
  if (version !== VERSION && typeof version === 'number')
    throw new KeystoreError(
      'foreign_version',
      `${what} is a keystore of version ${version}, and this Vex reads version ${VERSION}: use the Vex that wrote it, or a newer one`,
    )
  const parsed = schema.safeParse(json)
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.')
    throw new KeystoreError(
      'tampered',
      `${what} was changed or damaged${field ? `: "${field}" is not what Vex writes` : ''}. Restore it from a copy`,
    )
  }
  const { format: _, version: __, checksum, ...keystore } = parsed.data
  if (checksumOf(keystore) !== toHex(checksum))
    throw new KeystoreError(
      'tampered',
      `${what} was changed or damaged: its checksum does not hold. Restore it from a copy`,
    )
  if (keystore.kind !== kind)
    throw new KeystoreError('not_a_keystore', `${what} holds a ${keystore.kind}, not a ${kind}`)
  return keystore
}
