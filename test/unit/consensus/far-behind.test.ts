/** A node a thousand views, or a thousand blocks, behind: what it asks for, and in how many questions. */
import { describe, expect, it } from 'vitest'
import type { BlockRef } from '../../../node/consensus/block-ref.ts'
import { toHex } from '../../../node/types/primitives.ts'
import { block, certificate, GENESIS, Harness } from './harness.ts'

describe('a thousand views behind', () => {
  it('votes in the current one once it has C[L] of all, in sixteen questions', () => {
    const node = new Harness(0)
    // What the leader sends along: the newest of them.
    for (let view = 937n; view <= 1000n; view++) node.certify('nullify', view)
    expect(node.machine.view).toBe(1001n)
    node.propose(block(1001n, GENESIS))
    // It has asked before, as the leader of a view long past, and nobody has answered.
    node.tickAfter(200)
    let questions = 0
    for (
      let [asked] = node.of('fetchCertificates');
      asked !== undefined;
      [asked] = node.of('fetchCertificates')
    ) {
      questions++
      const { above, upTo } = asked
      expect(upTo - above).toBeLessThanOrEqual(64n)
      node.give(
        ...Array.from({ length: Number(upTo - above) }, (_, i) => ({
          kind: 'certificate' as const,
          certificate: certificate('nullify', above + 1n + BigInt(i)),
        })),
      )
      if (node.of('fetchCertificates').length === 0)
        for (const { block: checked } of node.of('check'))
          node.give({ kind: 'checked', hash: checked.hash, verdict: 'valid' })
    }
    expect(node.casts).toEqual(['notarize 1001'])
    expect(questions).toBeLessThanOrEqual(16)
  })

  it('does not vote while a single one of them is missing', () => {
    const node = new Harness(0)
    for (let view = 1n; view <= 1000n; view++) if (view !== 500n) node.certify('nullify', view)
    node.propose(block(1001n, GENESIS))
    expect(node.casts).toEqual([])
    node.tickAfter(200)
    expect(node.casts).toEqual([])
    expect(node.of('fetchCertificates').map(({ upTo }) => upTo)).toEqual([500n])
  })
})

describe('a thousand blocks behind', () => {
  const chain: BlockRef[] = []
  for (let view = 1n; view <= 1000n; view++) chain.push(block(view, chain.at(-1) ?? GENESIS))

  it('has them all in seventeen questions, though the views go on meanwhile', () => {
    const node = new Harness(0)
    node.certify('finalize', 1000n, chain.at(-1))
    let questions = 0
    let view = 1000n
    for (let [asked] = node.of('fetchBlocks'); asked !== undefined; [asked] = node.of('fetchBlocks')) {
      questions++
      const { hash, above } = asked
      const at = chain.findIndex(one => toHex(one.hash) === toHex(hash))
      const answer = chain.slice(Math.max(Number(above), at - 63), at + 1).reverse()
      // Nothing that is needed may be let go when a view ends.
      view++
      node.certify('nullify', view)
      node.give({ kind: 'blocks', blocks: answer.length > 0 ? answer : [chain[at] as BlockRef] })
    }
    expect(node.of('finalize').map(({ blocks }) => blocks.length)).toEqual([1000])
    expect(questions).toBeLessThanOrEqual(17)
  })
})
