/**
 * Ed25519 for accounts: libsodium verifies, OpenSSL signs. What is valid stands in ed25519-policy.ts.
 *
 * The policy's row in ed25519-speccheck is libsodium's own; its byte rules are checked here as well, so that nothing rests
 * on what the library checks beside the equation. libsodium takes half of OpenSSL's time (55 and 120 us). Where it has no
 * build for the machine, OpenSSL verifies: it fulfils rules 5 and 6 and half of rule 2, and is the tests' reference.
 */
import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as nodeSign,
  verify as nodeVerify,
} from 'node:crypto'
import { LruMap } from '../types/lru-map.ts'
import { PUBLIC_KEY_BYTES, toLatin1 } from '../types/primitives.ts'
import { passesByteRules } from './ed25519-policy.ts'
import { findSodium } from './sodium.ts'

export const SECRET_KEY_BYTES = 32

/** Importing a key costs a quarter of a verification; each takes about 1 kB. */
const REMEMBERED_KEYS = 8192
const publicKeys = new LruMap<string, KeyObject>(REMEMBERED_KEYS)

/** What stands before the 32 bytes of a key in SubjectPublicKeyInfo and PKCS #8 (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

const importPublicKey = (publicKey: Uint8Array): KeyObject => {
  const name = toLatin1(publicKey)
  let key = publicKeys.get(name)
  if (key === undefined) {
    key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' })
    publicKeys.set(name, key)
  }
  return key
}

const importSecretKey = (secretKey: Uint8Array): KeyObject => {
  if (secretKey.length !== SECRET_KEY_BYTES) {
    throw new RangeError(`an Ed25519 secret key is ${SECRET_KEY_BYTES} bytes, not ${secretKey.length}`)
  }
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, secretKey]), format: 'der', type: 'pkcs8' })
}

type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean

const byOpenssl: Verify = (publicKey, message, signature) =>
  nodeVerify(null, message, importPublicKey(publicKey), signature)

interface Verifier {
  readonly name: 'libsodium' | 'OpenSSL'
  readonly verify: Verify
}

const choose = (): Verifier => {
  const sodium = findSodium()
  if (sodium === undefined) return { name: 'OpenSSL', verify: byOpenssl }
  return {
    name: 'libsodium',
    verify: (publicKey, message, signature) =>
      sodium.crypto_sign_verify_detached(signature, message, publicKey),
  }
}

let chosen: Verifier | undefined
export const nativeVerifier = (): Verifier => (chosen ??= choose())

/** Blocks for about 55 us. Answers `false` for whatever is malformed. */
export const verifyNative: Verify = (publicKey, message, signature) =>
  passesByteRules(publicKey, signature) && nativeVerifier().verify(publicKey, message, signature)

/** The same answers, from OpenSSL. */
export const verifyByOpenssl: Verify = (publicKey, message, signature) =>
  passesByteRules(publicKey, signature) && byOpenssl(publicKey, message, signature)

/** Deterministic: RFC 8032, without a prehash. 64 bytes. */
export const sign = (secretKey: Uint8Array, message: Uint8Array): Uint8Array =>
  new Uint8Array(nodeSign(null, message, importSecretKey(secretKey)))

export const publicKeyOf = (secretKey: Uint8Array): Uint8Array => {
  const spki = createPublicKey(importSecretKey(secretKey)).export({ format: 'der', type: 'spki' })
  return new Uint8Array(spki.subarray(spki.length - PUBLIC_KEY_BYTES))
}
