/**
 * Headers between final ones, in spans whose two ends are known: the hash of the top from its certificate, that of the
 * block below from the span before. A span is fetched in parts from several peers at once, and believed from the top
 * down: the last header of a part must have the hash that the part above names as its parent.
 *
 * Invariants
 * - a header leaves here only when hashes lead from a certificate to it, and in the order of the heights;
 * - a part whose top has another hash was a lie of who gave it: it is reported, and the part fetched elsewhere;
 * - held are HEADER_WINDOW headers, or one span if that is longer (an epoch's headers have no certificate between them).
 */
import type { NetworkPeer } from '../network/ports.ts'
import { TAGS, taggedHash } from '../crypto/hash.ts'
import { headerCodec } from '../types/block.ts'
import { bytesEqual, type Hash, type Height, toHex } from '../types/primitives.ts'
import type { Certificate } from '../types/vote.ts'
import { type Asking, DONE, invalid, type Task, useless, type Verdict } from './asking.ts'
import { SyncError } from './error.ts'
import { headersAnswerCodec, headersRequestCodec, MOST } from './messages.ts'
import type { Anchor, TrustedPath } from './trusted-path.ts'

/** What bodies are checked against. */
export interface TrustedHeader {
  readonly height: Height
  readonly hash: Hash
  readonly transactionsRoot: Hash
  /** If there is one: of an epoch's last block, and of the tip. */
  readonly certificate: Certificate | undefined
}

interface Linked {
  readonly height: Height
  readonly hash: Hash
  readonly parentHash: Hash
  readonly transactionsRoot: Hash
}

/** `headers` are linked with each other; not yet with what is above. */
interface Part {
  from: Height
  to: Height
  headers: readonly Linked[] | undefined
  peer: string | undefined
}

interface Span {
  readonly belowHash: Hash
  readonly anchors: readonly Anchor[]
  /** From the bottom up. */
  readonly parts: Part[]
}

const HEADER_WINDOW = 8192

export interface Checkpoint {
  readonly height: Height
  readonly hash: Hash
}

export class HeaderSpans {
  readonly #asking: Asking
  readonly #path: TrustedPath
  readonly #checkpoint: Checkpoint | undefined
  readonly #spans: Span[] = []
  /** Believed, and not taken yet. */
  readonly #ready: TrustedHeader[] = []
  readonly #partBlocks: bigint
  #planned: Checkpoint

  constructor(options: {
    asking: Asking
    path: TrustedPath
    head: Checkpoint
    checkpoint: Checkpoint | undefined
    /** Of one request. Short epochs share a span of as many. */
    partBlocks?: number | undefined
  }) {
    this.#asking = options.asking
    this.#path = options.path
    this.#planned = options.head
    this.#checkpoint = options.checkpoint
    this.#partBlocks = BigInt(options.partBlocks ?? MOST.headers)
  }

  /** Up to where headers are asked for or known. */
  get plannedTo(): Height {
    return this.#planned.height
  }

  get ready(): readonly TrustedHeader[] {
    return this.#ready
  }

  take(count: number): TrustedHeader[] {
    return this.#ready.splice(0, count)
  }

  /** Asks for the headers below the next anchors. */
  plan(): void {
    for (;;) {
      const { anchors } = this.#path
      const [first] = anchors
      const held = this.#ready.length + this.#spans.reduce((sum, { parts }) => sum + sizeOf(parts), 0)
      if (first === undefined || (held > 0 && held + Number(first.height - this.plannedTo) > HEADER_WINDOW))
        return
      const end = anchors.findIndex(({ height }) => height > this.plannedTo + this.#partBlocks)
      this.#begin(this.#path.take(Math.max(1, end < 0 ? anchors.length : end)))
    }
  }

  #begin(anchors: readonly Anchor[]): void {
    const top = anchors.at(-1) as Anchor
    const span: Span = { belowHash: this.#planned.hash, anchors, parts: [] }
    for (let from = this.plannedTo + 1n; from <= top.height; from += this.#partBlocks) {
      const last = from + this.#partBlocks - 1n
      const part: Part = {
        from,
        to: last < top.height ? last : top.height,
        headers: undefined,
        peer: undefined,
      }
      span.parts.push(part)
      this.#asking.add(this.#task(span, part))
    }
    this.#spans.push(span)
    this.#planned = top
  }

  #task(span: Span, part: Part): Task {
    const { from, to } = part
    return {
      name: 'headers',
      what: `headers ${from} to ${to}`,
      suits: (peer: NetworkPeer) => peer.keptFrom <= from && peer.head.height >= from,
      body: () => headersRequestCodec.encode({ version: 1, from, count: Number(to - from) + 1 }),
      accept: (bytes, peer) => this.#accept(span, part, bytes, peer),
    }
  }

