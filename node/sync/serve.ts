/**
 * Answers to peers that catch up: final blocks and what proves them, as they lie in the database, and files of snapshots.
 *
 * Invariants
 * - an answer never holds more than was asked for, than MOST allows, or than fits the table's limit;
 * - no more is read for one than it holds, but for the block or hand-over that does not fit any more;
 * - what is not there, or not kept, is refused as a whole: no answer has a hole.
 * A request that cannot be decoded throws: the network refuses it and notes the peer.
 */
import type { ChainView } from '../chain/chain-view.ts'
import type { RequestHandler, RequestHandlers } from '../network/ports.ts'
import { headerCodec } from '../types/block.ts'
import { lastHeight } from '../types/epoch.ts'
import { handOverCodec } from '../types/hand-over.ts'
import { type Height, MAX_U64 } from '../types/primitives.ts'
import {
  blocksAnswerCodec,
  type BlocksRequest,
  blocksRequestCodec,
  handOversAnswerCodec,
  handOversRequestCodec,
  headersAnswerCodec,
  type HeadersRequest,
  headersRequestCodec,
  MOST,
  snapshotPartAnswerCodec,
  snapshotPartRequestCodec,
  snapshotsAnswerCodec,
  snapshotsRequestCodec,
} from './messages.ts'
import type { SnapshotShelf } from './snapshot-shelf.ts'

/** Of blocks that are read for their headers. */
const MOST_READ_BYTES = 16 << 20
/** Of the length before each element of a list. */
const LENGTH_BYTES = 5

type Store = ChainView['store']

/** The last height of the stretch, if all of it is final and kept here. */
const endOfKept = (
  { store, head }: ChainView,
  from: Height,
  count: number,
  most: number,
): Height | undefined => {
  if (count === 0 || from === 0n || from < store.keptFrom() || from > head.header.height) return undefined
  const wanted = from + BigInt(Math.min(count, most)) - 1n
  return wanted < head.header.height ? wanted : head.header.height
}

const handOverOf = (store: Store, epoch: bigint, epochBlocks: bigint): Uint8Array | undefined => {
  const height = lastHeight(epoch, epochBlocks)
  const nextValidators = store.validators(epoch + 1n)
  const certificate = nextValidators && store.certificate(height)
  const header = certificate && store.headerBytes(height)
  return header === undefined || certificate === undefined || nextValidators === undefined
    ? undefined
    : handOverCodec.encode({ header: headerCodec.decode(header.bytes), certificate, nextValidators })
}

const handOvers = ({ genesis, head, store }: ChainView, fromEpoch: bigint): Uint8Array | undefined => {
  const { epochBlocks } = genesis.params
  if (fromEpoch > head.header.epoch) return undefined
  const found: Uint8Array[] = []
  let room: number = MOST.handOverBytes
  while (found.length < MOST.handOvers) {
    const bytes = handOverOf(store, fromEpoch + BigInt(found.length), epochBlocks)
    if (bytes === undefined) break
    room -= bytes.length + LENGTH_BYTES
    if (room < 0) break
    found.push(bytes)
  }
  return found.length === 0 ? undefined : handOversAnswerCodec.encode({ handOvers: found })
}

const headers = (chain: ChainView, { from, count }: HeadersRequest): Uint8Array | undefined => {
  const { store } = chain
  const end = endOfKept(chain, from, count, MOST.headers)
  if (end === undefined) return undefined
  const found: Uint8Array[] = []
  let [height, read] = [from, 0]
  for (; height <= end && read < MOST_READ_BYTES; height++) {
    const header = store.headerBytes(height)
    // Removed meanwhile.
    if (header === undefined) return undefined
    read += header.readBytes
    found.push(header.bytes)
  }
  return headersAnswerCodec.encode({ headers: found, certificate: store.certificate(height - 1n) })
}

const blocks = (chain: ChainView, { from, count, skip }: BlocksRequest): Uint8Array | undefined => {
  const { store } = chain
  const end = endOfKept(chain, from, count, MOST.blocks)
  const first = end === undefined ? undefined : store.blockBytes(from)
  if (end === undefined || first === undefined || skip >= first.length) return undefined
  const found = [first.subarray(skip, skip + MOST.blockBytes - LENGTH_BYTES)]
  let room = MOST.blockBytes - LENGTH_BYTES - (first.length - skip)
  for (let height = from + 1n; height <= end && room > 0; height++) {
    const bytes = store.blockBytes(height)
    if (bytes === undefined) return undefined
    room -= bytes.length + LENGTH_BYTES
    if (room >= 0) found.push(bytes)
  }
  return blocksAnswerCodec.encode({ firstBytes: first.length, blocks: found })
}

export interface SyncHandlersOptions {
  readonly chain: ChainView
  /** Without it this node has no snapshots. */
  readonly snapshots?: SnapshotShelf | undefined
}

/** For the network: what this node answers to peers that are behind. */
export const createSyncHandlers = ({ chain, snapshots }: SyncHandlersOptions): RequestHandlers => {
  const answer =
    <T>(
      codec: { decode(bytes: Uint8Array): T },
      give: (request: T) => Uint8Array | undefined | Promise<Uint8Array | undefined>,
    ): RequestHandler =>
    async body =>
      give(codec.decode(body))
  return {
    handOvers: answer(handOversRequestCodec, ({ fromEpoch }) => handOvers(chain, fromEpoch)),
    headers: answer(headersRequestCodec, request => headers(chain, request)),
    blocks: answer(blocksRequestCodec, request => blocks(chain, request)),
    snapshots: answer(snapshotsRequestCodec, () =>
      snapshotsAnswerCodec.encode({ snapshots: snapshots?.list().slice(0, MOST.snapshots) ?? [] }),
    ),
    snapshotPart: answer(snapshotPartRequestCodec, async request => {
      if (request.offset > MAX_U64 >> 11n) return undefined
      const part = await snapshots?.read(request, MOST.partBytes)
      return part && snapshotPartAnswerCodec.encode(part)
    }),
  }
}
