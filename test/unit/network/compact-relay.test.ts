/** Proposals in the compact form between relays, with peers that are slow, silent or lie. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { messageCodec, type WireMessage } from '../../../node/consensus/messages.ts'
import { transactionsCodec, transactionsWantedCodec } from '../../../node/network/block-transactions.ts'
import { compactBlockCodec } from '../../../node/network/compact-block.ts'
import { CompactRelay, RELAY_LIMITS, type RelayAction } from '../../../node/network/compact-relay.ts'
import { LIMITS } from '../../../node/params.ts'
import { toHash, toHex } from '../../../node/types/primitives.ts'
import type { Certificate } from '../../../node/types/vote.ts'
import { blockOf, type MadeBlock, poolOf, slowShortId, transactionOf } from './blocks.ts'

const range = (length: number, from = 0) => Array.from({ length }, (_, i) => from + i)
const transactions = (count: number, from = 0) => range(count, from).map(seed => transactionOf(seed))

const certificate: Certificate = {
  kind: 'nullify',
  epoch: 0n,
  view: 9n,
  hash: undefined,
  signers: Uint8Array.of(7),
  signature: new Uint8Array(96).fill(2),
}

const proposalOf = (block: { bytes: Uint8Array }, view = 45n): Uint8Array =>
  messageCodec.encode({
    kind: 'proposal',
    view,
    block: block.bytes,
    signature: new Uint8Array(96).fill(1),
    justification: [certificate],
  })

const relayOf = (pool: readonly Uint8Array[] = [], peers: string[] = []) =>
  new CompactRelay({ codec: messageCodec, findInPool: poolOf(pool), peers: () => peers })

const frameOf = (block: MadeBlock, view?: bigint) => relayOf().outgoing(proposalOf(block, view))
/** As it comes from the network. */
const receive = (relay: CompactRelay, frame: Uint8Array) => relay.incoming('p', Uint8Array.from(frame), 0)
const asksOf = (actions: readonly RelayAction[]) =>
  actions.flatMap(each => (each.kind === 'ask' ? [each] : []))
const onlyAsk = (actions: readonly RelayAction[]) => {
  expect(actions.map(({ kind }) => kind)).toEqual(['ask'])
  return asksOf(actions)[0] as RelayAction & { kind: 'ask' }
}
const wanted = (ask: { request: Uint8Array } | undefined) =>
  transactionsWantedCodec.decode(ask?.request as Uint8Array).indexes
const kinds = (actions: readonly RelayAction[]) =>
  actions.map(action => (action.kind === 'report' ? `${action.offence} ${action.peer}` : action.kind))

describe('a message of consensus', () => {
  const block = blockOf(transactions(20))
  const vote = { kind: 'notarize' as const, epoch: 0n, view: 9n, hash: block.hash, signer: 2 }
  const messages: [string, Uint8Array][] = [
    ['vote', messageCodec.encode({ kind: 'vote', vote: { ...vote, signature: new Uint8Array(96) } })],
    ['blocks', messageCodec.encode({ kind: 'blocks', hash: block.hash, blocks: [block.bytes] })],
    ['proposal of an empty block', proposalOf(blockOf([]))],
    ['proposal of what is no block', proposalOf({ bytes: Uint8Array.of(1, 2, 3) })],
    ['no message', Uint8Array.of(0, 1)],
    ['nothing', new Uint8Array()],
  ]
  it.each(messages)('travels as it is: %s', (_, message) => {
    const frame = relayOf().outgoing(message)
    expect(toHex(frame)).toBe(`00${toHex(message)}`)
    expect(receive(relayOf(), frame)).toEqual([{ kind: 'deliver', from: 'p', message }])
  })

  it('is decoded only if it is a proposal', () => {
    let decoded = 0
    const decode = (bytes: Uint8Array) => {
      decoded++
      return messageCodec.decode(bytes)
    }
    const codec = { ...messageCodec, decode }
    const relay = new CompactRelay({ codec, findInPool: () => undefined, peers: () => [] })
    for (const [, message] of messages.slice(0, 2)) receive(relay, relay.outgoing(message))
    expect(decoded).toBe(0)
    relay.outgoing(proposalOf(block))
    expect(decoded).toBe(1)
  })

  it('that proposes a block travels without what the receiver holds, and arrives as it was', () => {
    const message = proposalOf(block)
    const frame = frameOf(block)
    expect(frame.length).toBeLessThan(message.length - 20 * 80)
    expect(relayOf(transactions(50)).incoming('p', frame, 0)).toEqual([
      { kind: 'deliver', from: 'p', message },
    ])
  })

  it('has golden bytes in the compact form', () => {
    const inner = messageCodec.encode({
      ...(messageCodec.decode(proposalOf(block)) as WireMessage & { kind: 'proposal' }),
      block: new Uint8Array(),
    })
    const frame = toHex(frameOf(block))
    const shortIds = block.transactions.map(each => slowShortId(each)).join('')
    const tail = `c002${Buffer.from(shortIds, 'latin1').toString('hex')}00`
    expect(frame.startsWith(`01${inner.length.toString(16)}02${toHex(inner)}`.replace('01', '01'))).toBe(
      false,
    )
    const length = Buffer.from([(inner.length & 0x7f) | 0x80, inner.length >> 7])
    expect(frame.startsWith(`01${toHex(length)}${toHex(inner)}`)).toBe(true)
    expect(frame.endsWith(tail)).toBe(true)
  })
})

