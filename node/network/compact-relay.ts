/**
 * Proposals between consensus and the wire: they travel in the compact form, consensus sees its own bytes. No I/O and no
 * clock: it is told what came in and when, and says what to do (`RelayAction`).
 *
 *   frame = 00 | a message of consensus          or          01 | BCS{the proposal without its block, compact block}
 *
 * What holds:
 * - what is delivered is exactly the message that went into the sender's `outgoing`, or the sender made it up: its block
 *   has the transactions root of its header, and signatures are left to consensus;
 * - of each peer a bounded number of proposals is under way, and of all together; each ends after a few questions, each of
 *   which has a deadline. Then it is dropped, as a network may: consensus asks its peers for blocks that it lacks;
 * - what is missing is asked of the sender first. If it is silent or refuses, others are asked, who may have got it by
 *   then. Where the whole does not fit, all that is not from the sender is asked of it, so that in the end only its own
 *   words can be wrong, and only then is it reported as a liar.
 */
import type { WireMessage } from '../consensus/messages.ts'
import { blockCodec, blockHash } from '../types/block.ts'
import { byteString, type Codec, CodecError, createCodec, struct } from '../types/codec.ts'
import { LruMap } from '../types/lru-map.ts'
import { type Height, toHex } from '../types/primitives.ts'
import { answerTransactions, transactionsCodec, transactionsWantedCodec } from './block-transactions.ts'
import { compactBlockCodec, Expansion, type FindInPool, toCompact } from './compact-block.ts'
import type { Offence } from './ports.ts'
import { concatBytes } from '#bytes'

export const RELAY_LIMITS = {
  /** Under way; of one peer, and of all. The oldest makes room. */
  proposalsPerPeer: 2,
  proposals: 32,
  /** For one proposal. */
  asks: 4,
  /** Without an answer for so long, another peer is asked. The answer is still welcome. */
  askMs: 500,
  /** Transactions that peers may ask for: of own blocks, and as many of others'. */
  keptBytes: 16 * 1024 * 1024,
} as const

const PLAIN = 0
const COMPACT = 1
/** The number of 'proposal' in the union of consensus/messages.ts, its first byte. */
const PROPOSAL = 0
const NO_BLOCK = new Uint8Array()

interface CompactProposal {
  proposal: Uint8Array
  block: Uint8Array
}

const compactProposalCodec: Codec<CompactProposal> = createCodec<CompactProposal>(
  struct('CompactProposal', {
    proposal: byteString(64 * 1024),
    block: byteString(compactBlockCodec.maxBytes),
  }),
  compactBlockCodec.maxBytes + 128 * 1024,
)

export type RelayAction =
  | {
      readonly kind: 'deliver'
      readonly from: string
      /** The vote key in whose name `from` has passed it on, if it has. */
      readonly voice?: Uint8Array | undefined
      readonly message: Uint8Array
    }
  /** A request `blockTransactions`. Its end, whatever it is, is to be told to `answered`. */
  | { readonly kind: 'ask'; readonly ask: number; readonly peer: string; readonly request: Uint8Array }
  | { readonly kind: 'report'; readonly peer: string; readonly offence: Offence; readonly reason: string }

export interface CompactRelayOptions {
  /** Of consensus (consensus/messages.ts). */
  readonly codec: Codec<WireMessage>
  /** What this node holds. */
  readonly findInPool: FindInPool
  /** Whom to ask when the sender does not answer, best first. */
  readonly peers: () => readonly string[]
  /** Of this node's own block: transactions that its peers are not likely to hold. */
  readonly isUnknown?: (transaction: Uint8Array) => boolean
}

interface Pending {
  readonly key: string
  readonly from: string
  readonly voice: Uint8Array | undefined
  readonly proposal: WireMessage & { kind: 'proposal' }
  readonly expansion: Expansion
  readonly asked: Set<string>
  /** Of questions without an answer. */
  readonly open: Set<number>
  asks: number
  deadline: number
  isSenderReported: boolean
}

interface Ask {
  readonly pending: Pending
  readonly peer: string
  readonly indexes: readonly number[]
}

export class CompactRelay {
  readonly #options: CompactRelayOptions
  /** The oldest first. */
  readonly #pending = new Map<string, Pending>()
  readonly #asks = new Map<number, Ask>()
  readonly #own = createKept()
  readonly #others = createKept()
  #nextAsk = 0
  #finalHeight: Height = 0n

