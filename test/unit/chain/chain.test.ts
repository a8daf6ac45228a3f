import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createVm } from '../../../vm/vm.ts'
import { Chain, DECODED_AT_ONCE } from '../../../node/chain/chain.ts'
import { checkGenesis, GenesisError } from '../../../node/chain/genesis.ts'
import { ChainQueries } from '../../../node/chain/queries.ts'
import { STAKE_UNIT } from '../../../node/params.ts'
import { devAccounts, devGenesis } from '../../../node/dev.ts'
import { COLUMNS, type Database, StorageError } from '../../../node/storage/database.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import { readAccount } from '../../../node/transition/accounts.ts'
import { InvalidBlock } from '../../../node/transition/invalid-block.ts'
import { nextBaseFee } from '../../../node/transition/gas.ts'
import { type Block, blockCodec, blockHash, type BlockHeader } from '../../../node/types/block.ts'
import type { Genesis } from '../../../node/types/genesis.ts'
import { type Hash, toHex } from '../../../node/types/primitives.ts'
import type { ParsedTransaction } from '../../../node/types/transaction.ts'
import { certificateCodec } from '../../../node/types/vote.ts'
import { createValidatorKeys } from '../../../node/validator-keys.ts'
import { loneCertificate, placeBlock } from '../../support/placed-block.ts'
import { signedTransaction, testAccount } from '../../support/transactions.ts'

const START_MS = 1_700_000_000_000n
const keys = createValidatorKeys(new Uint8Array(64).fill(7))
const genesis = devGenesis(keys, START_MS, 'test')
const [dev] = devAccounts()
if (dev === undefined) throw new Error('no development account')
const bob = testAccount('bob')
const allValid = async () => true

const open = (db: Database, from: Genesis = genesis) => Chain.open({ db, genesis: from, vm: createVm() })

const build = (
  chain: Chain,
  candidates: ParsedTransaction[],
  parentHash = chain.head.hash,
  view = 1n,
  timeMs = START_MS,
) => {
  const header = chain.executed(parentHash)?.header ?? chain.head.header
  const parent = { hash: parentHash, header }
  const { genesis, state } = chain
  return chain.build({ ...placeBlock({ genesis, keys, parent, state, view, timeMs }), candidates })
}

const transfer = (nonce: bigint, amount = 5n) =>
  signedTransaction(dev, nonce, { kind: 'transfer', to: bob.address, amount })

