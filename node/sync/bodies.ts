/**
 * Whole blocks for headers that are believed, in stretches from several peers at once, handed on in order.
 *
 * Invariants
 * - a block leaves here only if its header has the believed hash and its transactions make that header's root: nothing
 *   else is ever executed;
 * - held and asked for are at most WINDOW_BLOCKS blocks and about WINDOW_BYTES; the block that comes next always may be;
 * - a peer that gives something else is reported, and loses the stretch; what it gave before that is kept.
 */
import { merkleRoot } from '../crypto/merkle.ts'
import type { NetworkPeer } from '../network/ports.ts'
import { LIMITS } from '../params.ts'
import { blockCodec, blockHash } from '../types/block.ts'
import { bytesEqual, type Hash, type Height } from '../types/primitives.ts'
import type { Certificate } from '../types/vote.ts'
import { type Asking, DONE, invalid, MORE, type Task, useless, type Verdict } from './asking.ts'
import type { HeaderSpans, TrustedHeader } from './header-spans.ts'
import { joinParts } from './join-parts.ts'
import { blocksAnswerCodec, blocksRequestCodec, MOST } from './messages.ts'

export const WINDOW_BLOCKS = 2048
export const WINDOW_BYTES = 64 << 20
/** Of one task: so few that several peers have some of the next blocks. */
const STRETCH_BLOCKS = 128
const STRETCH_BYTES = MOST.blockBytes / 2
/** Handed on together. */
const BATCH_BLOCKS = 64
const BATCH_BYTES = 8 << 20
/** How much the last block says about the next ones. */
const TRUST = 1 / 16

export interface Batch {
  readonly blocks: readonly { readonly hash: Hash; readonly bytes: Uint8Array }[]
  readonly lastHeight: Height
  /** C[F] of the last. */
  readonly certificate: Certificate | undefined
}

interface Wanted {
  readonly header: TrustedHeader
  bytes: Uint8Array | undefined
}

/** What of its first block a stretch has, from one peer. */
interface Beginning {
  readonly peer: string
  readonly firstBytes: number
  readonly bytes: Uint8Array
}

export class Bodies {
  readonly #asking: Asking
  readonly #spans: HeaderSpans
  /** From the next block on, in order. */
  readonly #wanted: Wanted[] = []
  #heldBytes = 0
  #openStretches = 0
  #usualBytes = 4096

  readonly #stretchBlocks: number

  constructor(asking: Asking, spans: HeaderSpans, stretchBlocks = STRETCH_BLOCKS) {
    this.#stretchBlocks = stretchBlocks
    this.#asking = asking
    this.#spans = spans
  }

  /** Wanted or held. */
  get size(): number {
    return this.#wanted.length
  }

  /** Of blocks that are held, and of answers that may come. */
  get reservedBytes(): number {
    return this.#heldBytes + this.#openStretches * MOST.blockBytes
  }

  plan(): void {
    while (this.#spans.ready.length > 0) {
      const room = WINDOW_BLOCKS - this.#wanted.length
      const isFull = this.reservedBytes + MOST.blockBytes > WINDOW_BYTES
      if (room <= 0 || (isFull && this.#wanted.length > 0)) return
      const fits = Math.max(1, Math.floor(STRETCH_BYTES / this.#usualBytes))
      const stretch = this.#spans
        .take(Math.min(room, fits, this.#stretchBlocks))
        .map((header): Wanted => ({ header, bytes: undefined }))
      this.#wanted.push(...stretch)
      this.#openStretches++
      this.#asking.add(this.#task(stretch))
    }
  }

  /** The next blocks that are there, up to one with a certificate. */
  take(): Batch | undefined {
    const blocks: { hash: Hash; bytes: Uint8Array }[] = []
    let bytes = 0
    let last: TrustedHeader | undefined
    while (blocks.length < BATCH_BLOCKS && bytes < BATCH_BYTES && last?.certificate === undefined) {
      const next = this.#wanted[blocks.length]
      if (next?.bytes === undefined) break
      blocks.push({ hash: next.header.hash, bytes: next.bytes })
      bytes += next.bytes.length
      last = next.header
    }
    if (last === undefined) return undefined
    this.#wanted.splice(0, blocks.length)
    this.#heldBytes -= bytes
    return { blocks, lastHeight: last.height, certificate: last.certificate }
  }

  /** Of blocks that follow one another. */
  #task(stretch: readonly Wanted[]): Task {
    let rest = stretch
    let beginning: Beginning | undefined
    const from = (): Height => (rest[0] as Wanted).header.height
    const end = (stretch.at(-1) as Wanted).header.height

    const accept = (answer: Uint8Array, peer: string): Verdict => {
      const { firstBytes, blocks } = blocksAnswerCodec.decode(answer)
      const [first, ...others] = blocks
      if (first === undefined || first.length === 0) return useless('nothing')
      if (blocks.length > rest.length) return invalid('more than asked for')
      const before = beginning?.bytes.length ?? 0
      if (
        firstBytes > LIMITS.blockBytes ||
        before + first.length > firstBytes ||
        (beginning !== undefined && beginning.firstBytes !== firstBytes)
      )
        return invalid('a block of another size than it says')
      const bytes = beginning === undefined ? first : joinParts(beginning.bytes, first)
      if (bytes.length < firstBytes) {
        beginning = { peer, firstBytes, bytes }
        return others.length === 0 ? MORE : invalid('blocks after one that is cut')
      }
      beginning = undefined
      for (const block of [bytes, ...others]) {
        const wanted = rest[0] as Wanted
        const problem = problemOf(block, wanted.header)
        if (problem !== undefined) return invalid(problem)
        this.#hold(wanted, block)
        rest = rest.slice(1)
      }
      if (rest.length > 0) return MORE
      this.#openStretches--
      return DONE
    }

    return {
      name: 'blocks',
      what: `blocks up to ${end}`,
      suits: (peer: NetworkPeer) => peer.keptFrom <= from() && peer.head.height >= from(),
      prefers: () => beginning?.peer,
      body: peer => {
        if (beginning?.peer !== peer) beginning = undefined
        const skip = beginning?.bytes.length ?? 0
        return blocksRequestCodec.encode({ version: 1, from: from(), count: rest.length, skip })
      },
      accept,
    }
  }

  #hold(wanted: Wanted, bytes: Uint8Array): void {
    wanted.bytes = bytes
    this.#heldBytes += bytes.length
    this.#usualBytes += TRUST * (bytes.length - this.#usualBytes)
  }
}

/** What is wrong with bytes that should be the block of a believed header. Throws a CodecError. */
const problemOf = (
  bytes: Uint8Array,
  { height, hash, transactionsRoot }: TrustedHeader,
): string | undefined => {
  const { header, transactions } = blockCodec.decode(bytes)
  if (!bytesEqual(blockHash(header), hash)) return `another block than ${height}`
  if (!bytesEqual(merkleRoot(transactions), transactionsRoot))
    return `block ${height} with other transactions than its header says`
  return undefined
}
