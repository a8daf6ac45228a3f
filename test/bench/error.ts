export type BenchErrorCode = 'usage' | 'timeout' | 'node_failed' | 'refused' | 'wrong_result' | 'no_peer'

/** The benchmark cannot go on; the message says why. */
export class BenchError extends Error {
  override readonly name = 'BenchError'
  readonly code: BenchErrorCode
  constructor(code: BenchErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
