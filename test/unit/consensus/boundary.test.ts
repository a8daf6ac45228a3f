/** The last block of an epoch: proposed again and again, the very same, until it is final. Here at height 2. */
import { describe, expect, it } from 'vitest'
import type { BlockRef } from '../../../node/consensus/block-ref.ts'
import { block, certificate, GENESIS, Harness } from './harness.ts'

const b1 = block(1n, GENESIS)
const boundary = block(2n, b1)
const rival = block(3n, b1, 'rival')

/** Has seen block 1 and the boundary block certified, the latter in view 2; is in view 3. */
const atBoundary = (self: number | undefined, lastHeight = 2n): Harness => {
  const node = new Harness(self, [], { lastHeight })
  node.propose(b1)
  node.certify('notarize', 1n, b1)
  node.propose(boundary)
  node.certify('notarize', 2n, boundary)
  return node
}

/** Views given up by everybody, up to and with `upTo`. */
const giveUp = (node: Harness, from: bigint, upTo: bigint): void => {
  for (let view = from; view <= upTo; view++) node.certify('nullify', view)
}

describe('the leader after the boundary block', () => {
  it('proposes that block again instead of building on it, and sends the certificate it has', () => {
    const node = atBoundary(3)
    expect(node.of('build')).toEqual([])
    const [proposal] = node.of('propose')
    expect(proposal?.block).toEqual(boundary)
    expect(proposal?.statement).toEqual({ kind: 'notarize', epoch: 0n, view: 3n, hash: boundary.hash })
    expect(proposal?.justification).toEqual([certificate('notarize', 2n, boundary)])
  })

  it('sends C[L] of the views given up since, above the latest certificate of the block', () => {
    const node = atBoundary(0)
    node.certify('notarize', 3n, boundary)
    expect(node.machine.view).toBe(4n)
    expect(node.of('propose')[0]?.justification.map(({ kind, view }) => `${kind} ${view}`)).toEqual([
      'notarize 3',
    ])
    const later = atBoundary(3)
    giveUp(later, 3n, 6n)
    expect(later.of('propose')[0]?.justification.map(({ kind, view }) => `${kind} ${view}`)).toEqual([
      'notarize 2',
      'nullify 3',
      'nullify 4',
      'nullify 5',
      'nullify 6',
    ])
  })

  it('builds as ever one block before', () => {
    const node = atBoundary(3, 3n)
    expect(node.of('propose')).toEqual([])
    expect(node.of('build').map(({ parent }) => parent)).toEqual([boundary])
  })

  it('builds a rival of it while it is not certified here', () => {
    const node = new Harness(3, [], { lastHeight: 2n })
    node.propose(b1)
    node.certify('notarize', 1n, b1)
    node.propose(boundary)
    node.certify('nullify', 2n)
    expect(node.of('build').map(({ parent }) => parent)).toEqual([b1])
  })

  it('proposes it once more after a crash, in the same view as before', () => {
    const node = atBoundary(3)
    expect(node.of('propose')).toHaveLength(1)
    const again = node.restart(3)
    expect(again.of('build')).toEqual([])
    expect(again.of('propose').map(({ block, statement }) => [block.hash, statement.view])).toEqual([
      [boundary.hash, 3n],
    ])
    expect(again.of('propose')[0]?.justification).toEqual([certificate('notarize', 2n, boundary)])
  })
})

describe('a validator votes N for the boundary block in a later view', () => {
  it('when it was certified, and F when it is so again', () => {
    const node = atBoundary(0)
    node.propose(boundary, 3n)
    expect(node.casts).toEqual(['notarize 3'])
    node.certify('notarize', 3n, boundary)
    expect(node.casts).toEqual(['finalize 3'])
    // Logged once: its bytes are the same.
    expect(node.log.filter(({ kind }) => kind === 'block')).toHaveLength(2)
  })

  it('only with C[L] of every view since its certificate, which it asks for', () => {
    const node = atBoundary(0)
    // Brought into view 5 by what others know.
    node.certify('nullify', 4n)
    node.give({ kind: 'proposal', from: 1, view: 5n, block: boundary })
    expect(node.casts).toEqual([])
    expect(node.of('fetchCertificates').map(({ upTo }) => upTo)).toEqual([3n])
    node.certify('nullify', 3n)
    expect(node.casts).toEqual(['notarize 5'])
  })

  it('only with a certificate of it: a view in which it was proposed is not enough', () => {
    const node = new Harness(0, [], { lastHeight: 2n })
    node.propose(b1)
    node.certify('notarize', 1n, b1)
    node.propose(boundary)
    node.certify('nullify', 2n)
    node.give({ kind: 'proposal', from: 3, view: 3n, block: boundary })
    expect(node.casts).toEqual([])
    expect(node.of('fetchCertificates').map(({ upTo }) => upTo)).toEqual([2n])
    node.certify('notarize', 2n, boundary)
    expect(node.casts).toEqual(['finalize 2', 'notarize 3'])
  })

  it('never for any other block of an earlier view', () => {
    const node = atBoundary(0, 3n)
    node.propose(boundary, 3n)
    expect(node.casts).toEqual(['nullify 3'])
  })

  it('never for a block of a later view than it is proposed in', () => {
    const node = atBoundary(0)
    node.propose({ ...boundary, view: 4n }, 3n)
    expect(node.casts).toEqual(['nullify 3'])
  })

  it('never for a block that stands on it', () => {
    const node = atBoundary(0)
    node.propose(block(3n, boundary))
    expect(node.casts).toEqual(['nullify 3'])
  })

  it('never for a block of another epoch', () => {
    const node = new Harness(0)
    node.propose({ ...b1, epoch: 1n })
    expect(node.casts).toEqual(['nullify 1'])
  })

  it('takes the proposal of its view from its leader alone', () => {
    const node = atBoundary(0)
    node.give({ kind: 'proposal', from: 2, view: 3n, block: boundary })
    expect(node.casts).toEqual([])
  })
})