  #accept(span: Span, part: Part, bytes: Uint8Array, peer: string): Verdict {
    const headers = headersAnswerCodec.decode(bytes).headers.map(toLinked)
    if (headers.length === 0) return useless('none')
    if (BigInt(headers.length) > part.to - part.from + 1n) return invalid('more than asked for')
    for (const [i, { height, parentHash }] of headers.entries()) {
      if (height !== part.from + BigInt(i)) return invalid(`header ${height} in the wrong place`)
      const parent = headers[i - 1]
      if (parent !== undefined && !bytesEqual(parentHash, parent.hash))
        return invalid(`header ${height} does not stand on the one before`)
    }
    this.#fill(span, part, headers, peer)
    this.#settle()
    return DONE
  }

  /** What the answer lacks becomes a part of its own. */
  #fill(span: Span, part: Part, headers: readonly Linked[], peer: string): void {
    const end = part.from + BigInt(headers.length) - 1n
    if (end < part.to) {
      const rest: Part = { from: end + 1n, to: part.to, headers: undefined, peer: undefined }
      span.parts.splice(span.parts.indexOf(part) + 1, 0, rest)
      this.#asking.addFirst(this.#task(span, rest))
      part.to = end
    }
    part.headers = headers
    part.peer = peer
  }

  /** Believes what the spans above lead to; whole spans leave in order. */
  #settle(): void {
    for (const span of this.#spans) this.#checkLinks(span)
    for (;;) {
      const [span] = this.#spans
      if (span === undefined || span.parts.some(({ headers }) => headers === undefined)) return
      this.#spans.shift()
      this.#release(span)
    }
  }

  #checkLinks({ anchors, parts }: Span): void {
    let expected = (anchors.at(-1) as Anchor).hash
    for (const part of parts.toReversed()) {
      const { headers } = part
      if (headers === undefined) return
      const top = headers.at(-1) as Linked
      if (!bytesEqual(top.hash, expected)) {
        this.#refuse(part, top)
        return
      }
      expected = (headers[0] as Linked).parentHash
    }
  }

  #refuse(part: Part, { height }: Linked): void {
    const { peer } = part
    part.headers = undefined
    part.peer = undefined
    const span = this.#spans.find(({ parts }) => parts.includes(part)) as Span
    this.#asking.addFirst(this.#task(span, part))
    if (peer !== undefined)
      this.#asking.report(peer, 'invalid', `header ${height} is not the one that a certificate leads to`)
  }

  #release({ belowHash, anchors, parts }: Span): void {
    const headers = parts.flatMap(part => part.headers ?? [])
    const [lowest] = headers
    if (lowest !== undefined && !bytesEqual(lowest.parentHash, belowHash))
      throw new SyncError(
        'fork',
        `block ${lowest.height - 1n} is ${toHex(belowHash)} here, and what the validators have signed stands on ${toHex(lowest.parentHash)}: this node's blocks are of another chain`,
      )
    const finals = new Map(anchors.map(anchor => [anchor.height, anchor]))
    for (const { height, hash, transactionsRoot } of headers) {
      const final = finals.get(height)
      if (final !== undefined && !bytesEqual(final.hash, hash))
        throw new SyncError(
          'fork',
          `two blocks are final at height ${height}: the validators have signed both`,
        )
      if (height === this.#checkpoint?.height && !bytesEqual(hash, this.#checkpoint.hash))
        throw new SyncError(
          'wrong_checkpoint',
          `block ${height} of the peers' chain is ${toHex(hash)}, not the trusted ${toHex(this.#checkpoint.hash)}`,
        )
      this.#ready.push({ height, hash, transactionsRoot, certificate: final?.certificate })
    }
  }
}

const sizeOf = (parts: readonly Part[]): number =>
  parts.reduce((sum, { from, to }) => sum + Number(to - from) + 1, 0)

const toLinked = (bytes: Uint8Array): Linked => {
  const { height, parentHash, transactionsRoot } = headerCodec.decode(bytes)
  return { height, hash: taggedHash(TAGS.header, bytes), parentHash, transactionsRoot }
}
