/** The machine rule by rule. */
import { describe, expect, it } from 'vitest'
import { ConsensusError } from '../../../node/consensus/error.ts'
import { block, certificate, GENESIS, Harness } from './harness.ts'

describe('notarize', () => {
  const b1 = block(1n, GENESIS)

  it('votes N once the application has found the block valid', () => {
    const node = new Harness(0)
    node.give({ kind: 'proposal', from: 1, view: 1n, block: b1 })
    expect(node.casts).toEqual([])
    expect(node.of('check').map(check => check.block)).toEqual([b1])
    node.give({ kind: 'checked', hash: b1.hash, verdict: 'valid' })
    expect(node.casts).toEqual(['notarize 1'])
  })

  it('logs the block and the vote before it sends the vote', () => {
    const node = new Harness(0)
    node.propose(b1)
    expect(node.effects.map(effect => (effect.kind === 'append' ? effect.record.kind : effect.kind))).toEqual(
      ['block', 'vote', 'cast', 'wake'],
    )
  })

  it('takes a proposal from the leader of its view alone', () => {
    const node = new Harness(0)
    node.give({ kind: 'proposal', from: 2, view: 1n, block: b1 })
    expect(node.of('check')).toEqual([])
  })

  it('gives the view up for an invalid block', () => {
    const node = new Harness(0)
    node.give({ kind: 'proposal', from: 1, view: 1n, block: b1 })
    node.give({ kind: 'checked', hash: b1.hash, verdict: 'invalid' })
    expect(node.casts).toEqual(['nullify 1'])
  })

  it('waits, and asks again later, while data is missing: never L for that', () => {
    const node = new Harness(0)
    node.give({ kind: 'proposal', from: 1, view: 1n, block: b1 })
    node.give({ kind: 'checked', hash: b1.hash, verdict: 'missing' })
    expect(node.casts).toEqual([])
    expect(node.of('check')).toEqual([])
    node.tickAfter(199)
    expect(node.of('check')).toEqual([])
    node.tickAfter(1)
    expect(node.of('check').map(check => check.block)).toEqual([b1])
  })

  it('survives an equivocating leader: the first block counts, the second can still be certified', () => {
    const node = new Harness(0)
    const rival = block(1n, GENESIS, 'rival')
    node.propose(b1)
    node.propose(rival)
    expect(node.casts).toEqual([])
    node.certify('notarize', 1n, rival)
    expect(node.machine.view).toBe(2n)
    expect(node.of('fetchBlocks').map(({ hash }) => hash)).toEqual([rival.hash])
    node.give({ kind: 'blocks', blocks: [rival] })
    expect(node.casts).toEqual(['finalize 1'])
  })

  it('refuses a parent without the certificates of the views skipped, and asks for them', () => {
    const node = new Harness(0)
    node.certify('nullify', 2n)
    const b3 = block(3n, GENESIS)
    node.give({ kind: 'proposal', from: 3, view: 3n, block: b3 })
    expect(node.of('check')).toEqual([])
    expect(node.of('fetchCertificates')).toEqual([
      { kind: 'fetchCertificates', epoch: 0n, above: 0n, upTo: 1n, peer: undefined },
    ])
    node.certify('nullify', 1n)
    expect(node.of('check').map(check => check.block)).toEqual([b3])
  })

  it('gives the view up for a parent that another block of its view has the certificate for', () => {
    const node = new Harness(0)
    node.propose(b1)
    node.certify('notarize', 1n, b1)
    node.propose(block(2n, block(1n, GENESIS, 'forged')))
    expect(node.casts).toEqual(['nullify 2'])
  })

  it('gives the view up for a wrong height', () => {
    const node = new Harness(0)
    node.propose({ ...b1, height: 7n })
    expect(node.casts).toEqual(['nullify 1'])
  })

  it('halts if a certified block is invalid here', () => {
    const node = new Harness(0)
    node.give({ kind: 'proposal', from: 1, view: 1n, block: b1 })
    node.certify('notarize', 1n, b1)
    expect(() => node.give({ kind: 'checked', hash: b1.hash, verdict: 'invalid' })).toThrow(/invalid here/)
  })
})

