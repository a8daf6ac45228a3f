import { describe, expect, it } from 'vitest'
import { messageOf } from '../../../node/network/topic.ts'
import { batchCodec } from '../../../node/network/transaction-batches.ts'
import { CopyCount } from '../../net/copy-count.ts'
import { transactionOf } from '../network/blocks.ts'

const gossip = (transactions: Uint8Array[], again?: number): Uint8Array =>
  messageOf(batchCodec.encode(transactions), again)

describe('the count of copies', () => {
  it('tells a transaction that comes from two peers from one that a peer repeats', () => {
    const count = new CopyCount()
    const [one, two, three] = [1, 2, 3].map(seed => transactionOf(seed)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ]
    count.message('a', gossip([one, two]))
    count.message('b', gossip([one, two]))
    expect(count.totals()).toEqual({
      transactions: 4,
      different: 2,
      byPeer: { a: 2, b: 2 },
      mostFromOnePeer: 1,
      repeats: 0,
      unreadable: 0,
    })
    count.message('a', gossip([three, two], 1))
    count.message('a', Uint8Array.of(0, 1))
    count.message('a', new Uint8Array(0))
    expect(count.totals()).toMatchObject({
      transactions: 6,
      different: 3,
      mostFromOnePeer: 2,
      repeats: 1,
      unreadable: 2,
    })
  })

  it('counts a flood without remembering it', () => {
    const count = new CopyCount(false)
    count.message('a', gossip([transactionOf(1), transactionOf(1)]))
    expect(count.totals()).toMatchObject({ transactions: 2, different: 0, byPeer: { a: 2 } })
  })
})
