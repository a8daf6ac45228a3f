/** A leader that shows each of its two blocks to some, and who holds its two signatures against each other. */
import { describe, expect, it } from 'vitest'
import { type Peer, WITNESS_VIEWS } from '../../../node/consensus/protocol.ts'
import { sha256 } from '../../../node/crypto/hash.ts'
import { convictedBy } from '../../../node/types/evidence.ts'
import type { Vote } from '../../../node/types/vote.ts'
import { GENESIS } from './harness.ts'
import { certificateOf, childOf, keyOf, peerOf, ReplicaHarness, setOf, voteOf } from './replica-harness.ts'

// View 1 of epoch 0 is led by position 1, seed 1; the node under test is seed 2.
const LEADER = 1
const a = childOf(GENESIS)
const b = childOf(GENESIS, { hash: sha256(Buffer.from('b')) })
const ofLeader = (block = b, view = block.view): Vote => voteOf('notarize', block, LEADER, view)
const unsigned = (vote: Vote): Vote => ({ ...vote, signature: Uint8Array.of(0) })

const passOn = (node: ReplicaHarness, from: number | Peer, vote: Vote) =>
  node.give({
    kind: 'message',
    from: typeof from === 'number' ? peerOf(from) : from,
    message: { kind: 'vote', vote },
  })
const pairs = (node: ReplicaHarness) => node.of('evidence').map(({ evidence }) => evidence)
const answered = (node: ReplicaHarness) => node.of('sendWitness').map(({ peer, vote }) => [peer, vote.hash])

/** Knows the leader's A. */
const withA = (): ReplicaHarness => {
  const node = new ReplicaHarness(2)
  node.propose(a)
  return node
}

describe("a node that holds the leader's vote for one block", () => {
  it('shows it to who votes for another, once each, and to nobody who votes for the same', () => {
    const node = withA()
    passOn(node, 0, voteOf('notarize', a, 0))
    expect(answered(node)).toEqual([])
    passOn(node, 3, voteOf('notarize', b, 3))
    expect(answered(node)).toEqual([['peer3', a.hash]])
    passOn(node, 3, voteOf('notarize', b, 3))
    expect(answered(node)).toEqual([])
    passOn(node, 3, voteOf('notarize', childOf(GENESIS, { hash: sha256(Buffer.from('c')) }), 3))
    expect(answered(node)).toEqual([])
  })

  it('shows it, too, to those who voted before it came, and need not have voted itself', () => {
    const node = new ReplicaHarness(undefined)
    passOn(node, 0, voteOf('notarize', b, 0))
    passOn(node, 3, voteOf('notarize', b, 3))
    passOn(node, 2, voteOf('notarize', a, 2))
    node.propose(a)
    expect(answered(node)).toEqual([
      ['peer0', a.hash],
      ['peer3', a.hash],
    ])
  })

  it('shows it through the peer that passed the other vote on', () => {
    const node = withA()
    passOn(node, { id: 'sentry', voteKey: keyOf(3), isRelayed: true }, voteOf('notarize', b, 3))
    expect(answered(node)).toEqual([['sentry', a.hash]])
  })

  it('does not become a forger: a vote with a bad signature is verified once and not shown', () => {
    const node = new ReplicaHarness(2)
    passOn(node, LEADER, unsigned(ofLeader(a)))
    const before = node.verified
    for (const seed of [0, 3]) passOn(node, seed, voteOf('notarize', b, seed))
    expect(answered(node)).toEqual([])
    expect(node.verified).toBe(before + 1)
  })

  it('verifies a good one once, whoever comes', () => {
    const node = withA()
    const before = node.verified
    for (const seed of [0, 3]) passOn(node, seed, voteOf('notarize', b, seed))
    expect(node.verified).toBe(before + 1)
  })

  it('answers nothing to N with F or L, nor for a view that is long past', () => {
    const node = withA()
    passOn(node, 3, voteOf('finalize', b, 3))
    passOn(node, 3, voteOf('nullify', b, 3))
    expect(answered(node)).toEqual([])
    node.certify(certificateOf('nullify', a, { view: WITNESS_VIEWS }))
    passOn(node, 3, voteOf('notarize', b, 3))
    expect(answered(node)).toEqual([])
  })

  it('says nothing of its own proposals', () => {
    const node = new ReplicaHarness(LEADER)
    node.give({ kind: 'vote', vote: ofLeader(a) })
    passOn(node, 3, voteOf('notarize', b, 3))
    expect(answered(node)).toEqual([])
  })
})