describe('nullify and finalize', () => {
  const b1 = block(1n, GENESIS)

  it('votes F on C[N], also in a view it did not vote N in', () => {
    const node = new Harness(0)
    node.give({ kind: 'proposal', from: 1, view: 1n, block: b1 })
    node.certify('notarize', 1n, b1)
    expect(node.casts).toEqual(['finalize 1'])
    expect(node.log.map(({ kind }) => kind)).toEqual(['certificate', 'block', 'vote'])
  })

  it('never votes F after L, not even when C[N] comes later or again after a restart', () => {
    const node = new Harness(0)
    node.propose(b1)
    node.tickAfter(350)
    expect(node.casts).toEqual(['nullify 1'])
    node.certify('notarize', 1n, b1)
    expect(node.casts).toEqual([])
    const again = node.restart(0)
    expect(again.machine.view).toBe(2n)
    expect(again.casts).toEqual([])
    expect(again.of('standstill')[0]?.statements.map(({ kind }) => kind)).toEqual(['notarize', 'nullify'])
  })

  it('never votes L after F', () => {
    const node = new Harness(0)
    node.propose(b1)
    node.certify('notarize', 1n, b1)
    expect(node.casts).toEqual(['finalize 1'])
    node.vote('nullify', 1, 1n)
    node.tickAfter(10_000)
    expect(node.casts).toEqual(['nullify 2'])
  })

  it('gives the view up when the leader does', () => {
    const node = new Harness(0)
    node.vote('nullify', 2, 1n)
    expect(node.casts).toEqual([])
    node.vote('nullify', 1, 1n)
    expect(node.casts).toEqual(['nullify 1'])
  })

  it('gives the view up after pace + 2d without a proposal, and after pace + 3d with one', () => {
    const idle = new Harness(0)
    idle.tickAfter(249)
    expect(idle.casts).toEqual([])
    idle.tickAfter(1)
    expect(idle.casts).toEqual(['nullify 1'])
    const voted = new Harness(0)
    voted.propose(b1)
    voted.tickAfter(250)
    expect(voted.casts).toEqual([])
    voted.tickAfter(100)
    expect(voted.casts).toEqual(['nullify 1'])
  })

  it('waits longer the longer nothing is final, up to 16 times', () => {
    const node = new Harness(undefined)
    const leaderMs: number[] = []
    for (let view = 1n; view <= 9n; view++) {
      node.certify('nullify', view)
      leaderMs.push(...node.of('wake').map(({ at }) => (at ?? 0) - node.now))
    }
    expect(leaderMs).toEqual([350, 500, 726, 1064, 1570].concat(leaderMs.slice(5)))
    expect(Math.max(...leaderMs)).toBeLessThanOrEqual(2050)
  })

  it('finalises all ancestors with C[F], oldest first, once their blocks are here', () => {
    const node = new Harness(0)
    const b2 = block(2n, b1)
    node.propose(b1)
    node.certify('notarize', 1n, b1)
    node.certify('finalize', 2n, b2)
    expect(node.of('finalize')).toEqual([])
    expect(node.of('fetchBlocks').map(({ hash }) => hash)).toEqual([b2.hash])
    node.give({ kind: 'blocks', blocks: [b2] })
    expect(node.of('finalize').map(({ blocks }) => blocks)).toEqual([[b1, b2]])
    expect(node.machine.final.ref).toEqual(b2)
  })

  it('takes C[N] and C[L] of one view, and builds on the block', () => {
    const node = new Harness(2)
    node.propose(b1)
    node.certify('nullify', 1n)
    node.certify('notarize', 1n, b1)
    expect(node.machine.view).toBe(2n)
    // The build had begun on the genesis block, which C[L] allows: that is what it proposes.
    const again = node.restart(2)
    again.give({ kind: 'checked', hash: b1.hash, verdict: 'valid' })
    expect(again.of('build').map(({ parent }) => parent)).toEqual([b1])
  })

  it('halts on C[F] and C[L] of one view, and on two C[N]', () => {
    const torn = new Harness(0)
    torn.certify('nullify', 1n)
    expect(() => torn.certify('finalize', 1n, b1)).toThrow(ConsensusError)
    const split = new Harness(0)
    split.certify('notarize', 1n, b1)
    expect(split.machine.wantsCertificate(certificate('notarize', 1n, b1))).toBe(false)
    expect(() => split.certify('finalize', 1n, block(1n, GENESIS, 'rival'))).toThrow(/exclude each other/)
  })
})