describe('a chain', () => {
  let db: Database
  let chain: Chain
  beforeEach(() => {
    db = createMemoryDatabase()
    chain = open(db)
  })

  it('starts with block 0, whose state is the genesis', () => {
    expect(chain.head.header).toMatchObject({ height: 0n, timeMs: START_MS, chainId: 'test' })
    expect(readAccount(chain.state, dev.address).balance).toBe(genesis.accounts[0]?.balance)
    expect(chain.verifyState().leaves).toBe(19)
  })

  it('gives the same genesis root on every machine', () => {
    expect(toHex(chain.head.header.stateRoot)).toBe(toHex(open(createMemoryDatabase()).head.header.stateRoot))
  })

  it('shows nothing of a block before it is committed, and all of it after', () => {
    const block = build(chain, [transfer(0n)])
    expect(readAccount(chain.state, bob.address).balance).toBe(0n)
    chain.commit(block.hash, undefined)
    expect(readAccount(chain.state, bob.address).balance).toBe(5n)
    expect(chain.head.hash).toEqual(block.hash)
    expect(chain.verifyState().leaves).toBeGreaterThan(11)
  })

  it('keeps a block’s part of the tree until the block is committed, and no longer', () => {
    const first = build(chain, [transfer(0n)])
    const second = build(chain, [transfer(1n)], first.hash)
    const trees = [chain.commit(first.hash, undefined), chain.commit(second.hash, undefined)].map(
      ({ layer }) => layer.tree,
    )
    for (const tree of trees) expect(() => tree.nodes).toThrow('released')
    expect(readAccount(chain.state, bob.address).balance).toBe(10n)
    chain.verifyState()
  })

  it('asks of transactions what the rules of the next block are, after each block', () => {
    const queries = new ChainQueries(chain)
    const { baseFee, ...before } = queries.admission()
    expect(before).toEqual({
      chainId: 'test',
      height: 1n,
      blockGasLimit: genesis.params.blockGasLimit,
    })
    expect(baseFee).toBe(nextBaseFee(chain.head.header))
    chain.commit(build(chain, [transfer(0n)]).hash, undefined)
    expect(queries.admission()).toMatchObject({ height: 2n, baseFee: nextBaseFee(chain.head.header) })
  })

  it('goes on from its database after reopening', () => {
    const block = build(chain, [transfer(0n)])
    chain.commit(block.hash, undefined)
    const again = open(db)
    expect(again.head.hash).toEqual(block.hash)
    expect(readAccount(again.state, bob.address).balance).toBe(5n)
    again.commit(build(again, [transfer(1n)]).hash, undefined)
    expect(again.head.header.height).toBe(2n)
  })

  it('finds blocks, transactions and receipts again', () => {
    const parsed = transfer(0n)
    const block = build(chain, [parsed])
    chain.commit(block.hash, undefined)
    const { store } = chain
    expect(store.blockByHash(block.hash)?.block.header.height).toBe(1n)
    expect(store.transaction(parsed.id)?.place).toEqual({ height: 1n, index: 0 })
    expect(store.receipt({ height: 1n, index: 0 })).toMatchObject({
      status: 'success',
      transactionId: parsed.id,
    })
    expect(store.receipts(1n)).toHaveLength(1)
    expect(store.blockByHeight(2n)).toBeUndefined()
  })

  it('builds on a block that is not final yet, and keeps competing blocks apart', () => {
    const first = build(chain, [transfer(0n, 5n)])
    const rival = build(chain, [transfer(0n, 700n)], chain.head.hash, 2n)
    const child = build(chain, [transfer(1n, 1n)], first.hash, 3n)
    expect(child.header.height).toBe(2n)
    chain.commit(first.hash, undefined)
    chain.commit(child.hash, undefined)
    expect(readAccount(chain.state, bob.address).balance).toBe(6n)
    expect(chain.executed(rival.hash)).toBeUndefined()
    expect(() => chain.verifyState()).not.toThrow()
  })

  it('writes what it would write if nothing had been prepared, whenever that was', () => {
    const otherDb = createMemoryDatabase()
    const other = open(otherDb)
    const run = (of: Chain, prepare: (hash: Hash) => void): void => {
      const first = build(of, [transfer(0n)])
      prepare(first.hash)
      const child = build(of, [transfer(1n), transfer(2n, 9n)], first.hash, 2n)
      // The parents of both are not final.
      const rival = build(of, [transfer(1n, 700n)], first.hash, 3n)
      prepare(rival.hash)
      prepare(child.hash)
      prepare(child.hash)
      of.commit(first.hash, certificateOf(first.hash))
      of.commit(child.hash, certificateOf(child.hash))
      // Known no more.
      prepare(first.hash)
      prepare(rival.hash)
    }
    const certificateOf = (hash: Hash) =>
      loneCertificate(genesis.chainId, keys, { epoch: 0n, view: 1n, hash })
    run(chain, hash => chain.prepareCommit(hash))
    run(other, () => undefined)
    for (const column of Object.values(COLUMNS))
      expect(db.range(column, {}), column).toEqual(otherDb.range(column, {}))
    expect(chain.store.certificate(2n)).toBeDefined()
    expect(() => chain.verifyState()).not.toThrow()
  })

  it('tells a fault of the database when a block is committed, not while that is prepared', () => {
    const block = build(chain, [transfer(0n)])
    const prepare = vi.spyOn(db, 'prepare').mockImplementation(() => {
      throw new StorageError('corrupt', 'a page is damaged')
    })
    chain.prepareCommit(block.hash)
    expect(prepare).toHaveBeenCalledOnce()
    expect(() => chain.commit(block.hash, undefined)).toThrow(StorageError)
    prepare.mockRestore()
    expect(chain.commit(block.hash, undefined).hash).toEqual(block.hash)
    expect(() => chain.verifyState()).not.toThrow()
  })

  it('skips candidates that do not hold and says why', () => {
    const refused: string[] = []
    const block = chain.build({
      ...placeBlock({ genesis, keys, parent: chain.head, state: chain.state, view: 1n, timeMs: START_MS }),
      candidates: [transfer(3n), transfer(0n)],
      onRefused: (_, message) => refused.push(message),
    })
    expect(block.receiptBytes).toHaveLength(1)
    expect(refused).toEqual([expect.stringContaining('leaves a gap')])
  })

  it('never lets time stand still: a block is at least the interval after its parent', () => {
    expect(build(chain, [], chain.head.hash, 1n, 0n).header.timeMs).toBe(
      START_MS + genesis.params.minBlockIntervalMs,
    )
  })

  it('refuses a database of another genesis', () => {
    const other = devGenesis(keys, START_MS + 1n, 'test')
    expect(() => open(db, other)).toThrow(/another genesis/)
  })

  it('notices a certificate that is another block’s, or cannot be read', () => {
    const block = build(chain, [transfer(0n)])
    const { view, epoch } = block.header
    const certificateOf = (hash: Hash) => loneCertificate('test', keys, { hash, view, epoch }, 'finalize')
    chain.commit(block.hash, certificateOf(block.hash))
    expect(open(db).head.hash).toEqual(block.hash)
    const [entry] = db.range(COLUMNS.certificates, {})
    if (entry === undefined) throw new Error('no certificate')
    const key = entry[0]
    const value = certificateCodec.encode(certificateOf(block.header.parentHash))
    db.write([{ column: COLUMNS.certificates, key, value }], { sync: true })
    expect(() => open(db)).toThrow(/block 1 has the certificate of another block/)
    db.write([{ column: COLUMNS.certificates, key, value: value.slice(1) }], { sync: true })
    expect(() => open(db)).toThrow()
  })

  it('notices a state that does not match its tree', () => {
    const [entry] = db.range(COLUMNS.state, { limit: 1 })
    if (entry === undefined) throw new Error('no state')
    db.write([{ column: COLUMNS.state, key: entry[0], value: Uint8Array.of(1, 2, 3) }], { sync: true })
    expect(() => chain.verifyState()).toThrow(/does not verify/)
  })
})

