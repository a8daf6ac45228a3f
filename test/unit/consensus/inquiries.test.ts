/** Whom a node asks for a block that it lacks. */
import { describe, expect, it } from 'vitest'
import { Inquiries } from '../../../node/consensus/inquiries.ts'
import { sha256 } from '../../../node/crypto/hash.ts'

const hash = sha256(Buffer.from('a block'))
const other = sha256(Buffer.from('another'))
const peers = ['a', 'b', 'c']

describe('asking for a block', () => {
  it('goes to one peer after the other, to each once', () => {
    const inquiries = new Inquiries()
    inquiries.begin(hash, 7n)
    expect([0, 1, 2, 3].map(() => inquiries.next(hash, peers))).toEqual([
      { peer: 'a', above: 7n },
      { peer: 'b', above: 7n },
      { peer: 'c', above: 7n },
      undefined,
    ])
  })

  it('starts with another peer the next time, so that a silent one cannot keep it from everybody', () => {
    const inquiries = new Inquiries()
    const first = Array.from({ length: 4 }, () => {
      inquiries.begin(hash, 0n)
      return inquiries.next(hash, peers)?.peer
    })
    expect(first).toEqual(['a', 'b', 'c', 'a'])
  })

  it('is over when something else is asked for, and needs peers', () => {
    const inquiries = new Inquiries()
    inquiries.begin(hash, 0n)
    expect(inquiries.next(hash, [])).toBeUndefined()
    inquiries.begin(other, 0n)
    expect(inquiries.next(hash, peers)).toBeUndefined()
    inquiries.clear()
    expect(inquiries.next(other, peers)).toBeUndefined()
  })
})
