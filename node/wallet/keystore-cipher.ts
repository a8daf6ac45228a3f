/** Authenticated encryption: the ciphertext has its tag of 16 bytes behind it. */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'

export const CIPHERS = ['xchacha20-poly1305', 'aes-256-gcm'] as const
export type CipherName = (typeof CIPHERS)[number]

export const NONCE_BYTES: Readonly<Record<CipherName, number>> = {
  'xchacha20-poly1305': 24,
  'aes-256-gcm': 12,
}
const KEY_BYTES = 32
export const TAG_BYTES = 16

interface Aead {
  readonly cipher: CipherName
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  /** Authenticated with it, and not in it. */
  readonly associatedData: Uint8Array
}

const assertSizes = ({ cipher, key, nonce }: Aead): void => {
  if (key.length !== KEY_BYTES || nonce.length !== NONCE_BYTES[cipher])
    throw new RangeError(`${cipher} takes ${KEY_BYTES} bytes of key and ${NONCE_BYTES[cipher]} of nonce`)
}

export const encrypt = (aead: Aead, plain: Uint8Array): Uint8Array => {
  assertSizes(aead)
  const { cipher, key, nonce, associatedData } = aead
  if (cipher === 'xchacha20-poly1305') return xchacha20poly1305(key, nonce, associatedData).encrypt(plain)
  const gcm = createCipheriv('aes-256-gcm', key, nonce).setAAD(associatedData)
  return new Uint8Array(Buffer.concat([gcm.update(plain), gcm.final(), gcm.getAuthTag()]))
}

/** `undefined` if the tag does not hold. */
export const decrypt = (aead: Aead, sealed: Uint8Array): Uint8Array | undefined => {
  assertSizes(aead)
  if (sealed.length < TAG_BYTES) return undefined
  const { cipher, key, nonce, associatedData } = aead
  try {
    if (cipher === 'xchacha20-poly1305') return xchacha20poly1305(key, nonce, associatedData).decrypt(sealed)
    const gcm = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(associatedData)
      .setAuthTag(sealed.subarray(-TAG_BYTES))
    const unproved = gcm.update(sealed.subarray(0, -TAG_BYTES))
    try {
      // GCM keeps nothing back for the end, which only checks the tag.
      gcm.final()
      return Uint8Array.from(unproved)
    } finally {
      unproved.fill(0)
    }
  } catch {
    return undefined
  }
}
