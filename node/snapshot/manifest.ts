/**
 * A snapshot: the state after the last block of an epoch, as a folder of files.
 *
 * | name                | what                                                                                         |
 * | ------------------- | -------------------------------------------------------------------------------------------- |
 * | `snapshot.json`     | of which chain and block, and the list of chunks; written last                               |
 * | `genesis.json`      | what the chain starts from: all that has to be trusted                                       |
 * | `hand-overs`        | for each epoch up to the block's, its last header, certificate and next validators           |
 * | `block`             | the block, in BCS                                                                            |
 * | `receipts`          | those of the block's transactions                                                            |
 * | `chunks/<prefix>`   | the state (chunk-file.ts); the prefix in hex, a digit a nibble; `chunks/all` if there is one |
 *
 * The hand-overs lead from the genesis to the block, whose header has the state root; the hashes of the chunk list make
 * that root, and each chunk has its hash. So nothing here has to be believed, wherever it comes from.
 */
import { z } from 'zod'
import {
  fromHex,
  fromLatin1,
  type Hash,
  type Height,
  MAX_U64,
  toHash,
  toHex,
  toLatin1,
} from '../types/primitives.ts'
import type { ListedChunk } from './chunk-list.ts'
import { MAX_CHUNK_BYTES } from './chunk-file.ts'
import { badFile } from './error.ts'

export const SNAPSHOT_FILES = {
  manifest: 'snapshot.json',
  genesis: 'genesis.json',
  handOvers: 'hand-overs',
  block: 'block',
  receipts: 'receipts',
  chunks: 'chunks',
} as const

/** What each may have at most. A chunk's line is about 200 bytes: the list of 1 TiB of state fits. */
export const FILE_LIMITS = {
  manifest: 128 << 20,
  genesis: 64 << 20,
} as const

const FORMAT_VERSION = 1

export interface Manifest {
  readonly chainId: string
  readonly genesisHash: Hash
  readonly height: Height
  readonly blockHash: Hash
  readonly stateRoot: Hash
  /** In the order of their prefixes. */
  readonly chunks: readonly ListedChunk[]
}

const prefixToHex = (prefix: string): string =>
  Array.from(prefix, nibble => nibble.charCodeAt(0).toString(16)).join('')

const prefixFromHex = (hex: string): string =>
  Array.from(hex, digit => String.fromCharCode(Number.parseInt(digit, 16))).join('')

/** In the snapshot's folder. */
export const chunkFile = (prefix: string): string =>
  `${SNAPSHOT_FILES.chunks}/${prefix === '' ? 'all' : prefixToHex(prefix)}`

const MAX_NIBBLES = 64

const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'expected the 64 hex digits of a hash')
  .transform(hex => toHash(fromHex(hex)))

const schema = z.strictObject({
  formatVersion: z.literal(FORMAT_VERSION),
  chainId: z.string().min(1).max(32),
  genesisHash: hash,
  height: z
    .string()
    .regex(/^[1-9]\d{0,19}$/, 'expected a height as a decimal string')
    .transform(BigInt)
    .refine(height => height <= MAX_U64, 'expected a height as a decimal string'),
  blockHash: hash,
  stateRoot: hash,
  chunks: z.array(
    z.strictObject({
      prefix: z
        .string()
        .max(MAX_NIBBLES)
        .regex(/^[0-9a-f]*$/, 'expected hex digits')
        .transform(prefixFromHex),
      hash: hash.transform(toLatin1),
      entries: z.int().min(1),
      bytes: z.int().min(1).max(MAX_CHUNK_BYTES),
    }),
  ),
})

/** Throws a SnapshotError that names the field. */
export const parseManifest = (text: string): Manifest => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw badFile(SNAPSHOT_FILES.manifest, `is not JSON: ${(cause as Error).message}`, cause)
  }
  const version = (json as { formatVersion?: unknown } | null)?.formatVersion
  if (typeof version === 'number' && version > FORMAT_VERSION)
    throw badFile(
      SNAPSHOT_FILES.manifest,
      `has format ${version}; this version of Vex knows ${FORMAT_VERSION}: update it`,
    )
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw badFile(
    SNAPSHOT_FILES.manifest,
    `is damaged: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
  )
}

export const formatManifest = (manifest: Manifest): string => {
  const json = {
    formatVersion: FORMAT_VERSION,
    chainId: manifest.chainId,
    genesisHash: toHex(manifest.genesisHash),
    height: String(manifest.height),
    blockHash: toHex(manifest.blockHash),
    stateRoot: toHex(manifest.stateRoot),
    chunks: manifest.chunks.map(({ prefix, hash: top, entries, bytes }) => ({
      prefix: prefixToHex(prefix),
      hash: toHex(fromLatin1(top)),
      entries,
      bytes,
    })),
  }
  return `${JSON.stringify(json, null, 1)}\n`
}
