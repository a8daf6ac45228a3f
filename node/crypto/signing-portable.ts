/** What ed25519.ts does with secret keys, without Node, for browsers (`#signing` in package.json). */
import { ed25519 } from '@noble/curves/ed25519.js'

export const SECRET_KEY_BYTES = 32

const checkLength = (secretKey: Uint8Array): Uint8Array => {
  if (secretKey.length === SECRET_KEY_BYTES) return secretKey
  throw new RangeError(`an Ed25519 secret key is ${SECRET_KEY_BYTES} bytes, not ${secretKey.length}`)
}

export const sign = (secretKey: Uint8Array, message: Uint8Array): Uint8Array =>
  ed25519.sign(message, checkLength(secretKey))

export const publicKeyOf = (secretKey: Uint8Array): Uint8Array => ed25519.getPublicKey(checkLength(secretKey))
