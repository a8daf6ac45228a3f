export type AbiErrorCode =
  /** The ABI itself is not one. */
  | 'bad_abi'
  | 'unknown_method'
  | 'unknown_event'
  /** A value that was given does not fit its type. */
  | 'bad_value'
  /** Bytes that came from a contract do not fit its ABI. */
  | 'bad_data'

export class AbiError extends Error {
  override readonly name = 'AbiError'
  readonly code: AbiErrorCode
  constructor(code: AbiErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