describe('a block of another node', () => {
  const made = (change: (block: Block) => Block = block => block): Uint8Array => {
    const other = open(createMemoryDatabase())
    return blockCodec.encode(change(blockCodec.decode(build(other, [transfer(0n)]).bytes)))
  }

  it('is executed to the same root and can be committed', async () => {
    const chain = open(createMemoryDatabase())
    const executed = await chain.check(made(), allValid)
    chain.commit(executed.hash, undefined)
    expect(readAccount(chain.state, bob.address).balance).toBe(5n)
  })

  const lies: [string, (header: BlockHeader) => object, RegExp][] = [
    ['a wrong state root', header => ({ stateRoot: header.parentHash }), /wrong stateRoot/],
    ['a wrong receipts root', header => ({ receiptsRoot: header.parentHash }), /wrong receiptsRoot/],
    [
      'a wrong transactions root',
      header => ({ transactionsRoot: header.parentHash }),
      /wrong transactionsRoot/,
    ],
    ['a wrong base fee', header => ({ baseFee: header.baseFee + 1n }), /wrong baseFee/],
    ['a wrong gas count', header => ({ gasUsed: header.gasUsed + 1n }), /wrong gasUsed/],
    ['a skipped height', header => ({ height: header.height + 1n }), /does not stand on block/],
    ['another chain id', () => ({ chainId: 'other' }), /wrong chainId/],
    ['a time too soon after its parent', () => ({ timeMs: START_MS }), /too soon/],
    ['another epoch', () => ({ epoch: 1n }), /is of epoch 0, not 1/],
    ['a VRF proof of another view', () => ({ view: 2n }), /VRF proof/],
    ['a VRF proof that is none', () => ({ vrfProof: new Uint8Array(80).fill(255) }), /VRF proof/],
    ['randomness that is not its proof’s', header => ({ eta: header.stateRoot }), /wrong eta/],
    ['a nonce before its time', header => ({ nextNonce: header.eta }), /wrong nextNonce/],
    ['other validators', header => ({ nextValidatorsHash: header.eta }), /wrong nextValidatorsHash/],
    ['a view of the genesis block', () => ({ parentView: 1n }), /votes for the genesis/],
    ['a proposer who is no validator', () => ({ proposer: bob.address }), /does not lead view 1/],
  ]
  for (const [what, lie, message] of lies) {
    it(`with ${what} is invalid`, async () => {
      const chain = open(createMemoryDatabase())
      const bytes = made(block => ({ ...block, header: { ...block.header, ...lie(block.header) } }))
      const error = await chain.check(bytes, allValid).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(InvalidBlock)
      expect((error as Error).message).toMatch(message)
    })
  }

  const mayLie = new Set(['a VRF proof of another view'])
  for (const [what, lie, message] of lies.filter(([what]) => !mayLie.has(what))) {
    it(`that was proved final is refused all the same with ${what}`, async () => {
      const bytes = made(block => ({ ...block, header: { ...block.header, ...lie(block.header) } }))
      const final = blockHash(blockCodec.decode(bytes).header)
      const error = await open(createMemoryDatabase())
        .check(bytes, allValid, final)
        .catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(InvalidBlock)
      expect((error as Error).message).toMatch(message)
    })
  }

  it('that was proved final is of the hash that was proved: no other proof comes with it', async () => {
    const { header, transactions } = blockCodec.decode(made())
    const final = blockHash(header)
    const vrfProof = Uint8Array.from(header.vrfProof)
    vrfProof[40] = (vrfProof[40] as number) ^ 1
    const other = blockCodec.encode({ header: { ...header, vrfProof }, transactions })
    const chain = open(createMemoryDatabase())
    await expect(chain.check(other, allValid, final)).rejects.toThrow(/not the one that was proved final/)
    await expect(chain.check(other, allValid)).rejects.toThrow(/VRF proof that is not its leader/)
    expect((await chain.check(made(), allValid, final)).hash).toEqual(final)
  })

  it('with a bad signature, a refused transaction or garbage is invalid', async () => {
    const chain = open(createMemoryDatabase())
    await expect(chain.check(made(), async () => false)).rejects.toThrow(/bad signature/)
    const twice = made(block => ({ ...block, transactions: [...block.transactions, ...block.transactions] }))
    await expect(chain.check(twice, allValid)).rejects.toThrow(/is used/)
    await expect(chain.check(new Uint8Array(40), allValid)).rejects.toBeInstanceOf(InvalidBlock)
    const garbled = made(block => ({ ...block, transactions: [...block.transactions, Uint8Array.of(1)] }))
    for (const verifies of [allValid, undefined]) {
      const error = await chain.check(garbled, verifies).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(InvalidBlock)
      expect((error as Error).message).toMatch(/^Transaction ends early/)
    }
  })

  it('is executed whole if it holds more than are decoded at once', async () => {
    const count = 2 * DECODED_AT_ONCE + 1
    const candidates = Array.from({ length: count }, (_, nonce) => transfer(BigInt(nonce)))
    const { hash, bytes } = build(open(createMemoryDatabase()), candidates)
    expect(blockCodec.decode(bytes).transactions).toEqual(candidates.map(each => each.bytes))
    const chain = open(createMemoryDatabase())
    const executed = await chain.check(bytes)
    expect(executed.hash).toEqual(hash)
    expect(toHex(executed.ids)).toBe(candidates.map(({ id }) => toHex(id)).join(''))
    chain.commit(hash, undefined)
    expect(readAccount(chain.state, bob.address).balance).toBe(5n * BigInt(count))
  })

  it('whose parent is not here cannot be told yet', async () => {
    const chain = open(createMemoryDatabase())
    const bytes = made(block => ({
      ...block,
      header: { ...block.header, parentHash: blockHash(block.header) },
    }))
    await expect(chain.check(bytes, allValid)).rejects.toThrow(/not known here/)
  })
})

