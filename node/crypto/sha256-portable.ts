/** sha256-node.ts without Node, for browsers. */
import { bytesToLatin1 } from '#bytes'
import { sha256 } from '@noble/hashes/sha2.js'

export const sha256Bytes = (data: Uint8Array): Uint8Array => sha256(data)

export const sha256Parts = (parts: readonly Uint8Array[]): Uint8Array => {
  const hasher = sha256.create()
  for (const part of parts) hasher.update(part)
  return hasher.digest()
}

export const sha256Latin1 = (data: Uint8Array): string => bytesToLatin1(sha256Bytes(data))

export const sha256PartsLatin1 = (parts: readonly Uint8Array[]): string => bytesToLatin1(sha256Parts(parts))