describe('the boundary block', () => {
  it('given up in 200 views, some of them certified, becomes final in the view of its F certificate', () => {
    const node = atBoundary(0)
    for (let view = 3n; view < 200n; view++) {
      if (view % 4n !== 0n) node.propose(boundary, view)
      if (view % 5n === 0n) node.certify('notarize', view, boundary)
      else node.certify('nullify', view)
      expect(node.machine.view).toBe(view + 1n)
    }
    expect(node.machine.isOver).toBe(false)
    node.certify('finalize', 200n, boundary)
    expect(node.of('finalize').map(({ blocks, certificate }) => [blocks, certificate.view])).toEqual([
      [[b1, boundary], 200n],
    ])
    expect(node.machine.isOver).toBe(true)
    expect(node.machine.final.view).toBe(200n)
    expect(node.machine.final.ref).toEqual(boundary)
    expect(node.machine.held).toEqual({ votes: 0, blocks: 0 })
  })

  it('may have a rival, if its view was given up here and certified elsewhere: the later certificate counts', () => {
    const node = new Harness(0, [], { lastHeight: 2n })
    node.propose(b1)
    node.certify('notarize', 1n, b1)
    node.propose(boundary)
    node.certify('nullify', 2n)
    node.certify('notarize', 2n, boundary)
    node.propose(rival)
    expect(node.casts).toEqual(['notarize 3'])
    node.certify('notarize', 3n, rival)
    expect(node.of('propose').map(({ block }) => block)).toEqual([rival])
    node.certify('finalize', 4n, rival)
    expect(node.of('finalize').map(({ blocks }) => blocks)).toEqual([[b1, rival]])
    // Not needed any more, on either branch.
    expect(node.machine.hasBlock(boundary.hash)).toBe(false)
  })

  it('final by F of a view that was never entered here ends the epoch all the same', () => {
    const node = new Harness(0, [], { lastHeight: 2n })
    node.certify('finalize', 90n, boundary)
    const [wanted] = node.of('fetchBlocks')
    expect(wanted?.hash).toEqual(boundary.hash)
    node.give({ kind: 'blocks', blocks: [boundary] })
    expect(node.of('fetchBlocks').map(({ hash, above }) => [hash, above])).toEqual([[b1.hash, 0n]])
    node.give({ kind: 'blocks', blocks: [b1] })
    expect(node.machine.isOver).toBe(true)
  })
})

describe('an epoch that is over', () => {
  const over = (self = 0): Harness => {
    const node = atBoundary(self)
    node.certify('finalize', 2n, boundary)
    return node
  }

  it('stops its timers, its build and its votes', () => {
    const node = over()
    expect(node.of('wake')).toEqual([{ kind: 'wake', at: undefined }])
    const rest: BlockRef[] = [block(4n, b1), block(5n, boundary)]
    node.tickAfter(100_000)
    expect(node.effects).toEqual([])
    for (const late of rest) node.propose(late)
    for (const signer of [1, 2, 3]) node.vote('nullify', signer, 3n)
    node.certify('notarize', 3n, boundary)
    expect(node.effects).toEqual([])
  })

  it('waits for no answer any more', () => {
    const node = atBoundary(0)
    node.certify('nullify', 4n)
    node.give({ kind: 'proposal', from: 1, view: 5n, block: boundary })
    expect(node.of('fetchCertificates')).toHaveLength(1)
    node.certify('finalize', 2n, boundary)
    expect(node.of('wake')).toEqual([{ kind: 'wake', at: undefined }])
  })

  it('abandons a build that runs when it ends', () => {
    const node = new Harness(1, [], { lastHeight: 2n })
    node.certify('notarize', 2n, boundary)
    giveUp(node, 3n, 4n)
    node.give({ kind: 'blocks', blocks: [boundary, b1] })
    const built = new Harness(2, [], { lastHeight: 2n })
    built.propose(b1)
    built.certify('notarize', 1n, b1)
    expect(built.of('build')).toHaveLength(1)
    built.certify('finalize', 2n, boundary)
    expect(built.of('abandon')).toEqual([{ kind: 'abandon', view: 2n }])
  })

  it('gives its F certificate to those who are still in it', () => {
    const node = over()
    const expected = [certificate('finalize', 2n, boundary)]
    node.give({ kind: 'standstill', peer: 'p', finalView: 1n })
    expect(node.of('sendCertificates').map(({ certificates }) => certificates)).toEqual([expected])
    node.give({ kind: 'certificatesWanted', peer: 'p', above: 0n, upTo: 64n })
    expect(node.of('sendCertificates').map(({ certificates }) => certificates)).toEqual([expected])
  })

  it('keeps nothing that the next one would have to forget', () => {
    const node = over()
    expect(node.machine.snapshot().map(record => record.kind)).toEqual(['sealed', 'certificate'])
  })
})