describe('a genesis', () => {
  const refused = (change: Partial<Genesis>): string => {
    try {
      checkGenesis({ ...genesis, ...change })
    } catch (error) {
      if (error instanceof GenesisError) return error.message
      throw error
    }
    return 'accepted'
  }
  it('is refused by name when it cannot work', () => {
    const [validator] = genesis.validators
    const [account] = genesis.accounts
    if (validator === undefined || account === undefined) throw new Error('empty genesis')
    expect(refused({})).toBe('accepted')
    expect(refused({ validators: [] })).toMatch(/no validator/)
    expect(refused({ validators: [{ ...validator, stake: STAKE_UNIT - 1n }] })).toMatch(/power takes/)
    expect(refused({ validators: [{ ...validator, commissionBps: 10_001 }] })).toMatch(/commissionBps/)
    expect(refused({ validators: [{ ...validator, vrfProof: new Uint8Array(80) }] })).toMatch(/VRF key/)
    expect(refused({ chainId: 'another' })).toMatch(/does not prove that it holds its VRF key/)
    const smallOrder = Uint8Array.of(1, ...new Uint8Array(31))
    expect(refused({ validators: [{ ...validator, vrfKey: smallOrder }] })).toMatch(/small order/)
    const notCanonical = new Uint8Array(32).fill(0xff)
    expect(refused({ validators: [{ ...validator, vrfKey: notCanonical }] })).toMatch(/not a canonical point/)
    expect(refused({ validators: [validator, validator] })).toMatch(/repeats/)
    expect(refused({ validators: [{ ...validator, voteKey: new Uint8Array(48) }] })).toMatch(
      /not a valid BLS/,
    )
    expect(refused({ validators: [{ ...validator, proofOfPossession: new Uint8Array(96) }] })).toMatch(
      /prove/,
    )
    expect(refused({ accounts: [account, account] })).toMatch(/twice/)
    expect(refused({ accounts: [{ ...account, balance: 1n << 63n }] })).toMatch(/supply/)
  })
})
