/** A chain of a lone validator over a few short epochs, in memory by default: every block final, with transfers and a contract. */
import { Chain, type ExecutedBlock } from '../../node/chain/chain.ts'
import { devAccounts, devGenesis } from '../../node/dev.ts'
import { Pruner } from '../../node/chain/pruning.ts'
import type { Database } from '../../node/storage/database.ts'
import { createMemoryDatabase } from '../../node/storage/memory.ts'
import type { Action } from '../../node/types/transaction.ts'
import type { Genesis } from '../../node/types/genesis.ts'
import { createValidatorKeys } from '../../node/validator-keys.ts'
import { createVm } from '../../vm/vm.ts'
import { loneCertificate, placeBlock } from './placed-block.ts'
import { signedTransaction, TEST_CHAIN_ID, testAccount } from './transactions.ts'

export const EPOCH_BLOCKS = 4n
export const TRANSFERS_PER_BLOCK = 3
const START_MS = 1_700_000_000_000n
const keys = createValidatorKeys(new Uint8Array(64).fill(9))
const devChain = devGenesis(keys, START_MS, TEST_CHAIN_ID)
export const genesisOfEpochs = (epochBlocks: bigint): Genesis => ({
  ...devChain,
  params: { ...devChain.params, epochBlocks },
})
export const epochGenesis = genesisOfEpochs(EPOCH_BLOCKS)

export const openEpochChain = (db: Database, genesis = epochGenesis): Chain =>
  Chain.open({ db, genesis, vm: createVm() })

export interface EpochChain {
  readonly db: Database
  readonly chain: Chain
  /** By height; block 0 is not among them. */
  readonly blocks: ExecutedBlock[]
  /** A block of these actions by the first development account, made final. */
  add(actions?: readonly Action[]): ExecutedBlock
  /** Blocks of transfers to accounts of their own, up to `height`. */
  grow(height: bigint): void
}

/** `states`: of how many of its last blocks it keeps the state before. */
export const createEpochChain = (
  states = 256,
  db: Database = createMemoryDatabase(),
  genesis = epochGenesis,
): EpochChain => {
  const chain = openEpochChain(db, genesis)
  const pruner = new Pruner(db, chain.store, { blocks: undefined, states })
  const blocks: ExecutedBlock[] = []
  const [dev] = devAccounts()
  if (dev === undefined) throw new Error('no development account')
  let nonce = 0n
  const add = (actions: readonly Action[] = []): ExecutedBlock => {
    const { hash, header } = chain.head
    const place = placeBlock({
      genesis,
      keys,
      parent: { hash, header },
      state: chain.state,
      view: (header.height % genesis.params.epochBlocks) + 1n,
      timeMs: header.timeMs + 1_000n,
    })
    const validUntilHeight = header.height + 100n
    const candidates = actions.map(action => signedTransaction(dev, nonce++, action, { validUntilHeight }))
    const block = chain.build({ ...place, candidates })
    if (block.receiptBytes.length !== candidates.length) throw new Error('a transaction was refused')
    const { epoch, view } = block.header
    chain.commit(
      block.hash,
      loneCertificate(TEST_CHAIN_ID, keys, { hash: block.hash, epoch, view }, 'finalize'),
    )
    while (pruner.slice(chain.head.header.height, 1_000));
    blocks[Number(block.header.height)] = block
    return block
  }
  return {
    db,
    chain,
    blocks,
    add,
    grow(height) {
      while (chain.head.header.height < height) {
        const next = chain.head.header.height + 1n
        add(
          Array.from({ length: TRANSFERS_PER_BLOCK }, (_, i) => ({
            kind: 'transfer',
            to: testAccount(`${next}/${i}`).address,
            amount: next * 10n + BigInt(i) + 1n,
          })),
        )
      }
    },
  }
}
