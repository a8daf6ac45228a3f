/** From epoch to epoch, for one who is in time, early, late, restarted, or gone for long. */
import { describe, expect, it } from 'vitest'
import {
  EARLY_BLOCKS,
  EARLY_MESSAGES_PER_PEER,
  EARLY_MESSAGES_PER_RELAY,
  EARLY_PEERS,
} from '../../../node/consensus/early-messages.ts'
import type { BlockRef } from '../../../node/consensus/block-ref.ts'
import type { Message } from '../../../node/consensus/messages.ts'
import type { LogRecord, Peer } from '../../../node/consensus/protocol.ts'
import type { VoteKind } from '../../../node/types/vote.ts'
import { sha256 } from '../../../node/crypto/hash.ts'
import { GENESIS } from './harness.ts'
import {
  certificateOf,
  chainTo,
  childOf,
  epochOf,
  forged,
  keyOf,
  peerOf,
  ReplicaHarness,
  voteOf,
} from './replica-harness.ts'

const chain = chainTo(8)
const [b1, b2, b3, b4] = chain as [BlockRef, BlockRef, BlockRef, BlockRef]

const finalizedAt = (block: BlockRef) => ({ ref: block, certificate: certificateOf('finalize', block) })

describe('the end of an epoch and the start of the next', () => {
  it('finalises the boundary block, waits for its commit, starts on it with views from 1', () => {
    const node = new ReplicaHarness(2, { ready: false })
    node.follow([b1])
    node.propose(b2)
    expect(node.casts).toEqual(['notarize 0/2'])
    node.certify(certificateOf('finalize', b2))
    expect(
      node.effects.map(({ kind }) => kind).filter(kind => kind === 'finalize' || kind === 'beginEpoch'),
    ).toEqual(['finalize', 'beginEpoch'])
    expect(node.of('beginEpoch')).toEqual([{ kind: 'beginEpoch', epoch: 1n }])
    expect(node.replica.epoch.epoch).toBe(0n)
    node.give({ kind: 'tick' })
    expect(node.of('beginEpoch')).toEqual([])
    node.give({ kind: 'epochReady', epoch: epochOf(1n) })
    expect(node.replica.epoch.epoch).toBe(1n)
    expect(node.replica.view).toBe(1n)
    expect(node.replica.final).toEqual({ ref: b2, view: 0n, certificate: certificateOf('finalize', b2) })
    // Seed 2 stands elsewhere in the next set.
    expect(node.replica.self).toBe(0)
    node.propose(b3)
    expect(node.casts).toEqual(['notarize 1/1'])
  })

  it('goes through four epochs, voting in those whose set it is in, each view once', () => {
    const node = new ReplicaHarness(0)
    const casts: string[] = []
    for (const block of chain) {
      node.propose(block)
      casts.push(...node.casts)
      node.certify(certificateOf('notarize', block))
      casts.push(...node.casts)
      node.certify(certificateOf('finalize', block))
      casts.push(...node.casts)
    }
    expect(node.replica.epoch.epoch).toBe(4n)
    expect(casts).toEqual(
      ['0/1', '0/2', '2/1', '2/2'].flatMap(place => [`notarize ${place}`, `finalize ${place}`]),
    )
  })

  it('builds the first block on the boundary block, with the certificate that made it final', () => {
    // Leads view 1 of epoch 1, of which it is the newest member.
    const node = new ReplicaHarness(4)
    node.follow([b1])
    node.propose(b2)
    const certificate = certificateOf('finalize', b2, { view: 7n })
    node.certify(certificate)
    expect(node.of('build')).toEqual([
      { kind: 'build', epoch: 1n, view: 1n, parent: b2, parentView: 0n, certificate },
    ])
    node.give({ kind: 'built', view: 1n, block: b3 })
    expect(node.of('propose').map(({ block, justification }) => [block, justification])).toEqual([[b3, []]])
  })

  it('says so to the others, without the certificate that they must have, too', () => {
    const node = new ReplicaHarness(2)
    node.follow([b1, b2])
    expect(node.of('standstill')).toEqual([
      { kind: 'standstill', epoch: 1n, finalView: 0n, certificates: [], statements: [] },
    ])
  })

  it('drops answers to the epoch before: a block built, a certificate made, votes refused', () => {
    const node = new ReplicaHarness(3)
    node.follow([b1, b2])
    node.give(
      { kind: 'built', view: 1n, block: childOf(b1, { view: 1n }) },
      { kind: 'certificate', certificate: certificateOf('notarize', b2) },
      { kind: 'vote', vote: voteOf('finalize', b2, 3) },
      { kind: 'refused', statement: voteOf('notarize', b2, 3), faulty: [1] },
      { kind: 'proven', epoch: 0n, signer: 1 },
    )
    expect(node.effects).toEqual([])
  })

  it('refuses another epoch than the one it asked for', () => {
    const node = new ReplicaHarness(2, { ready: false })
    expect(() => node.give({ kind: 'epochReady', epoch: epochOf(1n) })).toThrow(/cannot follow/)
    node.follow([b1, b2])
    expect(() => node.give({ kind: 'epochReady', epoch: epochOf(2n) })).toThrow(/cannot follow/)
  })

  it('takes the view of the certificate for the final one, not the one in the header', () => {
    const node = new ReplicaHarness(2)
    node.follow([b1])
    node.propose(b2)
    for (let view = 2n; view < 30n; view++) {
      node.certify(certificateOf('nullify', b2, { view }))
      if (view === 20n) node.certify(certificateOf('notarize', b2, { view }))
    }
    node.certify(certificateOf('finalize', b2, { view: 30n }))
    expect(node.of('finalize').map(({ certificate }) => certificate.view)).toEqual([30n])
    expect(node.replica.view).toBe(1n)
  })
})

