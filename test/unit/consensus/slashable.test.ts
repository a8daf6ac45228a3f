/** What the machine notices of those who vote both ways, and how it keeps from doing so itself. */
import { describe, expect, it } from 'vitest'
import { ConsensusError } from '../../../node/consensus/error.ts'
import type { LogRecord } from '../../../node/consensus/protocol.ts'
import { conflictOf } from '../../../node/types/evidence.ts'
import type { Certificate } from '../../../node/types/vote.ts'
import { block, certificate, GENESIS, Harness } from './harness.ts'

const b1 = block(1n, GENESIS)
const rival = block(1n, GENESIS, 'rival')

const pairOf = (node: Harness) =>
  node.of('evidence').map(({ evidence: { kind, first, second } }) => ({
    kind,
    conflict: conflictOf(first, second),
    views: [first.view, second.view],
  }))

describe('votes that exclude each other', () => {
  it('are handed out, each kind of pair, from a vote that no tally counts', () => {
    const two = new Harness(0)
    two.vote('notarize', 2, 1n, b1)
    two.vote('notarize', 2, 1n, rival)
    expect(pairOf(two)).toEqual([{ kind: 'votes', conflict: 'two_notarize', views: [1n, 1n] }])
    const finals = new Harness(0)
    finals.vote('finalize', 2, 5n, b1)
    finals.vote('finalize', 2, 5n, rival)
    expect(pairOf(finals)).toEqual([{ kind: 'votes', conflict: 'two_finalize', views: [5n, 5n] }])
    const torn = new Harness(0)
    torn.vote('finalize', 2, 1n, b1)
    torn.vote('nullify', 2, 1n)
    expect(pairOf(torn)).toEqual([{ kind: 'votes', conflict: 'nullify_and_finalize', views: [1n, 1n] }])
  })

  it('are noticed after the view has its certificate, and after it is final', () => {
    const node = new Harness(0)
    node.propose(b1)
    node.vote('notarize', 2, 1n, b1)
    node.certify('notarize', 1n, b1)
    node.certify('finalize', 1n, b1)
    expect(node.machine.final.ref).toEqual(b1)
    node.vote('notarize', 2, 1n, rival)
    expect(pairOf(node)).toHaveLength(1)
  })

  it('are not: N with L, N with F of another block, anything of two views or two signers, the same again', () => {
    const node = new Harness(0)
    const quiet = (...[kind, signer, view, of]: Parameters<Harness['vote']>) => {
      node.vote(kind, signer, view, of)
      expect(node.of('evidence')).toEqual([])
    }
    quiet('notarize', 2, 1n, b1)
    quiet('notarize', 2, 1n, b1)
    quiet('nullify', 2, 1n)
    quiet('nullify', 2, 1n)
    quiet('notarize', 2, 2n, rival)
    quiet('notarize', 3, 1n, rival)
    quiet('finalize', 3, 1n, b1)
    quiet('finalize', 3, 2n, rival)
  })

  it('are handed out once a signer when they are proven, and once a signer and view until then', () => {
    const node = new Harness(0)
    for (let i = 0; i < 50; i++) {
      node.vote('notarize', 2, 1n, block(1n, GENESIS, `${i}`))
      expect(node.of('evidence')).toHaveLength(i === 1 ? 1 : 0)
    }
    // A bad signature among them: the next view may still prove it.
    node.vote('finalize', 2, 3n, b1)
    node.vote('finalize', 2, 3n, rival)
    expect(node.of('evidence')).toHaveLength(1)
    node.give({ kind: 'proven', epoch: 0n, signer: 2 })
    node.vote('finalize', 2, 4n, b1)
    node.vote('finalize', 2, 4n, rival)
    expect(node.of('evidence')).toEqual([])
    node.vote('finalize', 3, 4n, b1)
    node.vote('finalize', 3, 4n, rival)
    expect(node.of('evidence')).toHaveLength(1)
  })

  it('are not made of one whose signature was bad: two good ones after it still convict', () => {
    const node = new Harness(0)
    for (const signer of [1, 2, 3]) node.vote('notarize', signer, 1n, b1)
    const statement = { kind: 'notarize' as const, epoch: 0n, view: 1n, hash: b1.hash }
    node.give({ kind: 'refused', statement, faulty: [2] })
    node.vote('notarize', 2, 1n, rival)
    expect(node.of('evidence')).toEqual([])
    node.vote('notarize', 2, 1n, block(1n, GENESIS, 'third'))
    expect(pairOf(node)).toEqual([{ kind: 'votes', conflict: 'two_notarize', views: [1n, 1n] }])
  })

  it('do not add up to anything: the first one counts', () => {
    const node = new Harness(0)
    node.vote('notarize', 1, 1n, b1)
    node.vote('notarize', 2, 1n, rival)
    node.vote('notarize', 2, 1n, b1)
    node.vote('notarize', 3, 1n, b1)
    expect(node.of('certify')).toEqual([])
  })
})

