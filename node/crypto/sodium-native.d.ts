/** The part of sodium-native that Vex uses. Arguments of the wrong length throw. */
declare module 'sodium-native' {
  interface Sodium {
    crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
  }
  const sodium: Sodium
  // oxlint-disable-next-line import/no-default-export -- what a CommonJS module looks like from outside
  export default sodium
}