describe('messages of the next epoch, before the boundary block is final here', () => {
  const early = (): ReplicaHarness => {
    const node = new ReplicaHarness(2)
    node.follow([b1])
    node.propose(b2)
    node.propose(b3)
    expect(node.casts).toEqual([])
    expect(node.replica.hasBlock(b3.hash)).toBe(true)
    return node
  }

  it('wait, and are taken when it is: the vote is cast without another message', () => {
    const node = early()
    node.hear(3, { kind: 'vote', vote: voteOf('notarize', b3, 3) })
    node.hear(5, { kind: 'vote', vote: voteOf('notarize', b3, 5) })
    node.certify(certificateOf('finalize', b2))
    expect(node.casts).toContain('notarize 1/1')
    // The leader's and two more votes: with those a quorum of four.
    expect(node.of('certify').map(({ statement, votes }) => [statement.epoch, votes.length])).toEqual([
      [1n, 3],
    ])
  })

  it('make it ask their sender for what ends this one, once in a while', () => {
    const node = early()
    const vote = voteOf('notarize', b3, 5)
    expect(node.hear(5, { kind: 'vote', vote })).toEqual([
      { kind: 'fetchCertificates', epoch: 0n, above: 1n, upTo: 65n, peer: 'peer5' },
    ])
    expect(node.hear(5, { kind: 'vote', vote })).toEqual([])
    node.now += 200
    expect(node.hear(5, { kind: 'vote', vote })).toHaveLength(1)
  })

  it('do not, once it only waits for the commit', () => {
    const node = new ReplicaHarness(2, { ready: false })
    node.follow([b1, b2])
    expect(node.hear(4, { kind: 'vote', vote: voteOf('notarize', b3, 4) })).toEqual([])
    node.propose(b3)
    node.give({ kind: 'epochReady', epoch: epochOf(1n) })
    expect(node.casts).toContain('notarize 1/1')
  })

  it('hold one block of each peer', () => {
    const node = new ReplicaHarness(2, { ready: false })
    node.follow([b1, b2])
    const second = childOf(b2, { view: 5n })
    node.propose(b3)
    node.propose(second)
    expect([b3, second].map(({ hash }) => node.replica.hasBlock(hash))).toEqual([true, false])
  })

  it('of the epoch after that are not kept, but tell whom to ask', () => {
    const node = new ReplicaHarness(2)
    const b5 = chain[4] as BlockRef
    node.propose(b5)
    expect(node.replica.hasBlock(b5.hash)).toBe(false)
    expect(node.of('fetchCertificates').map(({ peer }) => peer)).toEqual(['peer1'])
  })

  it('are bounded for each peer and for all, and blocks above all', () => {
    const node = new ReplicaHarness(2, { ready: false })
    node.follow([b1, b2])
    const flood = EARLY_PEERS + 50
    for (let peer = 0; peer < flood; peer++) {
      const from = { id: `flood${peer}`, voteKey: keyOf(4) }
      for (let i = 0; i < EARLY_MESSAGES_PER_PEER + 10; i++)
        node.give({
          kind: 'message',
          from,
          message: { kind: 'vote', vote: voteOf('notarize', b3, 4, BigInt(i + 1)) },
        })
    }
    const blocks = Array.from({ length: 20 }, (_, i) => childOf(b2, { view: BigInt(i + 1) }))
    for (const [i, block] of blocks.entries())
      node.give({
        kind: 'message',
        from: { id: `flood${i}`, voteKey: keyOf(4) },
        message: {
          kind: 'proposal',
          view: block.view,
          block,
          signature: new Uint8Array(96),
          justification: [],
        },
      })
    // All peers were full before the first block came.
    expect(blocks.filter(({ hash }) => node.replica.hasBlock(hash))).toHaveLength(0)
    const other = new ReplicaHarness(2, { ready: false })
    other.follow([b1, b2])
    for (const [i, block] of blocks.entries())
      other.give({
        kind: 'message',
        from: { id: `flood${i}`, voteKey: keyOf(4) },
        message: {
          kind: 'proposal',
          view: block.view,
          block,
          signature: new Uint8Array(96),
          justification: [],
        },
      })
    expect(blocks.filter(({ hash }) => other.replica.hasBlock(hash))).toHaveLength(EARLY_BLOCKS)
    other.give({ kind: 'epochReady', epoch: epochOf(1n) })
    // The first is view 1's; the others were proposed by whoever does not lead, and are let go.
    expect(other.of('forget')).toHaveLength(EARLY_BLOCKS - 1)
    expect(blocks.filter(({ hash }) => other.replica.hasBlock(hash))).toHaveLength(1)
  })
})