describe('leading', () => {
  const b1 = block(1n, GENESIS)

  it('builds on the highest certified block, and sends why it may', () => {
    const node = new Harness(3)
    node.propose(b1)
    node.certify('notarize', 1n, b1)
    node.certify('nullify', 2n)
    expect(node.of('build')).toEqual([
      {
        kind: 'build',
        epoch: 0n,
        view: 3n,
        parent: b1,
        parentView: 1n,
        certificate: certificate('notarize', 1n, b1),
      },
    ])
    const b3 = block(3n, b1)
    node.give({ kind: 'built', view: 3n, block: b3 })
    expect(node.of('propose')[0]?.justification.map(({ kind, view }) => `${kind} ${view}`)).toEqual([
      'notarize 1',
      'nullify 2',
    ])
    expect(node.log.slice(-2).map(({ kind }) => kind)).toEqual(['block', 'vote'])
  })

  it('proposes the same block again after a restart', () => {
    const node = new Harness(1)
    node.give({ kind: 'built', view: 1n, block: b1 })
    const again = node.restart(1)
    expect(again.of('build')).toEqual([])
    expect(again.of('propose').map(propose => propose.block)).toEqual([b1])
  })

  it('does not build in a view it has given up, and drops a block that comes too late', () => {
    const node = new Harness(1)
    node.tickAfter(250)
    expect(node.of('abandon')).toEqual([{ kind: 'abandon', view: 1n }])
    node.give({ kind: 'built', view: 1n, block: b1 })
    expect(node.of('propose')).toEqual([])
    const again = node.restart(1)
    expect(again.of('build')).toEqual([])
  })

  it('refuses a block that it did not ask for', () => {
    const node = new Harness(1)
    expect(() => node.give({ kind: 'built', view: 1n, block: { ...b1, height: 9n } })).toThrow(/buildBlock/)
  })
})

describe('restart and standstill', () => {
  it('counts its own L again after everyone has crashed', () => {
    const before = [0, 1, 2].map(self => new Harness(self))
    for (const node of before) node.tickAfter(250)
    const after = before.map((node, self) => node.restart(self))
    const [first] = after
    for (const [signer, node] of after.entries()) {
      expect(node.of('standstill')[0]?.statements.map(({ kind }) => kind)).toEqual(['nullify'])
      first?.vote('nullify', signer, 1n)
    }
    expect(first?.of('certify').map(({ votes }) => votes.length)).toEqual([3])
  })

  it('never repeats more than 64 certificates and 64 votes', () => {
    const node = new Harness(0)
    for (let view = 1n; view <= 100n; view++) {
      node.tickAfter(10_000)
      node.certify('nullify', view)
    }
    node.tickAfter(10_000)
    const [standstill] = node.of('standstill')
    expect(standstill?.certificates).toHaveLength(64)
    expect(standstill?.statements).toHaveLength(64)
    expect(standstill?.certificates.at(-1)?.view).toBe(100n)
  })

  it('comes back from its snapshot as it was', () => {
    const node = new Harness(0)
    const b1 = block(1n, GENESIS)
    node.propose(b1)
    node.certify('notarize', 1n, b1)
    node.certify('nullify', 2n)
    const again = new Harness(0, node.machine.snapshot())
    expect(again.machine.view).toBe(3n)
    expect(again.machine.snapshot()).toEqual(node.machine.snapshot())
  })

  it('sends its final certificate to a peer that is behind', () => {
    const node = new Harness(0)
    const b1 = block(1n, GENESIS)
    node.propose(b1)
    node.certify('finalize', 1n, b1)
    node.give({ kind: 'standstill', peer: 'p', finalView: 0n })
    expect(node.of('sendCertificates').map(({ certificates }) => certificates[0]?.view)).toEqual([1n])
    node.give({ kind: 'standstill', peer: 'p', finalView: 1n })
    expect(node.of('sendCertificates')).toEqual([])
  })
})

