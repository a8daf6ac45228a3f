import { describe, expect, it } from 'vitest'
import { batchCodec } from '../../../node/network/transaction-batches.ts'
import { CopyCount } from '../../net/copy-count.ts'
import { transactionOf } from '../network/blocks.ts'

describe('the count of copies', () => {
  it('tells a transaction that comes from two peers from one that a peer repeats', () => {
    const count = new CopyCount()
    const [one, two, three] = [1, 2, 3].map(seed => transactionOf(seed)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ]
    count.batch('a', batchCodec.encode([one, two]))
    count.batch('b', batchCodec.encode([one, two]))
    expect(count.totals()).toEqual({
      transactions: 4,
      different: 2,
      byPeer: { a: 2, b: 2 },
      mostFromOnePeer: 1,
      repeats: 0,
    })
    count.batch('a', batchCodec.encode([three, two]))
    count.batch('a', Uint8Array.of(1))
    expect(count.totals()).toMatchObject({
      transactions: 6,
      different: 3,
      mostFromOnePeer: 2,
      repeats: 1,
    })
  })

  it('counts a flood without remembering it', () => {
    const count = new CopyCount(false)
    count.batch('a', batchCodec.encode([transactionOf(1), transactionOf(1)]))
    expect(count.totals()).toMatchObject({ transactions: 2, different: 0, byPeer: { a: 2 } })
  })
})
