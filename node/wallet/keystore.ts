/**
 * Secrets in a file under a password. keystore-format.ts has the fields.
 *
 * The password becomes two keys: one encrypts, one makes the `check`. So opening tells apart what can be told apart:
 *
 *   the checksum fails                      the file was changed or damaged               `tampered`
 *   it holds, the check fails               the password is wrong                         `wrong_password`
 *   both hold, the tag fails                the right password, and a file that somebody
 *                                           changed and gave a new checksum               `tampered`
 *
 * Whoever changes the salt, the cost or the check and makes a new checksum makes the right password look wrong: without the
 * key that they were made with these two are the same. The check also ties a file to one password, which the
 * ciphers' tags alone do not.
 *
 * `public` is read before the password is known: it is proved only by opening.
 */
import { createHmac, randomBytes as systemBytes, timingSafeEqual } from 'node:crypto'
import { type CipherName, decrypt, encrypt, NONCE_BYTES } from './keystore-cipher.ts'
import { KeystoreError } from './keystore-error.ts'
import { formatKeystore, headerBytes, type Keystore, parseKeystore } from './keystore-format.ts'
import { checkKdf, DEFAULT_KDF, deriveKeys, type KdfCost, passwordBytes, SALT_BYTES } from './keystore-kdf.ts'

export interface SealSettings {
  /** Default: scrypt at {@link DEFAULT_KDF}. */
  readonly kdf?: KdfCost | undefined
  /** Default: XChaCha20-Poly1305. */
  readonly cipher?: CipherName | undefined
}

/** For tests: other randomness. */
interface SealOptions extends SealSettings {
  readonly randomBytes?: (count: number) => Uint8Array
}

const MIN_PASSWORD_CHARACTERS = 8
const MAX_PASSWORD_CHARACTERS = 1_024

/** Throws `weak_password`. */
export const checkNewPassword = (password: string): void => {
  const bytes = passwordBytes(password)
  const { length } = Array.from(bytes.toString())
  bytes.fill(0)
  if (length < MIN_PASSWORD_CHARACTERS)
    throw new KeystoreError(
      'weak_password',
      `the new password is too short: it takes at least ${MIN_PASSWORD_CHARACTERS} characters`,
    )
  if (password.length > MAX_PASSWORD_CHARACTERS)
    throw new KeystoreError(
      'weak_password',
      `the new password is too long: it takes at most ${MAX_PASSWORD_CHARACTERS} characters`,
    )
}

const checkOf = (checkKey: Uint8Array): Uint8Array =>
  createHmac('sha256', checkKey).update('vex/keystore-check/v1').digest()

export interface Sealing {
  readonly kind: string
  /** JSON that may be known without the password. */
  readonly public: unknown
  readonly secret: Uint8Array
}

/** The file's text. */
export const sealKeystore = async (
  { kind, public: known, secret }: Sealing,
  password: string,
  { kdf: cost = DEFAULT_KDF.scrypt, cipher: name, randomBytes = systemBytes }: SealOptions = {},
): Promise<string> => {
  const kdf = { ...cost, salt: randomBytes(SALT_BYTES) }
  const cipher = name ?? 'xchacha20-poly1305'
  const keys = await deriveKeys(password, kdf)
  try {
    const header = {
      kind,
      // As it will be read: without what JSON leaves out.
      public: JSON.parse(JSON.stringify(known)) as unknown,
      kdf,
      cipher: { name: cipher, nonce: randomBytes(NONCE_BYTES[cipher]) },
      check: checkOf(keys.checkKey),
      ciphertext: new Uint8Array(),
    }
    const ciphertext = encrypt(
      {
        cipher,
        key: keys.cipherKey,
        nonce: header.cipher.nonce,
        associatedData: headerBytes(header),
      },
      secret,
    )
    return formatKeystore({ ...header, ciphertext })
  } finally {
    keys.wipe()
  }
}

/** Of a secret that is JSON; `undefined` if it is none. */
export const parseJson = (secret: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(secret).toString()) as unknown
  } catch {
    return undefined
  }
}

export interface OpenedKeystore {
  readonly keystore: Keystore
  /** Whoever opened it wipes it. */
  readonly secret: Uint8Array
}

/** Throws a {@link KeystoreError}. `what` names the file in it. */
export const openKeystore = async (
  text: string,
  kind: string,
  password: string,
  what: string,
): Promise<OpenedKeystore> => {
  const keystore = parseKeystore(text, kind, what)
  checkKdf(keystore.kdf, what)
  const keys = await deriveKeys(password, keystore.kdf)
  try {
    if (!timingSafeEqual(checkOf(keys.checkKey), keystore.check))
      throw new KeystoreError('wrong_password', `the password is wrong: it does not open ${what}`)
    const { name, nonce } = keystore.cipher
    const secret = decrypt(
      { cipher: name, key: keys.cipherKey, nonce, associatedData: headerBytes(keystore) },
      keystore.ciphertext,
    )
    if (secret === undefined)
      throw new KeystoreError(
        'tampered',
        `${what} was changed by somebody: the password is right, and what it protects is not what was written. Restore it from a copy`,
      )
    return { keystore, secret }
  } finally {
    keys.wipe()
  }
}
