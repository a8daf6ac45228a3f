/** SHA-256 by OpenSSL. A bundle for browsers takes sha256-portable.ts in its place (`#sha256` in package.json). */
import { createHash, hash } from 'node:crypto'

export const sha256Bytes = (data: Uint8Array): Uint8Array => hash('sha256', data, 'buffer')

/** In latin1, in a third of the time of bytes. */
export const sha256Latin1 = (data: Uint8Array): string => hash('sha256', data, 'binary')

export const sha256Parts = (parts: readonly Uint8Array[]): Uint8Array => {
  const hasher = createHash('sha256')
  for (const part of parts) hasher.update(part)
  return new Uint8Array(hasher.digest())
}