describe('messages of an epoch that is over', () => {
  const ahead = (): ReplicaHarness => {
    const node = new ReplicaHarness(2)
    node.follow([b1, b2, b3])
    return node
  }

  it.each([
    ['a vote', { kind: 'vote', vote: voteOf('nullify', b1, 0) }],
    ['a standstill', { kind: 'standstill', epoch: 0n, finalView: 0n, certificates: [], votes: [] }],
    ['a question', { kind: 'certificatesWanted', epoch: 0n, above: 0n, upTo: 64n }],
    ['a proposal', { kind: 'proposal', view: 2n, block: b2, signature: Uint8Array.of(1), justification: [] }],
  ] as const)('%s is answered with what ended it, once in a while', (_, message) => {
    const node = ahead()
    const given = { ...message } as Parameters<ReplicaHarness['hear']>[1]
    expect(node.hear(0, given)).toEqual([{ kind: 'sendBoundary', peer: 'peer0', epoch: 0n }])
    expect(node.hear(0, given)).toEqual([])
    expect(node.hear(1, given)).toHaveLength(1)
    node.now += 200
    expect(node.hear(0, given)).toHaveLength(1)
  })

  it('certificates relayed late are not: their sender has them', () => {
    expect(ahead().certify(certificateOf('finalize', b2))).toEqual([])
  })

  it('cost nothing to verify', () => {
    const node = ahead()
    const before = node.verified
    for (let view = 1n; view < 50n; view++) node.certify(forged(certificateOf('notarize', b1, { view })))
    expect(node.verified).toBe(before)
  })
})

describe('one who is behind', () => {
  it('goes epoch by epoch: boundary certificate, its blocks, the next', () => {
    const node = new ReplicaHarness(0)
    for (const epoch of [0, 1, 2]) {
      const [first, boundary] = chain.slice(2 * epoch, 2 * epoch + 2) as [BlockRef, BlockRef]
      // What somebody far ahead says makes it ask; the answer is the certificate that ended this epoch.
      node.now += 1000
      node.hear(3, { kind: 'vote', vote: voteOf('notarize', chain[7]!, 3) })
      expect(node.of('fetchCertificates').map(({ epoch: asked, peer }) => [asked, peer])).toEqual([
        [BigInt(epoch), 'peer3'],
      ])
      node.certify(certificateOf('finalize', boundary))
      expect(node.of('fetchBlocks').map(({ hash }) => hash)).toEqual([boundary.hash])
      node.hear(3, { kind: 'blocks', hash: boundary.hash, blocks: [boundary, first] })
      expect(node.of('finalize').map(({ blocks }) => blocks)).toEqual([[first, boundary]])
      expect(node.replica.epoch.epoch).toBe(BigInt(epoch + 1))
    }
  })

  it('takes only the blocks that it asked for, in their order', () => {
    const node = new ReplicaHarness(0)
    node.hear(3, { kind: 'blocks', hash: b2.hash, blocks: [b2, b1] })
    expect(node.replica.hasBlock(b2.hash)).toBe(false)
    node.certify(certificateOf('finalize', b2))
    const stray = childOf(GENESIS, { view: 5n })
    node.hear(3, { kind: 'blocks', hash: b2.hash, blocks: [b2, stray] })
    expect(node.replica.hasBlock(b2.hash)).toBe(true)
    expect(node.replica.hasBlock(stray.hash)).toBe(false)
    expect(node.of('fetchBlocks').map(({ hash, above }) => [hash, above])).toEqual([[b1.hash, 0n]])
  })
})

