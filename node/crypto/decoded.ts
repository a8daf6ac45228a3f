/** The curve libraries say by an exception that bytes are no point. */

/** V8's, when the native stack is used up: the node's trouble, which must not pass for a contract's bad bytes. */
const isStackOverflow = (error: unknown): boolean =>
  error instanceof RangeError && error.message === 'Maximum call stack size exceeded'

/** What `decode` makes of bytes from outside, or `undefined` if it refuses them. */
export const decodedOrNone = <T>(decode: () => T): T | undefined => {
  try {
    return decode()
  } catch (error) {
    if (isStackOverflow(error)) throw error
    return undefined
  }
}