describe('a proposal that cannot be completed from the pool', () => {
  const block = blockOf(transactions(6))
  const message = proposalOf(block)
  const deliver = { kind: 'deliver', from: 'p', message }

  const start = (
    pool: readonly Uint8Array[] = transactions(4),
    peers: string[] = ['p', 'q', 'r', 's', 't'],
  ) => {
    const sender = relayOf()
    const relay = relayOf(pool, peers)
    const first = onlyAsk(relay.incoming('p', sender.outgoing(message), 0))
    return { sender, relay, first }
  }

  it('is asked of its sender, and delivered', () => {
    const { sender, relay, first } = start()
    expect(first.peer).toBe('p')
    expect(wanted(first)).toEqual([4, 5])
    expect(relay.answered(first.ask, sender.serve(first.request), 9)).toEqual([deliver])
    expect(relay.size).toBe(0)
    expect(relay.wakeAt).toBeUndefined()
    expect(relay.answered(first.ask, sender.serve(first.request), 9)).toEqual([])
  })

  it('is asked of others, each once, when the sender is silent; a late answer counts', () => {
    const { sender, relay, first } = start()
    expect(relay.wakeAt).toBe(RELAY_LIMITS.askMs)
    expect(relay.tick(RELAY_LIMITS.askMs - 1)).toEqual([])
    const second = relay.tick(RELAY_LIMITS.askMs)
    expect(kinds(second)).toEqual(['useless p', 'ask'])
    expect(asksOf(second)[0]?.peer).toBe('q')
    const third = relay.tick(2 * RELAY_LIMITS.askMs)
    expect(kinds(third)).toEqual(['ask'])
    expect(asksOf(third)[0]?.peer).toBe('r')
    expect(
      relay.answered(asksOf(third)[0]?.ask as number, undefined, 1100).map(each => kinds([each])[0]),
    ).toEqual(['ask'])
    expect(relay.answered(first.ask, sender.serve(first.request), 1200)).toEqual([deliver])
  })

  it('is given up after a few questions', () => {
    const { relay } = start()
    const asked = range(10, 1).flatMap(round => asksOf(relay.tick(round * RELAY_LIMITS.askMs)))
    expect(asked.map(({ peer }) => peer)).toEqual(['q', 'r', 's'])
    expect(1 + asked.length).toBe(RELAY_LIMITS.asks)
    expect(relay.size).toBe(0)
  })

  it('waits for the sender alone when there is nobody else', () => {
    const { relay } = start(transactions(4), ['p'])
    expect(kinds(relay.tick(RELAY_LIMITS.askMs))).toEqual(['useless p'])
    expect(relay.size).toBe(0)
  })

  it('is given up at once when all have refused, and not while one may still answer', () => {
    const refused = start(transactions(4), ['p', 'q'])
    const second = asksOf(refused.relay.answered(refused.first.ask, undefined, 1))[0]
    expect(refused.relay.answered(second?.ask as number, undefined, 2)).toEqual([])
    expect(refused.relay.size).toBe(0)

    const { sender, relay, first } = start(transactions(4), ['p', 'q'])
    const other = asksOf(relay.tick(RELAY_LIMITS.askMs))[0]
    expect(relay.answered(other?.ask as number, undefined, 501)).toEqual([])
    expect(relay.answered(first.ask, sender.serve(first.request), 600)).toEqual([deliver])
  })

  it('is asked of another at once when the sender refuses', () => {
    const { relay, first } = start()
    const next = relay.answered(first.ask, undefined, 3)
    expect(kinds(next)).toEqual(['useless p', 'ask'])
    expect(asksOf(next)[0]?.peer).toBe('q')
    expect(relay.wakeAt).toBe(3 + RELAY_LIMITS.askMs)
  })

  it('is given up when the sender answers with other transactions, or none that fits the question', () => {
    const lies = [
      transactionsCodec.encode(transactions(2, 50)),
      transactionsCodec.encode(transactions(3, 4)),
      Uint8Array.of(9),
    ]
    for (const lie of lies) {
      const { relay, first } = start()
      expect(kinds(relay.answered(first.ask, lie, 1))).toEqual(['invalid p'])
      expect(relay.size).toBe(0)
    }
  })

  it('does not hold against another peer what only the sender says, and asks on', () => {
    const { relay, first } = start()
    const second = asksOf(relay.answered(first.ask, undefined, 1))[0]
    const third = relay.answered(second?.ask as number, transactionsCodec.encode(transactions(2, 50)), 2)
    expect(kinds(third)).toEqual(['ask'])
    const fourth = relay.answered(asksOf(third)[0]?.ask as number, Uint8Array.of(9), 3)
    expect(kinds(fourth)).toEqual(['invalid r', 'ask'])
    const tooMany = transactionsCodec.encode(transactions(3, 4))
    expect(kinds(relay.answered(asksOf(fourth)[0]?.ask as number, tooMany, 4))).toEqual(['invalid s'])
  })

  it('comes in parts when it is longer than an answer', () => {
    const large = blockOf(range(25).map(seed => transactionOf(seed, LIMITS.transactionBytes)))
    const sender = relayOf()
    const relay = relayOf()
    const first = onlyAsk(relay.incoming('p', sender.outgoing(proposalOf(large)), 0))
    const second = onlyAsk(relay.answered(first.ask, sender.serve(first.request), 1))
    expect(wanted(second).at(-1)).toBe(24)
    expect(relay.answered(second.ask, sender.serve(second.request), 2)).toEqual([
      { kind: 'deliver', from: 'p', message: proposalOf(large) },
    ])
  })

  it('can then be asked of the receiver', () => {
    const { sender, relay, first } = start()
    expect(relay.serve(first.request)).toBeUndefined()
    relay.answered(first.ask, sender.serve(first.request), 1)
    expect(relay.serve(first.request)).toEqual(transactionsCodec.encode(block.transactions.slice(4)))
    const beyond = transactionsWantedCodec.encode({ hash: block.hash, indexes: [6] })
    expect(relay.serve(beyond)).toBeUndefined()
    expect(() => relay.serve(Uint8Array.of(1))).toThrow(/ends early/)
  })

  it('is dropped when its height is final, and not begun afterwards', () => {
    const { relay } = start()
    relay.finalised(41n)
    expect(relay.size).toBe(1)
    relay.finalised(42n)
    expect(relay.size).toBe(0)
    expect(relay.incoming('p', frameOf(block), 1)).toEqual([])
  })

  it('is begun once', () => {
    const { relay } = start()
    expect(relay.incoming('p', frameOf(block), 1)).toEqual([])
    expect(kinds(relay.incoming('p', frameOf(block, 46n), 1))).toEqual(['ask'])
    expect(kinds(relay.incoming('q', frameOf(block), 1))).toEqual(['ask'])
    expect(relay.size).toBe(3)
  })
})

