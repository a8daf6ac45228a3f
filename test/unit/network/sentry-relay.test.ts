/** What a sentry passes on, and to whom. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { messageCodec, type WireMessage } from '../../../node/consensus/messages.ts'
import type { Peer } from '../../../node/consensus/protocol.ts'
import { SENTRY_LIMITS, SentryRelay } from '../../../node/network/sentry-relay.ts'
import { toHash } from '../../../node/types/primitives.ts'

const keyOf = (name: string): Uint8Array => new Uint8Array(48).fill(name.charCodeAt(0))
const direct = (id: string, isValidator = true): Peer => ({
  id,
  voteKey: isValidator ? keyOf(id) : undefined,
})
const relayed = (id: string, origin: string): Peer => ({ id, voteKey: keyOf(origin), isRelayed: true })
const HASH = toHash(new Uint8Array(32).fill(7))
const SIGNATURE = new Uint8Array(96).fill(1)

const encode = (message: WireMessage): Uint8Array => messageCodec.encode(message)
const voteOf = (view: number): Uint8Array =>
  encode({
    kind: 'vote',
    vote: {
      kind: 'notarize',
      epoch: 0n,
      view: BigInt(view),
      hash: HASH,
      signer: 1,
      signature: SIGNATURE,
    },
  })

/** Validators a and b stand in the open, v and w hide here; o is another sentry, f a full node. */
const PEERS = [direct('a'), direct('b'), direct('v'), direct('w'), direct('o', false), direct('f', false)]
const HIDDEN = PEERS.filter(({ id }) => id === 'v' || id === 'w')
const createRelay = (hidden: readonly Peer[] = HIDDEN) =>
  new SentryRelay({ codec: messageCodec, peers: () => PEERS, hidden: () => hidden })

describe('a sentry passes on', () => {
  it.each([
    ['of a validator that hides here: to everybody else', direct('v'), ['a', 'b', 'w', 'o', 'f']],
    ['of a validator in the open: to those that hide here', direct('a'), ['v', 'w']],
    ['of one behind another sentry: to those that hide here', relayed('o', 'x'), ['v', 'w']],
    ['of one that hides here, from its other sentry: to the others that hide here', relayed('o', 'v'), ['w']],
    ['of nobody with a vote key: to nobody', direct('f', false), []],
  ])('what is %s', (_, from, to) => {
    expect(createRelay().receivers(from, voteOf(1), 0)).toEqual(to)
  })

  it('nothing to anybody, if nobody hides behind it', () => {
    expect(createRelay([]).receivers(direct('a'), voteOf(1), 0)).toEqual([])
  })

  it('what counts on its sender’s word alone', () => {
    const messages: WireMessage[] = [
      { kind: 'proposal', view: 1n, block: Uint8Array.of(1), signature: SIGNATURE, justification: [] },
      { kind: 'standstill', epoch: 0n, finalView: 0n, certificates: [], votes: [] },
      { kind: 'certificates', certificates: [] },
      { kind: 'blocksWanted', hash: HASH, above: 0n },
      { kind: 'blocks', hash: HASH, blocks: [] },
      { kind: 'certificatesWanted', epoch: 0n, above: 0n, upTo: 9n },
    ]
    const relay = createRelay()
    const passed = messages.filter(each => relay.receivers(direct('a'), encode(each), 0).length > 0)
    expect(passed.map(({ kind }) => kind)).toEqual(['proposal', 'standstill'])
  })

  it('no bytes that are no message', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        let isMessage = true
        try {
          messageCodec.decode(bytes)
        } catch {
          isMessage = false
        }
        fc.pre(!isMessage)
        expect(createRelay().receivers(direct('v'), bytes, 0)).toEqual([])
      }),
    )
  })
})

describe('a message that comes again', () => {
  it('is passed on once, whoever brings it, and again when it is repeated later', () => {
    const relay = createRelay()
    expect(relay.receivers(relayed('o', 'x'), voteOf(1), 0)).toEqual(['v', 'w'])
    expect(relay.receivers(relayed('p', 'x'), voteOf(1), 1)).toEqual([])
    expect(relay.receivers(relayed('o', 'x'), voteOf(1), SENTRY_LIMITS.seenMs - 1)).toEqual([])
    expect(relay.receivers(relayed('o', 'x'), voteOf(1), 3 * SENTRY_LIMITS.seenMs)).toEqual(['v', 'w'])
  })

  it('in the name of another is another', () => {
    const relay = createRelay()
    expect(relay.receivers(relayed('o', 'x'), voteOf(1), 0)).toEqual(['v', 'w'])
    expect(relay.receivers(relayed('o', 'y'), voteOf(1), 0)).toEqual(['v', 'w'])
  })

  it('is remembered for a while however many others come, and the memory is bounded', () => {
    const relay = createRelay()
    const isPassedOn = (i: number) => relay.receivers(relayed(`p${i}`, 'x'), voteOf(i), 0).length > 0
    const count = SENTRY_LIMITS.seen
    for (let i = 0; i < count; i++) isPassedOn(i)
    expect(isPassedOn(0)).toBe(false)
    for (let i = count; i < 2 * count + 1; i++) isPassedOn(i)
    // The oldest are forgotten first.
    expect([isPassedOn(0), isPassedOn(2 * count - 1)]).toEqual([true, false])
  })
})

describe('who says too much', () => {
  it('is passed on up to the limit, and takes nothing from others, nor from itself by another way', () => {
    const relay = createRelay()
    const passedOn = (from: Peer, first: number, nowMs: number) =>
      Array.from({ length: 1_000 }, (_, i) => relay.receivers(from, voteOf(first + i), nowMs)).filter(
        ({ length }) => length > 0,
      ).length
    expect(passedOn(relayed('o', 'x'), 0, 0)).toBe(SENTRY_LIMITS.perSecond)
    expect(relay.receivers(relayed('p', 'x'), voteOf(5_000), 0)).toEqual(['v', 'w'])
    expect(relay.receivers(direct('a'), voteOf(0), 0)).toEqual(['v', 'w'])
    expect(passedOn(relayed('o', 'x'), 10_000, 500)).toBe(SENTRY_LIMITS.perSecond / 2)
  })

  it('in bytes too', () => {
    const relay = createRelay()
    const block = new Uint8Array(1 << 20)
    let passed = 0
    for (let view = 1n; view <= 20n; view++) {
      const message = encode({ kind: 'proposal', view, block, signature: SIGNATURE, justification: [] })
      if (relay.receivers(direct('a'), message, 0).length > 0) passed++
    }
    expect(passed).toBe(Math.floor(SENTRY_LIMITS.bytesPerSecond / (block.length + 200)))
  })
})
