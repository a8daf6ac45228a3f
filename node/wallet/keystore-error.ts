export type KeystoreErrorCode =
  /** No keystore of Vex, or one of another kind. */
  | 'not_a_keystore'
  /** Written by another version of Vex. */
  | 'foreign_version'
  /** Proved: what the file says is not what was written. */
  | 'tampered'
  | 'wrong_password'
  /** Its key derivation asks for less than protects, or for more than a machine should give. */
  | 'kdf_out_of_bounds'
  /** A new password that protects nothing. */
  | 'weak_password'

export class KeystoreError extends Error {
  override readonly name = 'KeystoreError'
  readonly code: KeystoreErrorCode
  constructor(code: KeystoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
