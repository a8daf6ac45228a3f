/** A chain in memory whose first block has several pages of receipts, the last of them not full; then a block with one. */
import { Chain, type ExecutedBlock } from '../../node/chain/chain.ts'
import { devAccounts, devGenesis } from '../../node/dev.ts'
import type { Database } from '../../node/storage/database.ts'
import { createMemoryDatabase } from '../../node/storage/memory.ts'
import { createValidatorKeys } from '../../node/validator-keys.ts'
import { createVm } from '../../vm/vm.ts'
import { placeBlock } from './placed-block.ts'
import { signedTransaction, testAccount } from './transactions.ts'

export const LARGE_BLOCK = 40

export const largeBlockChain = (): { db: Database; chain: Chain; blocks: ExecutedBlock[] } => {
  const keys = createValidatorKeys(new Uint8Array(64).fill(7))
  const genesis = devGenesis(keys, 1_700_000_000_000n, 'test')
  const [dev] = devAccounts()
  if (dev === undefined) throw new Error('no development account')
  const db = createMemoryDatabase()
  const chain = Chain.open({ db, genesis, vm: createVm() })
  let nonce = 0n
  const pay = (i: number) =>
    signedTransaction(dev, nonce++, {
      kind: 'transfer',
      to: testAccount(`friend ${i % 7}`).address,
      amount: BigInt(i + 1),
    })
  const blocks = [LARGE_BLOCK, 1].map((count, i) => {
    const { state } = chain
    const place = placeBlock({ genesis, keys, parent: chain.head, state, view: BigInt(i + 1), timeMs: 0n })
    const built = chain.build({ ...place, candidates: Array.from({ length: count }, (_, n) => pay(n)) })
    if (built.receiptBytes.length !== count) throw new Error('the block is not as large as it should be')
    return chain.commit(built.hash, undefined)
  })
  return { db, chain, blocks }
}
