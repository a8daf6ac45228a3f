/** The part of sodium-native that Vex uses. Arguments of the wrong length throw. */
declare module 'sodium-native' {
  interface Sodium {
    crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
    crypto_hash_sha512(digest: Uint8Array, message: Uint8Array): void
    /** `product` = scalar B. These throw where a point, or the result, is not of the group of prime order, or of small order. */
    crypto_scalarmult_ed25519_base_noclamp(product: Uint8Array, scalar: Uint8Array): void
    crypto_scalarmult_ed25519_noclamp(product: Uint8Array, scalar: Uint8Array, point: Uint8Array): void
    crypto_core_ed25519_sub(difference: Uint8Array, a: Uint8Array, b: Uint8Array): void
  }
  const sodium: Sodium
  // oxlint-disable-next-line import/no-default-export -- what a CommonJS module looks like from outside
  export default sodium
}