describe('certificates that exclude each other', () => {
  const stop = (first: Certificate, second: Certificate): ConsensusError => {
    const node = new Harness(0)
    node.give({ kind: 'certificate', certificate: first })
    expect(node.machine.wantsCertificate(second)).toBe(true)
    try {
      node.give({ kind: 'certificate', certificate: second })
    } catch (error) {
      return error as ConsensusError
    }
    throw new Error('did not stop')
  }

  it('stop the node, with the evidence, in either order', () => {
    const pairs: [Certificate, Certificate, string][] = [
      [certificate('notarize', 1n, b1), certificate('notarize', 1n, rival), 'two_notarize'],
      [certificate('finalize', 1n, b1), certificate('finalize', 1n, rival), 'two_finalize'],
      [certificate('nullify', 1n), certificate('finalize', 1n, b1), 'nullify_and_finalize'],
    ]
    for (const [a, b, conflict] of pairs)
      for (const [first, second] of [
        [a, b],
        [b, a],
      ] as const) {
        const error = stop(first, second)
        expect(error.code).toBe('conflict')
        expect(error.evidence?.kind).toBe('certificates')
        expect(error.evidence && conflictOf(error.evidence.first, error.evidence.second)).toBe(conflict)
      }
  })

  it('stop it without evidence where nobody signed two things: N of one block, F of another', () => {
    const error = stop(certificate('notarize', 1n, b1), certificate('finalize', 1n, rival))
    expect(error.code).toBe('conflict')
    expect(error.evidence).toBeUndefined()
  })

  it('are noticed in the 64 views below the final one, too', () => {
    const node = new Harness(0)
    node.propose(b1)
    node.certify('notarize', 1n, b1)
    const b2 = block(2n, b1)
    node.propose(b2)
    node.certify('finalize', 2n, b2)
    expect(node.machine.wantsCertificate(certificate('notarize', 1n, b1))).toBe(false)
    expect(node.machine.wantsCertificate(certificate('nullify', 1n))).toBe(false)
    expect(node.machine.wantsCertificate(certificate('notarize', 1n, rival))).toBe(true)
    expect(() => node.certify('nullify', 2n)).toThrow(/exclude each other/)
  })
})

describe('views whose own votes are not known any more', () => {
  it('are never voted in, whatever happens there; above them all is as ever', () => {
    const leader = new Harness(1, [], { sealedView: 3n })
    expect(leader.of('build')).toEqual([])
    leader.tickAfter(10_000)
    expect(leader.casts).toEqual([])
    const node = new Harness(0, [], { sealedView: 3n })
    node.propose(b1)
    node.vote('nullify', 1, 1n)
    node.tickAfter(10_000)
    node.certify('notarize', 1n, b1)
    expect(node.casts).toEqual([])
    const b2 = block(2n, b1)
    node.propose(b2)
    expect(node.casts).toEqual([])
    node.certify('notarize', 2n, b2)
    node.certify('nullify', 4n)
    node.certify('nullify', 3n)
    const b5 = block(5n, b2)
    node.propose(b5)
    expect(node.casts).toEqual(['notarize 5'])
    node.certify('notarize', 5n, b5)
    expect(node.casts).toEqual(['finalize 5'])
    expect(node.machine.mayHaveSigned({ kind: 'nullify', epoch: 0n, view: 3n, hash: undefined })).toBe(true)
    expect(node.machine.mayHaveSigned({ kind: 'nullify', epoch: 0n, view: 4n, hash: undefined })).toBe(false)
  })

  it('are those up to the final one after a restart from a snapshot', () => {
    const node = new Harness(0)
    node.propose(b1)
    node.certify('notarize', 1n, b1)
    node.certify('finalize', 1n, b1)
    node.tickAfter(10_000)
    const snapshot = node.machine.snapshot()
    expect(snapshot).toContainEqual({ kind: 'sealed', epoch: 0n, view: 1n } satisfies LogRecord)
    expect(snapshot).toContainEqual({
      kind: 'vote',
      statement: { kind: 'nullify', epoch: 0n, view: 2n, hash: undefined },
    } satisfies LogRecord)
  })
})