describe('restart', () => {
  /** Everything that happens to seed 2 from genesis into epoch 1, as the log and the database hold it after each step. */
  const moments = () => {
    const node = new ReplicaHarness(2, { ready: false })
    const taken: { name: string; records: LogRecord[]; committed: BlockRef[] }[] = []
    const note = (name: string, committed: BlockRef[]) =>
      taken.push({ name, records: [...node.log], committed })
    node.follow([b1])
    note('block 1 is final', [b1])
    node.propose(b2)
    note('voted for the boundary block', [b1])
    node.certify(certificateOf('notarize', b2))
    note('the boundary block is notarised', [b1])
    node.certify(certificateOf('finalize', b2))
    note('it is final, and not committed', [b1])
    note('it is final, and nothing is committed', [])
    note('it is committed, the next epoch not begun', [b1, b2])
    node.give({ kind: 'epochReady', epoch: epochOf(1n) })
    note('the next epoch has begun', [b1, b2])
    node.propose(b3)
    note('voted in it', [b1, b2])
    note('voted in it, but the database is an older copy', [b1])
    note('voted in it, but the database is as old as can be', [])
    node.certify(certificateOf('notarize', b3))
    note('voted F in it', [b1, b2])
    return taken
  }

  const restart = ({ records, committed }: { records: LogRecord[]; committed: BlockRef[] }) => {
    const last = committed.at(-1)
    return new ReplicaHarness(2, {
      records,
      served: chain,
      finalized: last === undefined ? { ref: GENESIS, certificate: undefined } : finalizedAt(last),
      epoch: committed.length === 2 ? 1n : 0n,
    })
  }

  const statementsOf = (records: readonly LogRecord[]) =>
    records.flatMap(record => (record.kind === 'vote' ? [record.statement] : []))

  it.each(moments())('when $name: never votes against itself, and goes on to block 4', moment => {
    const node = restart(moment)
    for (const block of chain.slice(0, 4)) {
      // The leader tries another block first: whoever has voted in this view must not vote for it.
      node.propose({ ...block, hash: sha256(block.hash) })
      node.propose(block)
      node.certify(certificateOf('notarize', block))
      node.certify(certificateOf('finalize', block))
    }
    expect(node.replica.final.ref).toEqual(b4)
    const said = new Map<string, string>()
    for (const { kind, epoch, view, hash } of statementsOf(node.log)) {
      const place = `${epoch}/${view}`
      const name = hash === undefined ? '' : Buffer.from(hash).toString('hex')
      expect(said.get(`${place} ${kind}`) ?? name, place).toBe(name)
      said.set(`${place} ${kind}`, name)
      expect(said.has(`${place} nullify`) && said.has(`${place} finalize`)).toBe(false)
    }
  })

  it('comes back from a snapshot of any moment as from the whole log', () => {
    for (const moment of moments()) {
      if (moment.name.includes('older') || moment.name.includes('as old') || moment.name.includes('nothing'))
        continue
      const whole = restart(moment)
      const short = restart({ ...moment, records: whole.replica.snapshot() })
      expect(short.replica.snapshot(), moment.name).toEqual(whole.replica.snapshot())
      expect([short.replica.epoch.epoch, short.replica.view]).toEqual([
        whole.replica.epoch.epoch,
        whole.replica.view,
      ])
    }
  })

  it('signs nothing in an epoch that its log has dropped, nor in views that it has sealed', () => {
    const records: LogRecord[] = [{ kind: 'sealed', epoch: 1n, view: 5n }]
    const node = new ReplicaHarness(2, { records })
    node.follow([b1])
    node.propose(b2)
    node.now += 60_000
    node.give({ kind: 'tick' })
    expect(statementsOf(node.log)).toEqual([])
    node.certify(certificateOf('finalize', b2))
    for (let view = 1n; view <= 5n; view++) {
      node.propose(childOf(b2, { view }))
      node.now += 60_000
      node.give({ kind: 'tick' })
      node.certify(certificateOf('nullify', b3, { view }))
    }
    expect(statementsOf(node.log)).toEqual([])
    node.propose(childOf(b2, { view: 6n }))
    expect(node.casts).toEqual(['notarize 1/6'])
  })

  it('keeps the votes of an epoch that its database does not know yet, also in a rewritten log', () => {
    const { kind, epoch, view, hash } = voteOf('notarize', b3, 2)
    const records: LogRecord[] = [{ kind: 'vote', statement: { kind, epoch, view, hash } }]
    const node = new ReplicaHarness(2, { records })
    expect(node.replica.epoch.epoch).toBe(0n)
    const again = new ReplicaHarness(2, { records: node.replica.snapshot() })
    again.follow([b1, b2])
    // Another block in the view in which it has voted for b3.
    again.propose({ ...b3, hash: sha256(b3.hash) })
    expect(again.replica.epoch.epoch).toBe(1n)
    expect(again.casts).toEqual([])
    expect(again.of('check')).toEqual([])
  })

  it('builds on a head that lost its certificate only when it finds it again', () => {
    const finalized = { ref: b1, certificate: undefined }
    const without = new ReplicaHarness(3, { finalized })
    expect(without.of('build')).toEqual([])
    const records: LogRecord[] = [{ kind: 'certificate', certificate: certificateOf('notarize', b1) }]
    const found = new ReplicaHarness(3, { finalized, records })
    expect(found.of('build').map(({ certificate }) => certificate?.kind)).toEqual(['notarize'])
  })
})

