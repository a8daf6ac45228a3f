/**
 * Which Ed25519 signatures are valid on a Vex chain. This is consensus: the native verifier, the portable one and the one of
 * many (ed25519.ts, ed25519-portable.ts, ed25519-many.ts) must give the same answer for every input.
 *
 * A signature (R, s) of message M under key A is valid if and only if
 *  1. A has 32 bytes and the signature 64;
 *  2. s < L, the order of the base point: nobody can make a second signature out of a first;
 *  3. A and R are canonical: their y is below p = 2^255 - 19;
 *  4. neither A nor R has small order (1, 2, 4 or 8): a key of small order would accept many messages;
 *  5. A decodes to a point of the curve;
 *  6. encode([s]B - [h]A) equals the bytes of R, where h = SHA-512(R | A | M) mod L over the bytes as they
 *     were given. No cofactor, and R is compared as bytes.
 *
 * Keys with a part of small order beside a large one pass 4 on purpose: telling them costs a multiplication,
 * and 6 is as strict for them as for any other key. This is RFC 8032 with its choices made as libsodium and
 * dalek's `verify_strict` make them ("Taming the many EdDSAs", Chalkias, Garillot, Nikolaenko, 2020). Rules
 * 1 to 4 look at bytes only and stand here; 5 and 6 are the verifiers'.
 *
 * No import: browsers use this file.
 */

const PUBLIC_KEY_LENGTH = 32
const SIGNATURE_LENGTH = 64

const parse = (hex: string): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))

/** L = 2^252 + 27742317777372353535851937790883648493, little-endian as everything here. */
const ORDER = parse('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')
const FIELD_PRIME = parse('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f')

/** The y of all eight points of small order; x differs in sign only. */
const SMALL_ORDER_Y = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].map(parse)

/** Of two 32-byte little-endian numbers; the top bit of `bytes` counts only if `mask` lets it. */
const compare = (bytes: Uint8Array, offset: number, other: Uint8Array, mask: number): number => {
  for (let i = 31; i >= 0; i--) {
    const byte = (bytes[offset + i] as number) & (i === 31 ? mask : 0xff)
    const difference = byte - (other[i] as number)
    if (difference !== 0) return difference
  }
  return 0
}

const SIGN_CLEARED = 0x7f

/** Rules 3 and 4. */
const isAcceptablePoint = (bytes: Uint8Array, offset: number): boolean =>
  compare(bytes, offset, FIELD_PRIME, SIGN_CLEARED) < 0 &&
  !SMALL_ORDER_Y.some(y => compare(bytes, offset, y, SIGN_CLEARED) === 0)

/** Rules 1, 3 and 4 for a key alone: what an account's or a contract's key must fulfil to ever sign. */
export const isAcceptablePublicKey = (publicKey: Uint8Array): boolean =>
  publicKey.length === PUBLIC_KEY_LENGTH && isAcceptablePoint(publicKey, 0)

/** Rules 1 to 4. */
export const passesByteRules = (publicKey: Uint8Array, signature: Uint8Array): boolean =>
  signature.length === SIGNATURE_LENGTH &&
  compare(signature, 32, ORDER, 0xff) < 0 &&
  isAcceptablePoint(signature, 0) &&
  isAcceptablePublicKey(publicKey)