  constructor(options: CompactRelayOptions) {
    this.#options = options
  }

  /** Proposals under way. */
  get size(): number {
    return this.#pending.size
  }

  /** When `tick` has something to do. */
  get wakeAt(): number | undefined {
    let first: number | undefined
    for (const { deadline } of this.#pending.values())
      if (first === undefined || deadline < first) first = deadline
    return first
  }

  /** The frame for a message of consensus. */
  outgoing(message: Uint8Array): Uint8Array {
    const compact = this.#compact(message)
    return compact !== undefined && compact.length < message.length
      ? concatBytes(Uint8Array.of(COMPACT), compact)
      : concatBytes(Uint8Array.of(PLAIN), message)
  }

  /** `voice`: the vote key in whose name the peer passes it on. */
  incoming(from: string, frame: Uint8Array, now: number, voice?: Uint8Array): RelayAction[] {
    const body = frame.subarray(1)
    if (frame[0] === PLAIN) return [{ kind: 'deliver', from, voice, message: body }]
    if (frame[0] !== COMPACT) return [invalid(from, 'a frame of an unknown kind')]
    try {
      return this.#begin(from, voice, compactProposalCodec.decode(body), now)
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      return [invalid(from, error.message)]
    }
  }

  /** `undefined`: there was none. */
  answered(ask: number, answer: Uint8Array | undefined, now: number): RelayAction[] {
    const asked = this.#asks.get(ask)
    if (asked === undefined) return []
    const { pending, peer, indexes } = asked
    this.#asks.delete(ask)
    pending.open.delete(ask)
    const isFromSender = peer === pending.from
    const transactions = decodeAnswer(answer)
    if (transactions === undefined || transactions.length > indexes.length) {
      const rest = isFromSender ? this.#drop(pending) : this.#askAnother(pending, now)
      return [invalid(peer, 'an answer to another question'), ...rest]
    }
    if (transactions.length === 0) {
      const blame = isFromSender ? this.#blame(pending) : []
      return [...blame, ...this.#askAnother(pending, now)]
    }
    if (pending.expansion.addAnswer(indexes, transactions, isFromSender))
      return this.#advance(pending, peer, now)
    // Short ids are the sender's word: against another peer they prove nothing.
    if (!isFromSender) return this.#askAnother(pending, now)
    return [invalid(peer, 'transactions with other short ids than it said'), ...this.#drop(pending)]
  }

  /** Answers a peer's request `blockTransactions`; throws a CodecError. `undefined`: not here. */
  serve(request: Uint8Array): Uint8Array | undefined {
    const { hash, indexes } = transactionsWantedCodec.decode(request)
    const name = toHex(hash)
    const transactions = this.#own.get(name) ?? this.#others.get(name)
    return transactions && answerTransactions(transactions, indexes)
  }

  /** Asks others where nobody has answered in time. */
  tick(now: number): RelayAction[] {
    const late = [...this.#pending.values()].filter(({ deadline }) => deadline <= now)
    return late.flatMap(pending => [...this.#blame(pending), ...this.#askAnother(pending, now)])
  }

  /** Proposals up to here are of no use any more. */
  finalised(height: Height): void {
    this.#finalHeight = height
    for (const pending of this.#pending.values())
      if (pending.expansion.header.height <= height) this.#drop(pending)
  }

  /** `undefined`: not a proposal of a block. */
  #compact(message: Uint8Array): Uint8Array | undefined {
    // Other messages are not decoded: they may be long, or many.
    if (message[0] !== PROPOSAL) return undefined
    try {
      const proposal = this.#options.codec.decode(message)
      if (proposal.kind !== 'proposal') return undefined
      const block = blockCodec.decode(proposal.block)
      this.#own.set(toHex(blockHash(block.header)), block.transactions)
      return compactProposalCodec.encode({
        proposal: this.#options.codec.encode({ ...proposal, block: NO_BLOCK }),
        block: toCompact(block, this.#options),
      })
    } catch (error) {
      if (error instanceof CodecError) return undefined
      throw error
    }
  }

  #begin(
    from: string,
    voice: Uint8Array | undefined,
    { proposal: bytes, block }: CompactProposal,
    now: number,
  ): RelayAction[] {
    const proposal = this.#options.codec.decode(bytes)
    if (proposal.kind !== 'proposal' || proposal.block.length > 0)
      return [invalid(from, 'a compact form of what is no proposal')]
    const expansion = new Expansion(compactBlockCodec.decode(block))
    if (expansion.header.height <= this.#finalHeight) return []
    const key = `${toHex(expansion.hash)} ${proposal.view} ${from} ${voice === undefined ? '' : toHex(voice)}`
    if (this.#pending.has(key)) return []
    this.#makeRoom(from)
    const pending: Pending = {
      key,
      from,
      voice,
      proposal,
      expansion,
      asked: new Set(),
      open: new Set(),
      asks: 0,
      deadline: now,
      isSenderReported: false,
    }
    this.#pending.set(key, pending)
    expansion.takeFrom(this.#options.findInPool)
    return this.#advance(pending, from, now)
  }

  #makeRoom(from: string): void {
    const all = [...this.#pending.values()]
    const own = all.filter(pending => pending.from === from)
    if (own.length >= RELAY_LIMITS.proposalsPerPeer) this.#drop(own[0] as Pending)
    else if (all.length >= RELAY_LIMITS.proposals) this.#drop(all[0] as Pending)
  }

  /** After transactions have come, from `peer` the last. */
  #advance(pending: Pending, peer: string, now: number): RelayAction[] {
    const outcome = pending.expansion.outcome()
    if (outcome.kind === 'missing') return this.#ask(pending, peer, outcome.indexes, now)
    if (outcome.kind === 'mismatch') {
      if (outcome.indexes.length > 0) return this.#ask(pending, pending.from, outcome.indexes, now)
      this.#drop(pending)
      return [invalid(pending.from, 'a compact block with other transactions than its header says')]
    }
    this.#drop(pending)
    this.#others.set(toHex(pending.expansion.hash), outcome.transactions)
    const message = this.#options.codec.encode({ ...pending.proposal, block: outcome.bytes })
    return [{ kind: 'deliver', from: pending.from, voice: pending.voice, message }]
  }

  #ask(pending: Pending, peer: string, indexes: readonly number[], now: number): RelayAction[] {
    if (pending.asks >= RELAY_LIMITS.asks) return this.#drop(pending)
    const ask = this.#nextAsk++
    pending.asks++
    pending.asked.add(peer)
    pending.open.add(ask)
    pending.deadline = now + RELAY_LIMITS.askMs
    this.#asks.set(ask, { pending, peer, indexes })
    const request = transactionsWantedCodec.encode({ hash: pending.expansion.hash, indexes: [...indexes] })
    return [{ kind: 'ask', ask, peer, request }]
  }

  /** Nobody is asked twice without having answered. */
  #askAnother(pending: Pending, now: number): RelayAction[] {
    const peer = this.#options.peers().find(peer => !pending.asked.has(peer))
    const outcome = pending.expansion.outcome()
    if (peer !== undefined && outcome.kind !== 'block') return this.#ask(pending, peer, outcome.indexes, now)
    return pending.open.size === 0 || pending.deadline <= now ? this.#drop(pending) : []
  }

  /** Once for each proposal: whoever proposes a block has its transactions. */
  #blame(pending: Pending): RelayAction[] {
    if (pending.isSenderReported) return []
    pending.isSenderReported = true
    const reason = 'did not send the transactions of the block that it proposed'
    return [{ kind: 'report', peer: pending.from, offence: 'useless', reason }]
  }

  #drop(pending: Pending): RelayAction[] {
    this.#pending.delete(pending.key)
    for (const ask of pending.open) this.#asks.delete(ask)
    return []
  }
}

const createKept = () =>
  new LruMap<string, readonly Uint8Array[]>(RELAY_LIMITS.keptBytes, transactions =>
    transactions.reduce((sum, { length }) => sum + length, 1),
  )

const invalid = (peer: string, reason: string): RelayAction => ({
  kind: 'report',
  peer,
  offence: 'invalid',
  reason,
})

/** No answer is one without transactions; `undefined`: it is none. */
const decodeAnswer = (answer: Uint8Array | undefined): Uint8Array[] | undefined => {
  if (answer === undefined) return []
  try {
    return transactionsCodec.decode(answer)
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}
