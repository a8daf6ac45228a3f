/**
 * From a password to keys, slowly, in libuv's pool. Defaults are OWASP's advice (Password Storage Cheat Sheet): scrypt
 * with N = 2^17, r = 8, p = 1, or 220,000 rounds of PBKDF2-HMAC-SHA512. What a file asks for is bounded before anything
 * is spent on it: a file of somebody else's may want all memory, or hardly any work.
 *
 * A password is taken as EIP-2335 takes it: NFKD, without control characters, UTF-8. So it is the same on every keyboard.
 */
import { pbkdf2, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { KeystoreError } from './keystore-error.ts'

export type Kdf =
  | { readonly name: 'pbkdf2-hmac-sha512'; readonly iterations: number; readonly salt: Uint8Array }
  | {
      readonly name: 'scrypt'
      readonly n: number
      readonly r: number
      readonly p: number
      readonly salt: Uint8Array
    }

type WithoutSalt<T> = T extends unknown ? Omit<T, 'salt'> : never
export type KdfCost = WithoutSalt<Kdf>

export const DEFAULT_KDF: { readonly [Name in Kdf['name']]: KdfCost & { readonly name: Name } } = {
  scrypt: { name: 'scrypt', n: 2 ** 17, r: 8, p: 1 },
  'pbkdf2-hmac-sha512': { name: 'pbkdf2-hmac-sha512', iterations: 220_000 },
}

export const KDF_LIMITS = {
  minIterations: 100_000,
  maxIterations: 10_000_000,
  minN: 2 ** 13,
  /** Of n · r · p: OWASP's smallest choice is six times as much. */
  minWork: 2 ** 17,
  maxWork: 2 ** 24,
  maxMemoryBytes: 512 * 1024 * 1024,
} as const

export const SALT_BYTES = 32
/** Half of it encrypts, half of it proves the password. */
const DERIVED_BYTES = 64

const bounds = (problem: string): never => {
  throw new KeystoreError('kdf_out_of_bounds', problem)
}

/** Throws `kdf_out_of_bounds`. `what` names the file. */
export const checkKdf = (kdf: Kdf, what: string): void => {
  if (kdf.name === 'pbkdf2-hmac-sha512') {
    if (kdf.iterations < KDF_LIMITS.minIterations)
      bounds(
        `${what} is hardly protected: ${kdf.iterations} rounds of PBKDF2, and at least ${KDF_LIMITS.minIterations} are read`,
      )
    if (kdf.iterations > KDF_LIMITS.maxIterations)
      bounds(
        `${what} asks for ${kdf.iterations} rounds of PBKDF2; at most ${KDF_LIMITS.maxIterations} are made`,
      )
    return
  }
  const { n, r, p } = kdf
  const shown = `scrypt with n = ${n}, r = ${r}, p = ${p}`
  const memoryBytes = 128 * r * (n + p)
  if (!Number.isInteger(Math.log2(n))) bounds(`${what} asks for ${shown}: n must be a power of two`)
  if (n < KDF_LIMITS.minN || n * r * p < KDF_LIMITS.minWork)
    bounds(`${what} is hardly protected: ${shown} is less than is read`)
  if (memoryBytes > KDF_LIMITS.maxMemoryBytes || n * r * p > KDF_LIMITS.maxWork)
    bounds(`${what} asks for ${shown}, which takes more memory or time than is given`)
}

// Control characters are what it is about.
const CONTROL = /\p{Cc}/gu

/** Whoever calls wipes it. */
export const passwordBytes = (password: string): Buffer =>
  Buffer.from(password.normalize('NFKD').replaceAll(CONTROL, ''))

const pbkdf2Async = promisify(pbkdf2)
const scryptAsync = promisify<Uint8Array, Uint8Array, number, object, Buffer>(scrypt)

export interface DerivedKeys {
  readonly cipherKey: Uint8Array
  readonly checkKey: Uint8Array
  readonly wipe: () => void
}

/** For published vectors; {@link deriveKeys} takes passwords. */
export const stretch = (secret: Uint8Array, kdf: Kdf): Promise<Uint8Array> =>
  kdf.name === 'scrypt'
    ? scryptAsync(secret, kdf.salt, DERIVED_BYTES, {
        N: kdf.n,
        r: kdf.r,
        p: kdf.p,
        maxmem: 2 * 128 * kdf.r * (kdf.n + kdf.p),
      })
    : pbkdf2Async(secret, kdf.salt, kdf.iterations, DERIVED_BYTES, 'sha512')

/** The caller has checked the cost. */
export const deriveKeys = async (password: string, kdf: Kdf): Promise<DerivedKeys> => {
  const secret = passwordBytes(password)
  try {
    const derived = await stretch(secret, kdf)
    return {
      cipherKey: derived.subarray(0, 32),
      checkKey: derived.subarray(32),
      wipe: () => void derived.fill(0),
    }
  } finally {
    secret.fill(0)
  }
}
