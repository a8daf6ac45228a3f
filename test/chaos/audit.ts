/**
 * What must hold in a data directory whose node is gone, read past the node: the state verifies, the blocks
 * link up, every unit and every nonce is accounted for, and what was reported final stands where it stood.
 * An audit remembers how far it came, and that what it has seen does not change.
 */
import { Chain } from '../../node/chain/chain.ts'
import { ChainQueries } from '../../node/chain/queries.ts'
import { formatGenesis, parseGenesis } from '../../node/genesis-file.ts'
import { addressOfAccountKey } from '../../node/state/keys.ts'
import { openDataDirectory } from '../../node/storage/data-directory.ts'
import { COLUMNS, type Database } from '../../node/storage/database.ts'
import { accountCodec } from '../../node/types/account.ts'
import { genesisHash } from '../../node/types/genesis.ts'
import { bytesEqual, fromHex, type Hash, toHash, toHex, toLatin1 } from '../../node/types/primitives.ts'
import { parseTransaction } from '../../node/types/transaction.ts'
import { createVm } from '../../vm/vm.ts'
import type { Ledger } from './ledger.ts'
import { SINK } from './load.ts'

export interface Audit {
  height: bigint
  hash: Hash | undefined
  /** By sender: the nonce that must come next. */
  readonly nonces: Map<string, bigint>
  /** What the base fee destroyed. */
  burned: bigint
  /** What successful transfers brought to the sink. */
  received: bigint
}

export const createAudit = (): Audit => ({
  height: -1n,
  hash: undefined,
  nonces: new Map(),
  burned: 0n,
  received: 0n,
})

const fail = (message: string): never => {
  throw new Error(`the data directory: ${message}`)
}

/** Reads on from where the audit stands. */
const readBlocks = (chain: Chain, audit: Audit): void => {
  const { store, head } = chain
  if (audit.hash !== undefined) {
    const again = store.blockByHeight(audit.height)
    if (again === undefined || !bytesEqual(again.hash, audit.hash))
      fail(`block ${audit.height} was ${toHex(audit.hash)} and is another now`)
  }
  while (audit.height < head.header.height) {
    const height = audit.height + 1n
    const found =
      store.blockByHeight(height) ?? fail(`block ${height} is missing below ${head.header.height}`)
    const { header, transactions } = found.block
    if (audit.hash !== undefined && !bytesEqual(header.parentHash, audit.hash))
      fail(`block ${height} is not a child of block ${audit.height}`)
    if (height > 0n && store.certificate(height) === undefined) fail(`block ${height} has no certificate`)
    const receipts = store.receipts(height)
    if (receipts.length !== transactions.length)
      fail(`block ${height} has ${transactions.length} transactions and ${receipts.length} receipts`)
    for (const [index, bytes] of transactions.entries()) {
      const { id, sender, transaction } = parseTransaction(bytes)
      const { nonce, action } = transaction.body
      const key = toLatin1(sender)
      const expected = audit.nonces.get(key) ?? 0n
      if (nonce !== expected) fail(`block ${height}, transaction ${index}: nonce ${nonce}, not ${expected}`)
      audit.nonces.set(key, nonce + 1n)
      const receipt = receipts[index]
      if (receipt === undefined || !bytesEqual(receipt.transactionId, id))
        return fail(`block ${height}, transaction ${index}: the receipt is another's`)
      audit.burned += receipt.gasUsed * header.baseFee
      if (action.kind === 'transfer' && bytesEqual(action.to, SINK) && receipt.status === 'success')
        audit.received += action.amount
    }
    audit.height = height
    audit.hash = found.hash
  }
}

const sumOfAccounts = (database: Database): bigint => {
  let sum = 0n
  for (const [key, value] of database.range(COLUMNS.state, {})) {
    if (addressOfAccountKey(toLatin1(key)) === undefined) continue
    const account = accountCodec.decode(value)
    sum += account.balance + (account.contract?.deposit ?? 0n)
  }
  return sum
}

const checkMoney = (chain: Chain, database: Database, audit: Audit): void => {
  const queries = new ChainQueries(chain)
  const { bonded, unbonding, rewards } = queries.staking.totals()
  const sum = sumOfAccounts(database) + bonded + unbonding + rewards
  const supply = queries.supply()
  if (sum !== supply) fail(`accounts, deposits and stakes hold ${sum}; the supply is ${supply}`)
  const { accounts, validators, params } = chain.genesis
  const issued = [...accounts.map(({ balance }) => balance), ...validators.map(({ stake }) => stake)].reduce(
    (total, amount) => total + amount,
    0n,
  )
  // Paid with the last block of an epoch for all of its blocks.
  const paidBlocks = audit.height - (audit.height % params.epochBlocks)
  const minted = paidBlocks * params.blockReward
  if (supply !== issued + minted - audit.burned)
    fail(`the supply is ${supply}; ${issued} were issued, ${minted} minted and ${audit.burned} burned`)
  const { balance } = queries.account(SINK)
  if (balance !== audit.received) fail(`the sink holds ${balance}; the blocks sent it ${audit.received}`)
}

const checkLedger = (chain: Chain, ledger: Ledger, audit: Audit): void => {
  const { store, head } = chain
  if (head.header.height < ledger.seenHeight)
    fail(`the head is ${head.header.height}; the node had told of ${ledger.seenHeight}`)
  for (const [id, told] of ledger.final) {
    const found = store.transaction(toHash(fromHex(id)))
    if (found === undefined) return fail(`transaction ${id} was final and is gone`)
    const { height, index } = found.place
    if (
      String(height) !== told.height ||
      index !== told.index ||
      `0x${toHex(found.blockHash)}` !== told.blockHash ||
      store.receipt(found.place)?.status !== told.status
    )
      fail(`transaction ${id} was final at ${JSON.stringify(told)}, and now at ${height}, ${index}`)
  }
  const queries = new ChainQueries(chain)
  for (const { account } of ledger.senders) {
    const { nonce } = queries.account(account.address)
    const inBlocks = audit.nonces.get(toLatin1(account.address)) ?? 0n
    if (nonce !== inBlocks) fail(`an account's nonce is ${nonce}; its blocks end at ${inBlocks}`)
  }
}

/** Opens the directory as a node would, which also repairs what a kill left half done. */
export const auditDirectory = async (path: string, ledger: Ledger, audit: Audit): Promise<void> => {
  const { database, ...directory } = await openDataDirectory(path, {
    create: () => fail(`${path} was never finished, but a node had started in it`),
    hashGenesis: text => genesisHash(parseGenesis(text)),
  })
  try {
    const genesis = parseGenesis(directory.genesis)
    if (formatGenesis(genesis) !== directory.genesis) fail('its genesis is not in the form that was written')
    const chain = Chain.open({ db: database, genesis, vm: createVm() })
    readBlocks(chain, audit)
    chain.verifyState()
    checkMoney(chain, database, audit)
    checkLedger(chain, ledger, audit)
  } finally {
    await database.close()
  }
}