describe('what peers send', () => {
  it('counts as a vote only from its signer, by the key of this epoch’s set', () => {
    const node = new ReplicaHarness(5)
    node.follow([b1, b2])
    node.propose(b3)
    // Seed 2 is 0 in this set and was 3 in the one before; seed 1 is not in it.
    node.hear(4, { kind: 'vote', vote: voteOf('notarize', b3, 2) })
    node.hear(2, { kind: 'vote', vote: { ...voteOf('notarize', b3, 2), signer: 2 } })
    node.hear(1, { kind: 'vote', vote: { ...voteOf('notarize', b3, 2), signer: 1 } })
    // The proposal held its leader's.
    expect(node.replica.machine.held.votes).toBe(1)
    node.hear(2, { kind: 'vote', vote: voteOf('notarize', b3, 2) })
    expect(node.replica.machine.held.votes).toBe(2)
  })

  it('is dropped, and reported, from the first forged certificate on', () => {
    const node = new ReplicaHarness(2)
    node.propose(b1, [forged(certificateOf('nullify', b1))])
    expect(node.of('report')).toEqual([
      { kind: 'report', peer: 'peer1', reason: 'forged nullify certificate of view 1' },
    ])
    expect(node.casts).toEqual([])
  })

  it('is verified once, however many send it', () => {
    const node = new ReplicaHarness(2)
    const before = node.verified
    for (let peer = 0; peer < 100; peer++)
      node.hear(peer, { kind: 'certificates', certificates: [certificateOf('notarize', b1)] })
    expect(node.verified).toBe(before + 1)
  })

  it('means another process has our key, if it was signed with it and not here', () => {
    const vote = (kind: VoteKind, hash?: BlockRef) => voteOf(kind, hash ?? b1, 2)
    const node = new ReplicaHarness(2)
    node.propose(b1)
    // Ours, sent back by whoever: nothing new.
    node.hear(2, { kind: 'vote', vote: vote('notarize') })
    expect(node.of('impostor')).toEqual([])
    node.hear(2, { kind: 'vote', vote: vote('nullify') })
    expect(node.of('impostor').map(({ signed }) => signed.kind)).toEqual(['nullify'])
    // Its certificate holds our bit.
    node.certify(certificateOf('finalize', b1))
    expect(node.of('impostor').map(({ signed }) => signed.kind)).toEqual(['finalize'])
    const other = new ReplicaHarness(2)
    other.certify(certificateOf('notarize', b1, { signers: Uint8Array.of(0b0111) }))
    expect(other.of('impostor')).toEqual([])
  })

  it('of an unknown shape or without an epoch is nothing', () => {
    const node = new ReplicaHarness(2)
    node.certify()
    node.hear(1, { kind: 'blocks', hash: b1.hash, blocks: [] })
    node.hear(1, { kind: 'blocksWanted', hash: b1.hash, above: 0n })
    node.give({
      kind: 'message',
      from: { id: 'x', voteKey: undefined },
      message: { kind: 'vote', vote: voteOf('notarize', b1, 0) },
    })
    expect(node.effects).toEqual([])
    expect(peerOf(1).id).toBe('peer1')
  })
})