describe('a compact proposal that was made up', () => {
  it('is held against its sender when all of it is the sender’s own word', () => {
    const block = blockOf(transactions(3))
    const frame = frameOf(block)
    const compact = compactBlockCodec.encode({
      header: block.header,
      shortIds: new Uint8Array(),
      prefilled: transactions(3, 7).map((transaction, index) => ({ index, transaction })),
    })
    const innerLength = ((frame[1] as number) & 0x7f) + ((frame[2] as number) << 7)
    const head = frame.subarray(0, 3 + innerLength)
    const length = Uint8Array.of((compact.length & 0x7f) | 0x80, compact.length >> 7)
    const lie = Buffer.concat([head, length, compact])
    expect(kinds(relayOf(transactions(3)).incoming('p', lie, 0))).toEqual(['invalid p'])
  })

  it('is refused when it is damaged', () => {
    const frame = frameOf(blockOf(transactions(3)))
    for (const bad of [new Uint8Array(), Uint8Array.of(2, 1), Uint8Array.of(1), frame.subarray(0, -1)])
      expect(kinds(relayOf().incoming('p', bad, 0))).toEqual(['invalid p'])
  })

  it('is refused when it is no proposal, or brings its block along', () => {
    const compact = compactBlockCodec.encode({
      header: blockOf([]).header,
      shortIds: new Uint8Array(),
      prefilled: [],
    })
    const block = Uint8Array.of((compact.length & 0x7f) | 0x80, compact.length >> 7, ...compact)
    const wanted = messageCodec.encode({ kind: 'blocksWanted', hash: toHash(new Uint8Array(32)), above: 1n })
    const whole = proposalOf({ bytes: Uint8Array.of(1) })
    for (const inner of [wanted, whole]) {
      const length = inner.length < 128 ? [inner.length] : [(inner.length & 0x7f) | 0x80, inner.length >> 7]
      const frame = Uint8Array.of(1, ...length, ...inner, ...block)
      expect(relayOf().incoming('p', frame, 0)).toMatchObject([
        { kind: 'report', offence: 'invalid', reason: expect.stringMatching(/no proposal/) as string },
      ])
    }
  })
})

