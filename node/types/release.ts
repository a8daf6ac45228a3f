/**
 * Gives memory back that V8 would keep until it collects what is old: it knows how little an array is, not how much lies
 * behind it, and what is left of many goes through malloc in another order than it came.
 *
 * Nobody may use `bytes`, or another view of their buffer, any more: they are empty after this. Those that share their buffer
 * with others are left alone, for it is still needed.
 */
export const release = (bytes: Uint8Array): void => {
  const { buffer, byteLength } = bytes
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength && byteLength > 0) buffer.transfer(0)
}