describe('bounds', () => {
  it('admits votes within 64 views of its own, above the final one, of its epoch', () => {
    const { machine } = new Harness(0)
    const statement = { kind: 'nullify' as const, epoch: 0n, hash: undefined }
    expect(machine.admitsVote({ ...statement, view: 65n })).toBe(true)
    expect(machine.admitsVote({ ...statement, view: 66n })).toBe(false)
    expect(machine.admitsVote({ ...statement, view: 0n })).toBe(false)
    expect(machine.admitsVote({ ...statement, view: 1n, epoch: 1n })).toBe(false)
  })

  it('keeps one vote per signer, kind and view, however many come', () => {
    const node = new Harness(0)
    for (let i = 0; i < 1000; i++)
      node.vote('notarize', 2, BigInt(1 + (i % 64)), block(BigInt(1 + (i % 64)), GENESIS, `${i}`))
    expect(node.machine.held.votes).toBe(64)
  })

  it('forgets votes and proposals of views long past', () => {
    const node = new Harness(0)
    for (let view = 1n; view <= 300n; view++) {
      node.give({ kind: 'proposal', from: Number(view % 4n), view, block: block(view, GENESIS) })
      node.vote('notarize', 2, view, block(view, GENESIS))
      node.certify('nullify', view)
    }
    expect(node.machine.held.votes).toBeLessThanOrEqual(64)
    expect(node.machine.hasBlock(block(1n, GENESIS).hash)).toBe(false)
    expect(node.machine.hasBlock(block(299n, GENESIS).hash)).toBe(true)
  })

  it('drops a proposal for a view that its certificates do not lead to', () => {
    const node = new Harness(0)
    const early = block(2n, block(1n, GENESIS))
    node.give({ kind: 'proposal', from: 2, view: 2n, block: early })
    expect(node.machine.hasBlock(early.hash)).toBe(false)
  })
})

describe('certificates from votes', () => {
  const b1 = block(1n, GENESIS)

  it('asks once for a certificate when more than two thirds have voted', () => {
    const node = new Harness(0)
    node.vote('notarize', 1, 1n, b1)
    node.vote('notarize', 2, 1n, b1)
    expect(node.of('certify')).toEqual([])
    node.vote('notarize', 3, 1n, b1)
    expect(node.of('certify').map(({ votes }) => votes.map(({ signer }) => signer))).toEqual([[1, 2, 3]])
    node.vote('notarize', 0, 1n, b1)
    expect(node.of('certify')).toEqual([])
  })

  it('drops faulty votes, and goes on with those that came meanwhile', () => {
    const node = new Harness(0)
    for (const signer of [1, 2, 3, 0]) node.vote('notarize', signer, 1n, b1)
    const statement = { kind: 'notarize' as const, epoch: 0n, view: 1n, hash: b1.hash }
    node.give({ kind: 'refused', statement, faulty: [2] })
    expect(node.of('certify').map(({ votes }) => votes.map(({ signer }) => signer))).toEqual([[1, 3, 0]])
    node.give({ kind: 'refused', statement, faulty: [1] })
    expect(node.of('certify')).toEqual([])
    node.vote('notarize', 1, 1n, b1)
    expect(node.of('certify')).toEqual([])
  })

  it('does not add up votes for different blocks', () => {
    const node = new Harness(0)
    node.vote('notarize', 1, 1n, b1)
    node.vote('notarize', 2, 1n, b1)
    node.vote('notarize', 3, 1n, block(1n, GENESIS, 'rival'))
    expect(node.of('certify')).toEqual([])
  })
})