describe('proposals under way', () => {
  it('are few for each peer, and few in all: the oldest makes room', () => {
    const relay = relayOf()
    const begin = (peer: string, seed: number) =>
      onlyAsk(relay.incoming(peer, frameOf(blockOf(transactions(2, seed))), 0))
    const first = begin('p', 0)
    for (let seed = 2; seed < 20; seed += 2) begin('p', seed)
    expect(relay.size).toBe(RELAY_LIMITS.proposalsPerPeer)
    expect(relay.answered(first.ask, transactionsCodec.encode(transactions(2)), 1)).toEqual([])
    for (const i of range(100)) begin(`peer ${i}`, 100 + 2 * i)
    expect(relay.size).toBe(RELAY_LIMITS.proposals)
  })
})

describe('between any relays', () => {
  /** How a peer treats one question. */
  const manner = fc.constantFrom('answers', 'answers', 'is silent', 'refuses', 'lies', 'is late')

  it('what is delivered is what was sent, once at most, and nothing stays', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.integer({ min: 0, max: 14 })),
        fc.array(manner, { minLength: 6, maxLength: 6 }),
        fc.array(fc.constantFrom('q', 'r', 's'), { maxLength: 3 }),
        (count, pooled, manners, peers) => {
          const message = proposalOf(blockOf(transactions(count)))
          const sender = relayOf()
          const relay = relayOf(
            pooled.map(seed => transactionOf(seed)),
            peers,
          )
          const late: { at: number; ask: number; answer: Uint8Array | undefined }[] = []
          const delivered: Uint8Array[] = []
          let honestSender = true
          let question = 0
          const handle = (actions: RelayAction[], now: number): void => {
            for (const action of actions) {
              if (action.kind === 'deliver') delivered.push(action.message)
              if (action.kind === 'report' && action.offence === 'invalid') {
                expect([action.peer, honestSender]).toEqual(['p', false])
              }
              if (action.kind !== 'ask') continue
              const how = manners[question++ % manners.length]
              seen.add(how as string)
              const answer = sender.serve(action.request)
              const lie = transactionsCodec.encode(transactions(1, 90))
              if (how === 'lies' && action.peer === 'p') honestSender = false
              if (how === 'answers') handle(relay.answered(action.ask, answer, now), now)
              if (how === 'refuses') handle(relay.answered(action.ask, undefined, now), now)
              if (how === 'lies') handle(relay.answered(action.ask, lie, now), now)
              if (how === 'is late') late.push({ at: now + 700, ask: action.ask, answer })
            }
          }
          handle(relay.incoming('p', sender.outgoing(message), 0), 0)
          for (let now = 0; now < 5000; now += 100) {
            for (const { at, ask, answer } of late)
              if (at === now) handle(relay.answered(ask, answer, now), now)
            if (relay.wakeAt !== undefined && relay.wakeAt <= now) handle(relay.tick(now), now)
          }
          expect(delivered.length).toBeLessThanOrEqual(1)
          for (const bytes of delivered) expect(toHex(bytes)).toBe(toHex(message))
          expect(question).toBeLessThanOrEqual(RELAY_LIMITS.asks)
          expect(relay.size).toBe(0)
          if (question === 0 || manners[0] === 'answers') expect(delivered.length).toBe(1)
        },
      ),
    )
    expect([...seen].sort()).toEqual(['answers', 'is late', 'is silent', 'lies', 'refuses'])
  })
})