describe("a leader's vote that somebody else passes on", () => {
  it('is evidence with the one that is held, once, and no vote', () => {
    const node = withA()
    const held = node.replica.machine.held.votes
    passOn(node, 3, ofLeader())
    const [evidence] = pairs(node)
    expect(evidence && convictedBy(evidence)).toEqual([setOf(0n).indexOf(LEADER)])
    expect(new Set([evidence?.first.hash, evidence?.second.hash])).toEqual(new Set([a.hash, b.hash]))
    expect(node.effects.map(({ kind }) => kind)).toEqual(['evidence'])
    expect(node.replica.machine.held.votes).toBe(held)
    const before = node.verified
    passOn(node, 0, ofLeader())
    expect(node.effects).toEqual([])
    expect(node.verified).toBe(before)
  })

  it('is taken from who has no vote, and out of a standstill', () => {
    const node = withA()
    passOn(node, 9, ofLeader())
    expect(pairs(node)).toHaveLength(1)
    const other = withA()
    const votes = [ofLeader()]
    other.hear(3, { kind: 'standstill', epoch: 0n, finalView: 0n, certificates: [], votes })
    expect(pairs(other)).toHaveLength(1)
  })

  it('is the fault of who passes it on, if it is forged; a good one still convicts', () => {
    const node = withA()
    passOn(node, 3, unsigned(ofLeader()))
    expect(node.effects).toEqual([{ kind: 'report', peer: 'peer3', reason: 'forged witness of view 1' }])
    passOn(node, 0, ofLeader())
    expect(pairs(node)).toHaveLength(1)
  })

  it('costs a forger one verification, however much it sends, and others in its name none', () => {
    const node = withA()
    const before = node.verified
    for (let i = 0; i < 100; i++) {
      const hash = sha256(Buffer.from(`forged ${i}`))
      passOn(node, 3, unsigned({ ...ofLeader(), hash }))
    }
    expect(node.verified).toBe(before + 1)
    passOn(node, { id: 'sentry', voteKey: keyOf(3), isRelayed: true }, ofLeader())
    expect(pairs(node)).toHaveLength(1)
  })

  it('is not looked at if it proves nothing', () => {
    const node = withA()
    const before = node.verified
    const useless: Vote[] = [
      // The one that is held.
      ofLeader(a),
      // Of a view in which nothing is held.
      ofLeader(b, 5n),
      // Not the leader's.
      voteOf('notarize', b, 0),
      // No N.
      voteOf('finalize', b, LEADER),
      voteOf('nullify', b, LEADER),
      { ...ofLeader(), epoch: 1n },
      { ...ofLeader(), signer: 4 },
      { ...ofLeader(), hash: undefined },
    ]
    for (const vote of useless) {
      passOn(node, 3, vote)
      expect(node.of('evidence')).toEqual([])
      expect(node.of('report')).toEqual([])
    }
    expect(node.verified).toBe(before)
  })

  it('is not looked at once its signer is proven guilty, or the view is long past', () => {
    const node = withA()
    node.give({ kind: 'proven', epoch: 0n, signer: setOf(0n).indexOf(LEADER) })
    passOn(node, 3, ofLeader())
    expect(node.effects).toEqual([])
    const late = withA()
    late.certify(certificateOf('nullify', a, { view: WITNESS_VIEWS }))
    const before = late.verified
    passOn(late, 3, ofLeader())
    expect(late.effects).toEqual([])
    expect(late.verified).toBe(before)
  })

  it('stops a node whose own key it is signed with: somebody else has it', () => {
    const node = new ReplicaHarness(LEADER)
    node.give({ kind: 'vote', vote: ofLeader(a) })
    const second = ofLeader()
    passOn(node, 3, second)
    expect(node.effects).toEqual([{ kind: 'impostor', signed: second }])
  })
})
