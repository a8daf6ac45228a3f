/**
 * A data directory with as many accounts as wanted, at the end of its first epoch. Its blocks were never executed: the
 * state is written as they would have left it, and only the last is there, signed by the lone validator.
 */
import { Chain } from '../../node/chain/chain.ts'
import { BlockStore, blockWrites, certificateWrite, keptFromWrite } from '../../node/chain/store.ts'
import { sha256 } from '../../node/crypto/hash.ts'
import { merkleRoot } from '../../node/crypto/merkle.ts'
import { formatGenesis, parseGenesis } from '../../node/genesis-file.ts'
import { accountKey } from '../../node/state/keys.ts'
import { sha256Latin1 } from '../../node/state/tree-node.ts'
import { StoredTree, treeWrites } from '../../node/state/tree-store.ts'
import type { StateChange } from '../../node/state/view.ts'
import { openDataDirectory } from '../../node/storage/data-directory.ts'
import { COLUMNS, type Write } from '../../node/storage/database.ts'
import { accountCodec } from '../../node/types/account.ts'
import { type Block, blockCodec, blockHash } from '../../node/types/block.ts'
import { genesisHash, genesisValidators } from '../../node/types/genesis.ts'
import { toAddress } from '../../node/types/primitives.ts'
import { createValidatorKeys } from '../../node/validator-keys.ts'
import { createVm } from '../../vm/vm.ts'
import { loneCertificate } from '../support/placed-block.ts'
import { BENCH_CHAIN_ID, benchGenesis } from './genesis.ts'

const START_MS = 1_700_000_000_000n
/** New accounts of a block. */
const ACCOUNTS_EACH = 50_000

/** In the order of their key hashes: then a block's accounts are neighbours in the tree, and most of it stays as it is. */
const newAccounts = (count: number): StateChange[] =>
  Array.from({ length: count }, (_, n) => {
    const key = accountKey(toAddress(sha256(Buffer.from(`vex benchmark holder ${n}`))))
    const value = accountCodec.encode({ nonce: BigInt(n % 7), balance: BigInt(n) + 1n, contract: undefined })
    return { keyHash: sha256Latin1(key), change: { key, value } }
  })
    .sort((a, b) => (a.keyHash < b.keyHash ? -1 : 1))
    .map(({ change }) => change)

export const makeLargeChain = async (
  directory: string,
  accounts: number,
  accountsEach = ACCOUNTS_EACH,
): Promise<void> => {
  const blocks = BigInt(Math.ceil(accounts / accountsEach))
  const keys = createValidatorKeys(new Uint8Array(64).fill(5))
  const base = benchGenesis(keys, START_MS)
  const genesis = { ...base, params: { ...base.params, epochBlocks: blocks } }
  const { database } = await openDataDirectory(directory, {
    create: () => ({ genesis: formatGenesis(genesis), validatorKeys: undefined }),
    hashGenesis: text => genesisHash(parseGenesis(text)),
  })
  try {
    const { header: first } = Chain.open({ db: database, genesis, vm: createVm() }).head
    const tree = new StoredTree(database)
    const all = newAccounts(accounts)
    let { stateRoot } = first
    for (let height = 1n; height <= blocks; height++) {
      const from = (Number(height) - 1) * accountsEach
      const changes = all.slice(from, from + accountsEach)
      const update = tree.update({ previous: height - 1n, version: height, changes })
      const values = changes.map(
        ({ key, value }): Write => ({ column: COLUMNS.state, key, value: value as Uint8Array }),
      )
      database.write([...values, ...treeWrites(update)], { sync: false })
      tree.keep(update)
      stateRoot = update.root
    }
    const none = merkleRoot([])
    const block: Block = {
      header: {
        ...first,
        height: blocks,
        parentHash: blockHash(first),
        view: blocks,
        timeMs: START_MS + blocks,
        stateRoot,
        transactionsRoot: none,
        receiptsRoot: none,
      },
      transactions: [],
    }
    const hash = blockHash(block.header)
    const certificate = loneCertificate(BENCH_CHAIN_ID, keys, { hash, epoch: 0n, view: blocks }, 'finalize')
    database.write(
      [
        // As if the others had been pruned.
        ...(blocks > 1n ? [keptFromWrite(blocks)] : []),
        ...blockWrites({
          hash,
          header: block.header,
          blockBytes: blockCodec.encode(block),
          ids: new Uint8Array(0),
          receiptBytes: [],
          terms: new Map(),
          nextValidators: genesisValidators(genesis),
        }),
        certificateWrite(blocks, certificate),
      ],
      { sync: true },
    )
    if (new BlockStore(database).head()?.height !== blocks) throw new Error('the chain was not written')
  } finally {
    await database.close()
  }
}
