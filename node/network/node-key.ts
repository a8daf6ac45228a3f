/**
 * `node.key`: the seed of the Ed25519 key by which other nodes know this one, as 64 hex digits. It signs no votes and
 * holds no money; whoever has it can pose as this node. The file must be readable by its owner only.
 */
import { randomBytes } from 'node:crypto'
import { fromHex, toHex } from '../types/primitives.ts'

const SEED_BYTES = 32

export class NodeKeyError extends Error {
  override readonly name = 'NodeKeyError'
  readonly code = 'bad_node_key'
}

/** 32 bytes. */
export const createNodeKey = (): Uint8Array => new Uint8Array(randomBytes(SEED_BYTES))

export const formatNodeKey = (seed: Uint8Array): string => `${toHex(seed)}\n`

/** `path` is for the error alone; what the file holds is never shown. */
export const parseNodeKey = (text: string, path: string): Uint8Array => {
  const digits = text.trim()
  if (/^[0-9a-fA-F]{64}$/.test(digits)) return fromHex(digits)
  throw new NodeKeyError(
    `${path} is damaged: it holds the ${SEED_BYTES} bytes of a key as ${2 * SEED_BYTES} hex digits. Restore it from a copy, or delete it: then the node gets a new name in the network with its next start`,
  )
}