describe('what a peer relays for a validator', () => {
  const relayedBy = (id: string, seed: number): Peer => ({ id, voteKey: keyOf(seed), isRelayed: true })
  const proposal = (block: BlockRef, signature: number): Message<BlockRef> => ({
    kind: 'proposal',
    view: block.view,
    block,
    signature: Uint8Array.of(signature),
    justification: [],
  })

  it('counts as if the validator had said it', () => {
    const node = new ReplicaHarness(2)
    node.give({ kind: 'message', from: relayedBy('sentry', 1), message: proposal(b1, 1) })
    expect(node.casts).toEqual(['notarize 0/1'])
    for (const seed of [3, 0])
      node.give({
        kind: 'message',
        from: relayedBy('sentry', seed),
        message: { kind: 'vote', vote: voteOf('notarize', b1, seed) },
      })
    expect(node.of('certify').map(({ votes }) => votes.length)).toEqual([3])
  })

  it('and is a forged proposal is not taken: the relay is reported, and the next one is', () => {
    const node = new ReplicaHarness(2)
    const other = childOf(GENESIS, { hash: sha256(Buffer.from('forged')) })
    node.give({ kind: 'message', from: relayedBy('bad', 1), message: proposal(other, 0) })
    expect(node.of('report').map(({ peer }) => peer)).toEqual(['bad'])
    expect([node.casts, node.replica.hasBlock(other.hash)]).toEqual([[], false])
    node.give({ kind: 'message', from: relayedBy('good', 1), message: proposal(b1, 1) })
    expect(node.casts).toEqual(['notarize 0/1'])
  })

  it('is verified once a view, and only from its leader', () => {
    const node = new ReplicaHarness(2)
    for (let i = 0; i < 50; i++) {
      node.give({ kind: 'message', from: relayedBy('sentry', 1), message: proposal(b1, 1) })
      node.give({ kind: 'message', from: relayedBy('sentry', 3), message: proposal(b1, 1) })
    }
    expect(node.verified).toBe(1)
  })

  it('has the relay for its sender, of two relays the one that this very vote came from', () => {
    const node = new ReplicaHarness(2)
    const votes = ['first', 'second'].map(id => {
      const vote = voteOf('nullify', b1, 3)
      node.give({ kind: 'message', from: relayedBy(id, 3), message: { kind: 'vote', vote } })
      return vote
    })
    expect(votes.map(vote => node.replica.senderOf(vote))).toEqual(['first', 'second'])
    expect(node.replica.senderOf(voteOf('nullify', b1, 3))).toBeUndefined()
  })

  it('of the next epoch is kept from one relay for each validator, bounded', () => {
    const node = new ReplicaHarness(2, { ready: false })
    node.follow([b1, b2])
    for (const seed of [4, 5])
      for (let i = 0; i < EARLY_MESSAGES_PER_PEER; i++)
        node.give({
          kind: 'message',
          from: relayedBy('sentry', seed),
          message: { kind: 'vote', vote: voteOf('nullify', b3, seed, BigInt(i + 2)) },
        })
    node.give({
      kind: 'message',
      from: relayedBy('sentry', 3),
      message: proposal(childOf(b2, { view: 9n }), 1),
    })
    node.give({ kind: 'message', from: relayedBy('sentry', 4), message: proposal(b3, 1) })
    node.give({ kind: 'epochReady', epoch: epochOf(1n) })
    expect(node.casts).toContain('notarize 1/1')
    const flooded = new ReplicaHarness(2, { ready: false })
    flooded.follow([b1, b2])
    for (let i = 0; i < EARLY_MESSAGES_PER_RELAY + 10; i++)
      flooded.give({
        kind: 'message',
        from: relayedBy('sentry', 5),
        message: { kind: 'vote', vote: voteOf('nullify', b3, 5, BigInt(i + 1)) },
      })
    flooded.give({ kind: 'message', from: relayedBy('sentry', 4), message: proposal(b3, 1) })
    flooded.give({ kind: 'epochReady', epoch: epochOf(1n) })
    expect(flooded.casts).not.toContain('notarize 1/1')
  })
})
