/**
 * What peers ask each other to catch up, and the answers: type and codec declared once. Positions are on the wire: append
 * only. Names and limits of the requests stand in network/request-table.ts.
 *
 * | request        | asks for                              | answer                                               |
 * | -------------- | ------------------------------------- | ---------------------------------------------------- |
 * | `handOvers`    | from an epoch on                      | as many as fit                                       |
 * | `headers`      | a stretch of heights                  | as many as can be read at once, C[F] of the last     |
 * | `blocks`       | a stretch, and a place in the first   | as many as fit; the first may be cut                 |
 * | `snapshots`    | the list                              | height and hashes of each                            |
 * | `snapshotPart` | a file of one, from a place in it     | as much as fits                                      |
 *
 * What lies inside an answer is bytes, so that who serves it decodes nothing and who receives it decodes one at a time.
 */
import { REQUESTS } from '../network/request-table.ts'
import { LIMITS } from '../params.ts'
import { headerCodec } from '../types/block.ts'
import {
  type BcsType,
  byteString,
  createCodec,
  list,
  option,
  struct,
  text,
  u16,
  u32,
  u64,
  versionByte,
} from '../types/codec.ts'
import { handOverCodec } from '../types/hand-over.ts'
import { type Hash, hashType, type Height } from '../types/primitives.ts'
import { type Certificate, certificateType } from '../types/vote.ts'

/** What an answer's own lengths, sizes and certificate take at most. */
const FRAME_BYTES = 4096

/** How much may be asked for at once. */
export const MOST = {
  handOvers: 128,
  /** Of the largest they take half of what an answer may have: none is cut. */
  headers: 512,
  blocks: 256,
  snapshots: 16,
  blockBytes: REQUESTS.blocks.maxAnswerBytes - FRAME_BYTES,
  handOverBytes: REQUESTS.handOvers.maxAnswerBytes - FRAME_BYTES,
  partBytes: REQUESTS.snapshotPart.maxAnswerBytes - FRAME_BYTES,
  fileNameBytes: 80,
} as const

const VERSION = versionByte('sync', 1)

export interface HandOversRequest {
  version: 1
  fromEpoch: bigint
}

export interface HandOversAnswer {
  /** Each of one epoch, in order: handOverCodec. */
  handOvers: Uint8Array[]
}

export interface HeadersRequest {
  version: 1
  from: Height
  count: number
}

export interface HeadersAnswer {
  /** In order: headerCodec. */
  headers: Uint8Array[]
  /** C[F] of the last of them, if the peer has it: of most blocks nobody keeps one. */
  certificate: Certificate | undefined
}

export interface BlocksRequest {
  version: 1
  from: Height
  count: number
  /** Bytes of the first that the asker has already. */
  skip: number
}

export interface BlocksAnswer {
  /** Of the whole first block. */
  firstBytes: number
  /** In order: blockCodec; the first without what was skipped, and cut if it does not fit: then it is the only one. */
  blocks: Uint8Array[]
}

export interface SnapshotsRequest {
  version: 1
}

export interface ListedSnapshot {
  height: Height
  blockHash: Hash
  /** SHA-256 of `snapshot.json`: with the same one, all chunks are the same. */
  manifestHash: Hash
}

export interface SnapshotsAnswer {
  snapshots: ListedSnapshot[]
}

export interface SnapshotPartRequest {
  version: 1
  height: Height
  manifestHash: Hash
  /** In the snapshot's folder, with `/`. */
  file: string
  offset: bigint
}

export interface SnapshotPartAnswer {
  /** Of the whole file. */
  fileBytes: bigint
  bytes: Uint8Array
}

const request = <T>(name: keyof typeof REQUESTS, fields: Parameters<typeof struct>[1]) =>
  createCodec(
    struct(`${name} request`, { version: VERSION, ...fields }) as BcsType<unknown> as BcsType<T>,
    REQUESTS[name].maxRequestBytes,
  )

const answer = <T>(name: keyof typeof REQUESTS, fields: Parameters<typeof struct>[1]) =>
  createCodec(
    struct(`${name} answer`, fields) as BcsType<unknown> as BcsType<T>,
    REQUESTS[name].maxAnswerBytes,
  )

export const handOversRequestCodec = request<HandOversRequest>('handOvers', { fromEpoch: u64 })
export const handOversAnswerCodec = answer<HandOversAnswer>('handOvers', {
  handOvers: list(byteString(handOverCodec.maxBytes), MOST.handOvers),
})

export const headersRequestCodec = request<HeadersRequest>('headers', { from: u64, count: u16 })
export const headersAnswerCodec = answer<HeadersAnswer>('headers', {
  headers: list(byteString(headerCodec.maxBytes), MOST.headers),
  certificate: option(certificateType),
})

export const blocksRequestCodec = request<BlocksRequest>('blocks', { from: u64, count: u16, skip: u32 })
export const blocksAnswerCodec = answer<BlocksAnswer>('blocks', {
  firstBytes: u32,
  blocks: list(byteString(LIMITS.blockBytes), MOST.blocks),
})

export const snapshotsRequestCodec = request<SnapshotsRequest>('snapshots', {})
export const snapshotsAnswerCodec = answer<SnapshotsAnswer>('snapshots', {
  snapshots: list(
    struct('ListedSnapshot', { height: u64, blockHash: hashType, manifestHash: hashType }),
    MOST.snapshots,
  ),
})

export const snapshotPartRequestCodec = request<SnapshotPartRequest>('snapshotPart', {
  height: u64,
  manifestHash: hashType,
  file: text(MOST.fileNameBytes),
  offset: u64,
})
export const snapshotPartAnswerCodec = answer<SnapshotPartAnswer>('snapshotPart', {
  fileBytes: u64,
  bytes: byteString(MOST.partBytes),
})
