/**
 * What a sentry passes on: it stands between the validators that hide behind it and everybody else. Pure: the time comes in.
 *
 *   hidden validator --frame--> sentry --relayed frame (its vote key | frame)--> everybody else
 *   others           --frame--> sentry --relayed frame (their vote key | frame)--> its hidden validators
 *
 * Only what counts on its sender's word is passed on: proposals, votes, and the votes in a standstill. A vote may be a leader's
 * that its sender shows to one validator (consensus/witnesses.ts): it goes to all, and who has no use for it drops it.
 * Certificates prove themselves, and a sentry, which follows consensus as any node does, relays each that is news. Questions
 * are not passed on: a sentry answers them itself, for a block is here, its transactions too, before a proposal goes on;
 * what it lacks it asks others for.
 *
 * What holds:
 * - who may say what: a relayed frame is listened to only from a sentry that has shown the validator's delegation
 *   (delegations.ts), or that a hidden validator has chosen itself. All others drop it;
 * - nothing goes in circles. Outward goes only what came over the validator's own connection; inward only to hidden
 *   validators, who pass on nothing; so a message goes through two sentries at most, its sender's and its receiver's.
 *   A validator is not told what it said itself;
 * - a message that comes twice, from two sentries of its sender, is passed on once. That is remembered for about a
 *   second, of a bounded number: consensus repeats itself on purpose when nothing goes on;
 * - of one voice (a validator, by one peer) a bounded number of messages and bytes a second is passed on, so that who
 *   floods takes nothing from others, nor one sentry of a validator from its other one. What cannot be decoded is dropped.
 *
 * What a bad sentry can do to the validators behind it, and to nobody else:
 * - drop or delay what they say and hear: with a second sentry nothing is lost;
 * - say in their name what they have not said. Proposals are verified at once, votes at their quorum (tally.ts): whoever
 *   relayed a forgery is reported, not its validator or the other sentries, and is banned with the third. Until then a
 *   forged vote may take the place of a good one in one view. Nobody is convicted but by the validator's own signature;
 * - say to them what others have not said. They do not ban who they have chosen, since it may be another validator that
 *   lies; the certificates that another sentry relays keep them going, and their log tells.
 * A validator that misbehaves behind a sentry, with a forged witness too, is the sentry's fault in everybody's eyes: its operator
 * has let it in.
 */
import { hash } from 'node:crypto'
import type { WireMessage } from '../consensus/messages.ts'
import type { Peer } from '../consensus/protocol.ts'
import { LIMITS } from '../params.ts'
import { type Codec, CodecError } from '../types/codec.ts'
import { bytesEqual, toHex } from '../types/primitives.ts'
import { RateLimits } from './rate-limits.ts'

export const SENTRY_LIMITS = {
  /** Of one voice. An honest one needs about ten for each block. */
  perSecond: 256,
  bytesPerSecond: 2 * LIMITS.blockBytes,
  /** Of whom the last second is remembered. */
  voices: 4_096,
  /** What was passed on is remembered for so long at least, and three times as long at most. */
  seenMs: 500,
  /** In that time; more, and the oldest are forgotten sooner. */
  seen: 16_384,
} as const

export interface SentryRelayOptions {
  /** Of consensus (consensus/messages.ts). */
  readonly codec: Codec<WireMessage>
  readonly peers: () => readonly Peer[]
  /** Those of `peers` that hide behind this node. */
  readonly hidden: () => readonly Peer[]
}

const RELAYED: ReadonlySet<WireMessage['kind']> = new Set(['proposal', 'vote', 'standstill'])

export class SentryRelay {
  readonly #options: SentryRelayOptions
  readonly #limits = new RateLimits(
    {
      voice: {
        perSecond: SENTRY_LIMITS.perSecond,
        bytesPerSecond: SENTRY_LIMITS.bytesPerSecond,
        burstBytes: SENTRY_LIMITS.bytesPerSecond,
      },
    },
    SENTRY_LIMITS.voices,
  )
  #seen = new Set<string>()
  #seenBefore = new Set<string>()
  #turnedMs = 0

  constructor(options: SentryRelayOptions) {
    this.#options = options
  }

  /** To whom a message goes on, in the name of `from.voteKey`. */
  receivers(from: Peer, message: Uint8Array, nowMs: number): string[] {
    const { voteKey } = from
    const hidden = this.#options.hidden()
    if (voteKey === undefined || hidden.length === 0) return []
    const isServed = from.isRelayed !== true && hidden.some(({ id }) => id === from.id)
    const isOther = (peer: Peer): boolean =>
      peer.id !== from.id && (peer.voteKey === undefined || !bytesEqual(peer.voteKey, voteKey))
    const to = (isServed ? this.#options.peers() : hidden).filter(isOther).map(({ id }) => id)
    if (to.length === 0) return []
    const name = `${toHex(voteKey)} ${hash('sha256', message, 'binary')}`
    if (this.#hasSeen(name, nowMs)) return []
    const voice = `${from.id} ${toHex(voteKey)}`
    if (!this.#limits.allow(voice, 'voice', message.length, nowMs)) return []
    if (!this.#isRelayed(message)) return []
    this.#seen.add(name)
    return to
  }

  #hasSeen(name: string, nowMs: number): boolean {
    const isOld = nowMs - this.#turnedMs >= SENTRY_LIMITS.seenMs
    if (isOld || this.#seen.size >= SENTRY_LIMITS.seen) {
      const isForgotten = nowMs - this.#turnedMs >= 2 * SENTRY_LIMITS.seenMs
      this.#seenBefore = isForgotten ? new Set() : this.#seen
      this.#seen = new Set()
      this.#turnedMs = nowMs
    }
    return this.#seen.has(name) || this.#seenBefore.has(name)
  }

  #isRelayed(message: Uint8Array): boolean {
    try {
      return RELAYED.has(this.#options.codec.decode(message).kind)
    } catch (error) {
      if (error instanceof CodecError) return false
      throw error
    }
  }
}
