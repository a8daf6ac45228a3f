/**
 * Fills a database with n accounts, opens it anew, and measures it: `state.ts FOLDER N`. Prints StateFigures.
 *
 * Accounts come in the order of their key hashes, in batches, so that the memory of making them does not grow with
 * them. "Cold" is after the database was opened again: its caches and ours are empty, the system's is not.
 */
import { accountKey } from '../../../node/state/keys.ts'
import { proveKey } from '../../../node/state/proof.ts'
import { StoredNodes, StoredTree, treeWrites } from '../../../node/state/tree-store.ts'
import type { StateChange } from '../../../node/state/view.ts'
import { LayeredState } from '../../../node/chain/layers.ts'
import { sha256 } from '../../../node/crypto/hash.ts'
import { COLUMNS, type Database, type Write } from '../../../node/storage/database.ts'
import { openRocksDatabase } from '../../../node/storage/rocks.ts'
import { accountCodec } from '../../../node/types/account.ts'
import { encodeCommitmentProof } from '../../../node/types/commitment-proof.ts'
import { type Hash, toAddress } from '../../../node/types/primitives.ts'
import { createRandom } from '../../sim/random.ts'
import { directoryBytes } from '../session.ts'
import type { StateFigures } from '../workloads/state.ts'

const BATCH = 5_000
const CHANGED = 1_000
const COMPILE_ROUNDS = 10
/** Straight after the start, then with what some hundred blocks have left in the caches. */
const COLD_ROUNDS = 50
const WARM_UP_ROUNDS = 400
const WARM_ROUNDS = 100
const COLD_READS = 20_000
const HOT_KEYS = 1_000
const HOT_ROUNDS = 200
const PROOFS = 1_000
const PROOF_CACHE_BYTES = 128 * 1024 * 1024

const [folder, count] = process.argv.slice(2)
if (folder === undefined || count === undefined) throw new Error('state.ts FOLDER N')
const n = Number(count)

const keyOf = (account: number): Uint8Array =>
  accountKey(toAddress(sha256(Buffer.from(`vex benchmark holder ${account}`))))
const valueOf = (account: number, nonce: number): Uint8Array =>
  accountCodec.encode({ nonce: BigInt(nonce), balance: BigInt(account) + 1n, contract: undefined })

/** Numbers of accounts by the first four bytes of their key hashes: eight bytes of memory each. */
const inTreeOrder = (): Uint32Array => {
  const order = new BigUint64Array(n)
  for (let account = 0; account < n; account++) {
    const prefix = Buffer.from(sha256(keyOf(account))).readUInt32BE()
    order[account] = (BigInt(prefix) << 32n) | BigInt(account)
  }
  order.sort()
  return Uint32Array.from(order, entry => Number(entry & 0xffffffffn))
}

const fill = (db: Database): { height: bigint; root: Hash } => {
  const tree = new StoredTree(db)
  const order = inTreeOrder()
  let height = 0n
  let root: Hash | undefined
  for (let from = 0; from < n; from += BATCH) {
    const changes = Array.from(order.subarray(from, from + BATCH), account => ({
      key: keyOf(account),
      value: valueOf(account, 0),
    }))
    const update = tree.update({
      previous: height === 0n ? undefined : height,
      version: height + 1n,
      changes,
    })
    const values = changes.map(({ key, value }): Write => ({ column: COLUMNS.state, key, value }))
    // Nobody reads the versions in between.
    const stale = update.stale.map((nodeKey): Write => {
      const key = Buffer.from(nodeKey, 'latin1')
      return { column: COLUMNS.treeNodes, key, value: undefined }
    })
    const writes = [...treeWrites(update)].filter(({ column }) => column !== COLUMNS.staleTreeNodes)
    db.write([...values, ...writes, ...stale], { sync: false })
    tree.keep(update)
    height++
    ;({ root } = update)
  }
  if (root === undefined) throw new Error('no accounts')
  return { height, root }
}

const sinceMs = (startedMs: number): number => performance.now() - startedMs

const startedMs = performance.now()
const cpu = process.cpuUsage()
let db = await openRocksDatabase(folder)
const { height: filled, root } = fill(db)
await db.close()
const fillSeconds = sinceMs(startedMs) / 1e3
const filledBytes = await directoryBytes(folder)

db = await openRocksDatabase(folder)
const random = createRandom(7)
const anyAccount = (): number => random.below(n)
const cold = Array.from({ length: COLD_READS }, anyAccount).map(keyOf)
const state = new LayeredState(db)
state.open(filled, root)
const coldMs = performance.now()
for (const key of cold) if (state.base.get(key) === undefined) throw new Error('an account is missing')
const coldSeconds = sinceMs(coldMs) / 1e3

let height = filled
/** Blocks of 1,000 changed accounts each: what the root takes, and writing it all. */
const change = (rounds: number): { rootMs: number[]; commitMs: number[] } => {
  const rootMs: number[] = []
  const commitMs: number[] = []
  for (let round = 0; round < rounds; round++) {
    const changes = new Map<number, StateChange>()
    while (changes.size < Math.min(CHANGED, n)) {
      const account = anyAccount()
      changes.set(account, { key: keyOf(account), value: valueOf(account, Number(height)) })
    }
    // Execution has read what it changes.
    for (const { key } of changes.values()) state.base.get(key)
    const deriveMs = performance.now()
    const layer = state.derive(undefined, height + 1n, [...changes.values()])
    rootMs.push(sinceMs(deriveMs))
    const writeMs = performance.now()
    db.write(state.writes(layer), { sync: true })
    state.committed(layer)
    commitMs.push(sinceMs(writeMs))
    height++
  }
  return { rootMs, commitMs }
}
change(COMPILE_ROUNDS)
const { rootMs: coldRootMs } = change(COLD_ROUNDS)
change(WARM_UP_ROUNDS)
const { rootMs, commitMs } = change(WARM_ROUNDS)

const hot = Array.from({ length: HOT_KEYS }, anyAccount).map(keyOf)
for (const key of hot) state.base.get(key)
const hotMs = performance.now()
for (let round = 0; round < HOT_ROUNDS; round++) for (const key of hot) state.base.get(key)
const hotSeconds = sinceMs(hotMs) / 1e3

const nodes = new StoredNodes(db, PROOF_CACHE_BYTES)
const proofMs: number[] = []
let proofBytes = 0
for (let i = 0; i < PROOFS; i++) {
  const key = keyOf(anyAccount())
  const provingMs = performance.now()
  const proof = encodeCommitmentProof(
    proveKey({ source: nodes.source, version: height, valueOf: of => state.base.get(of) }, key),
  )
  proofMs.push(sinceMs(provingMs))
  proofBytes += proof.length / PROOFS
}
await db.close()
const { user, system } = process.cpuUsage(cpu)
const figures: StateFigures = {
  fillSeconds,
  filledBytes,
  coldRootMs,
  rootMs,
  commitMs,
  coldReads: COLD_READS,
  coldSeconds,
  hotReads: HOT_KEYS * HOT_ROUNDS,
  hotSeconds,
  proofMs,
  proofBytes,
  peakRssBytes: process.resourceUsage().maxRSS * 1024,
  cpuSeconds: (user + system) / 1e6,
}
process.stdout.write(JSON.stringify(figures))
