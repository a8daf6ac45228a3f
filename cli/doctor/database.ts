/**
 * A stopped node's database, examined on a copy: opening one replays its log and writes a new manifest. The big
 * files are never changed in place, so links to them do; the rest is copied.
 */
import { copyFileSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Chain } from '../../node/chain/chain.ts'
import { merkleRoot } from '../../node/crypto/merkle.ts'
import { COLUMNS, type Database } from '../../node/storage/database.ts'
import { openRocksDatabase } from '../../node/storage/rocks.ts'
import type { Genesis } from '../../node/types/genesis.ts'
import { bytesEqual, toHex } from '../../node/types/primitives.ts'
import { parseTransaction } from '../../node/types/transaction.ts'
import { createVm } from '../../vm/vm.ts'
import { examine, type Finding, Wrong } from './finding.ts'

/** Blocks below the head that are looked at without --deep. */
const RECENT_BLOCKS = 100n
/** A block's time may be ahead of a clock that is right by so much. */
const CLOCK_TOLERANCE_MS = 10_000

const copyDatabase = (from: string): string => {
  const to = mkdtempSync(join(tmpdir(), 'vex-doctor-'))
  for (const name of readdirSync(from)) {
    if (name === 'LOCK') continue
    if (/\.(sst|blob)$/.test(name)) symlinkSync(resolve(from, name), join(to, name))
    else copyFileSync(join(from, name), join(to, name))
  }
  return to
}

/** Everything that belongs to one block is there and fits: parent, certificate, transactions, receipts, indexes. */
const checkBlock = (chain: Chain, database: Database, height: bigint): void => {
  const fail = (message: string): never => {
    throw new Error(`block ${height} ${message}`)
  }
  const { store } = chain
  const found = store.blockByHeight(height) ?? fail('is missing')
  const { header, transactions } = found.block
  if (header.height !== height) fail(`says that it is block ${header.height}`)
  const byHash = store.blockByHash(found.hash)
  if (byHash === undefined || byHash.block.header.height !== height) fail('is not found by its hash')
  if (height > 0n) {
    const parent = store.blockByHeight(height - 1n) ?? fail('has no parent')
    if (!bytesEqual(parent.hash, header.parentHash)) fail('does not stand on the block below it')
    if (store.certificate(height) === undefined) fail('has no certificate')
  }
  if (!bytesEqual(merkleRoot(transactions), header.transactionsRoot))
    fail('holds other transactions than its header says')
  const key = (index: number, at = height): Uint8Array => {
    const bytes = Buffer.alloc(12)
    bytes.writeBigUInt64BE(at)
    bytes.writeUInt32BE(index, 8)
    return bytes
  }
  const receipts = database
    .range(COLUMNS.receipts, { from: key(0), to: key(0, height + 1n) })
    .map(([, bytes]) => bytes)
  if (!bytesEqual(merkleRoot(receipts), header.receiptsRoot)) fail('has other receipts than its header says')
  for (const [index, bytes] of transactions.entries()) {
    const place = store.transactionPlace(parseTransaction(bytes).id)
    if (place?.height !== height || place.index !== index) fail(`transaction ${index} is not found by its id`)
  }
}

export const checkDatabase = async (options: {
  readonly path: string
  readonly genesis: Genesis
  readonly isDeep: boolean
  readonly repair: string
}): Promise<Finding[]> => {
  const { genesis, isDeep, repair } = options
  const findings: Finding[] = []
  let copy: string | undefined
  let database: Database | undefined
  try {
    const opened = await examine('database', repair, async () => {
      copy = copyDatabase(options.path)
      database = await openRocksDatabase(copy)
      return 'opens'
    })
    findings.push(opened)
    if (database === undefined) return findings
    const db = database
    let chain: Chain | undefined
    findings.push(
      await examine('head', repair, () => {
        const isEmpty = db.range(COLUMNS.meta, { limit: 1 }).length === 0
        if (isEmpty) return { status: 'note', message: 'no block was made yet; the next start makes block 0' }
        chain = Chain.open({ db, genesis, vm: createVm() })
        const { header, hash } = chain.head
        if (Number(header.timeMs) > Date.now() + CLOCK_TOLERANCE_MS)
          throw new Wrong(
            `block ${header.height} was made at ${new Date(Number(header.timeMs)).toISOString()}, which is in the future: the clock is behind`,
            'timedatectl set-ntp true',
          )
        return `block ${header.height}, ${toHex(hash)}; its state root fits`
      }),
    )
    if (chain === undefined) return findings
    const checked = chain
    const { height } = checked.head.header
    const from = isDeep || height < RECENT_BLOCKS ? 0n : height - RECENT_BLOCKS + 1n
    findings.push(
      await examine('blocks', repair, () => {
        for (let at = from; at <= height; at++) checkBlock(checked, db, at)
        return `${from} to ${height}: linked, certified, with transactions, receipts and indexes`
      }),
    )
    if (isDeep)
      findings.push(
        await examine(
          'state',
          repair,
          () => `${checked.verifyState().leaves} keys, all proved by the state root`,
        ),
      )
    return findings
  } finally {
    await database?.close()
    if (copy !== undefined) {
      rmSync(copy, { recursive: true, force: true })
      rmSync(`${copy}.pid`, { force: true })
    }
  }
}
