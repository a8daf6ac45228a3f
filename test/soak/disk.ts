/**
 * What a node's disk does under a steady load of overwrites:  npm run soak -- --blocks 200000
 *
 * The real chain on the real database, with its synced batches and its pruning in a thread beside it, without votes and
 * sockets: each block has 50 transactions that overwrite what is there (half are transfers among a thousand accounts,
 * half approvals in a token contract), each epoch 100 blocks. Signatures are left out, which the chain does not look
 * at, and every block has the same VRF proof, which `build` does not verify: this measures the disk.
 *
 * What pruning costs a block is told by blocks that were made while it ran, and while it did not: of each WINDOW blocks in
 * turn the pruner hears nothing, and then of all of them. A block is counted only once there are blocks to remove.
 * `delayMs` is what slices can have held a block up by: how long RocksDB went on writing one when the block's own batch was
 * to be written. Reads wait for no write. `workMs` is what of that the slice itself worked, at most: the rest it waited for a
 * core or the disk, as blocks do that no slice holds up.
 *
 * Prints a JSON line for each point of the curve and one at the end; `--svg FILE` draws it.
 */
import { globSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { lowerBackgroundThreads } from '../../node/execution/background-threads.ts'
import { encodeArguments } from '../../node/abi/values.ts'
import { Chain } from '../../node/chain/chain.ts'
import { firstPruningHeight, MIN_KEPT_BLOCKS, PRUNING_MODES } from '../../node/chain/pruning.ts'
import { contractAddress, formatAddress, publicKeyToAddress } from '../../node/crypto/address.ts'
import { ecvrfProve } from '../../node/crypto/ecvrf.ts'
import { sha256 } from '../../node/crypto/hash.ts'
import { devGenesis } from '../../node/dev.ts'
import { createPruning } from '../../node/execution/pruning-client.ts'
import { createWay, withWay } from '../../node/execution/right-of-way.ts'
import { VEX } from '../../node/params.ts'
import type { Database } from '../../node/storage/database.ts'
import { openRocksDatabase, shareRocksDatabase } from '../../node/storage/rocks.ts'
import type { Genesis } from '../../node/types/genesis.ts'
import {
  type Action,
  type ParsedTransaction,
  parseTransaction,
  transactionCodec,
} from '../../node/types/transaction.ts'
import { createValidatorKeys } from '../../node/validator-keys.ts'
import { createVm } from '../../vm/vm.ts'
import { loneCertificate } from '../support/placed-block.ts'
import { keptContracts } from '../determinism/contracts.ts'
import { type CurvePoint, drawCurve } from './curve.ts'
import { receiptsOf } from '../../node/types/receipt.ts'

const ACCOUNTS = 1_000
const PER_BLOCK = 50
const EPOCH_BLOCKS = 100n
const POINTS = 100
const START_MS = 1_700_000_000_000n
const BLOCK_MS = 1_000n
/** A node waits longer for its votes. */
const PAUSE_MS = 5
/** Long enough for the pruner to remove what it did not hear of, and short enough that it never falls far behind. */
const WINDOW = 20

const USAGE = `Usage: npm run soak -- [options]

  --blocks N        how many (default: 20000)
  --keep-blocks N   how many a node keeps, from ${MIN_KEPT_BLOCKS} on (default: ${PRUNING_MODES.default.blocks})
  --pause-ms N      between two blocks; 0: as fast as they can be made (default: ${PAUSE_MS})
  --svg FILE        draw the curve
  --keep            leave the database where it is`

const keys = createValidatorKeys(new Uint8Array(64).fill(3))
const PUBLIC_KEYS = Array.from({ length: ACCOUNTS }, (_, i) => sha256(Buffer.from(`soak account ${i}`)))
const ADDRESSES = PUBLIC_KEYS.map(publicKeyToAddress)

const genesisOf = (): Genesis => {
  const genesis = devGenesis(keys, START_MS, 'vex-soak')
  return {
    ...genesis,
    params: { ...genesis.params, epochBlocks: EPOCH_BLOCKS },
    accounts: [...genesis.accounts, ...ADDRESSES.map(address => ({ address, balance: 1_000n * VEX }))],
  }
}

/** Writes the transactions of block after block. */
const createLoad = (chainId: string) => {
  const nonces = new Map<number, bigint>()
  const [token] = keptContracts().filter(({ name }) => name === 'token')
  if (token === undefined) throw new Error('there is no token among the kept contracts')
  const signed = (account: number, action: Action, gasLimit = 2_000_000n): ParsedTransaction => {
    const nonce = nonces.get(account) ?? 0n
    nonces.set(account, nonce + 1n)
    const body = {
      version: 1 as const,
      chainId,
      sender: PUBLIC_KEYS[account] as Uint8Array,
      nonce,
      gasLimit,
      maxFee: 1_000n,
      tip: 0n,
      validUntilHeight: lastHeight + 100n,
      action,
    }
    return parseTransaction(transactionCodec.encode({ body, signature: new Uint8Array(64) }))
  }
  const init = encodeArguments(token.abi, 'init', ['Soak', 'SOAK', 2, '1000000'])
  const contract = contractAddress(ADDRESSES[0] as never, 0n)
  let at = 0
  let lastHeight = 1n
  return {
    deploy: () =>
      signed(0, { kind: 'deploy', code: token.code, args: init, value: 0n, owner: undefined }, 300_000_000n),
    block: (height: bigint): ParsedTransaction[] => {
      lastHeight = height
      return Array.from({ length: PER_BLOCK }, (_, i) => {
        at = (at + 7) % ACCOUNTS
        const other = ADDRESSES[(at + 1) % ACCOUNTS] as (typeof ADDRESSES)[number]
        return i % 2 === 0
          ? signed(at, { kind: 'transfer', to: other, amount: 1n })
          : signed(at, {
              kind: 'call',
              contract,
              method: 'approve',
              args: encodeArguments(token.abi, 'approve', [formatAddress(other), String(height)]),
              value: 0n,
            })
      })
    },
  }
}

const bytesOnDisk = (folder: string): number =>
  globSync('**/*', { cwd: folder }).reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  )

interface Spread {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

const spread = (values: readonly number[]): Spread => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (q: number): number =>
    Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0).toFixed(2))
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1) }
}

/**
 * Writes of slices against those of blocks, both as two threads of one process tell them. RocksDB takes one batch at a time:
 * a block's waits for the end of the slice's that was there before it. (One that comes later waits for the block's.)
 */
const createDelays = () => {
  const slices: { readonly startMs: number; readonly endMs: number; readonly cpuMs: number }[] = []
  const blocks: number[] = []
  const all = (): { readonly delayMs: number; readonly workMs: number }[] => {
    let at = 0
    return blocks.map(blockMs => {
      while ((slices[at]?.endMs ?? Number.POSITIVE_INFINITY) <= blockMs) at++
      const slice = slices[at]
      if (slice === undefined || slice.startMs >= blockMs) return { delayMs: 0, workMs: 0 }
      const delayMs = slice.endMs - blockMs
      return { delayMs, workMs: Math.min(delayMs, slice.cpuMs) }
    })
  }
  return {
    onSlice: (startMs: number, endMs: number, cpuMs: number): void =>
      void slices.push({ startMs, endMs, cpuMs }),
    /** A block's batch goes to RocksDB, now. */
    onBlock: (): void => void blocks.push(performance.timeOrigin + performance.now()),
    spreads: () => {
      const delays = all()
      const delayMs = spread(delays.map(delay => delay.delayMs))
      const workMs = spread(delays.map(delay => delay.workMs))
      return { delayMs, workMs, delayed: delays.filter(delay => delay.delayMs > 0).length }
    },
  }
}

/** Tells of each write before it is made. */
const watched = (db: Database, onWrite: () => void): Database => {
  const write = db.write.bind(db)
  db.write = (writes, options) => {
    onWrite()
    write(writes, options)
  }
  return db
}

/** Milliseconds. */
interface BlockTimes {
  /** Of the thread, both: what a busy machine or a slow disk adds is not in it. */
  readonly cpu: number[]
  readonly build: number[]
  readonly commit: number[]
  readonly both: number[]
}
const blockTimes = (): BlockTimes => ({ cpu: [], build: [], commit: [], both: [] })
const blockSpreads = ({ cpu, build, commit, both }: BlockTimes) => ({
  block: spread(both),
  cpu: spread(cpu),
  build: spread(build),
  commit: spread(commit),
})

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      blocks: { type: 'string', default: '20000' },
      'keep-blocks': { type: 'string', default: String(PRUNING_MODES.default.blocks) },
      'pause-ms': { type: 'string', default: String(PAUSE_MS) },
      svg: { type: 'string' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(USAGE)
  const blocks = Number(values.blocks)
  const kept = Number(values['keep-blocks'])
  const pauseMs = Number(values['pause-ms'])
  const folder = mkdtempSync(join(tmpdir(), 'vex-soak-'))
  const delays = createDelays()
  const db = watched(await openRocksDatabase(join(folder, 'db')), delays.onBlock)
  lowerBackgroundThreads()
  const genesis = genesisOf()
  const chain = Chain.open({ db, genesis, vm: createVm() })
  const retention = { ...PRUNING_MODES.default, blocks: kept }
  const firstHeight = firstPruningHeight(retention)
  const slices = { findMs: [] as number[], writeMs: [] as number[], writeCpuMs: [] as number[], keys: 0 }
  /** Of blocks, as the pruner last told, and at the end of each window in which it heard of all. */
  const lag = { now: 0, most: 0, endsOfWindows: [] as number[] }
  let toldHeight = 0n
  let isPruning = false
  const way = createWay()
  const pruning = createPruning({
    way,
    database: shareRocksDatabase(db),
    retention,
    onSlice(slice) {
      lag.now = Number(slice.lag)
      lag.most = Math.max(lag.most, lag.now)
      if (slice.keys === 0) {
        isPruning &&= slice.head < toldHeight
        return
      }
      const [startMs, endMs] = slice.written
      slices.findMs.push(slice.findMs)
      slices.writeMs.push(endMs - startMs)
      slices.writeCpuMs.push(slice.writeCpuMs)
      delays.onSlice(startMs, endMs, slice.writeCpuMs)
      slices.keys += slice.keys
    },
    onFault(error) {
      throw error
    },
  })
  const times = { pruning: blockTimes(), alone: blockTimes() }
  const load = createLoad(genesis.chainId)
  const vrfProof = ecvrfProve(keys.vrfSecretKey, Buffer.from('soak'))
  const proposer = publicKeyToAddress(keys.operatorPublicKey)
  const curve: CurvePoint[] = []
  const startedMs = performance.now()
  for (let n = 1; n <= blocks; n++) {
    const { hash, header } = chain.head
    const parentCertificate =
      header.height === 0n ? undefined : loneCertificate(genesis.chainId, keys, { ...header, hash })
    const view = header.height % EPOCH_BLOCKS === 0n ? 1n : header.view + 1n
    const isCounted = n > kept + WINDOW
    const counted = isPruning ? times.pruning : times.alone
    const candidates = n === 1 ? [load.deploy()] : load.block(BigInt(n))
    const cpuBefore = process.threadCpuUsage()
    const buildMs = performance.now()
    const built = await withWay(
      way,
      () =>
        chain.build({
          parentHash: hash,
          place: { view, timeMs: START_MS + BLOCK_MS * BigInt(n), proposer, parentCertificate },
          vrfProof,
          candidates,
          onRefused: (_, message) => {
            throw new Error(`block ${n}: ${message}`)
          },
        }),
      { isHeldSoon: true },
    )
    const failed = receiptsOf(built).find(({ status }) => status === 'failed')
    if (failed !== undefined) throw new Error(`block ${n}: ${failed.error?.message}`)
    const commitMs = performance.now()
    await withWay(way, () => chain.commit(built.hash, parentCertificate))
    const endMs = performance.now()
    if (isCounted) {
      const { user, system } = process.threadCpuUsage(cpuBefore)
      counted.cpu.push((user + system) / 1000)
      counted.build.push(commitMs - buildMs)
      counted.commit.push(endMs - commitMs)
      counted.both.push(endMs - buildMs)
    }
    if (n <= kept || Math.floor(n / WINDOW) % 2 === 0) {
      toldHeight = built.header.height
      pruning.onCommit(toldHeight)
      isPruning = toldHeight >= firstHeight
    }
    // What the pruner tells is heard here.
    await sleep(pauseMs)
    if (n % (2 * WINDOW) === WINDOW - 1) lag.endsOfWindows.push(lag.now)
    if (n % Math.max(1, Math.floor(blocks / POINTS)) === 0) {
      const point = { blocks: n, bytes: bytesOnDisk(join(folder, 'db')) }
      curve.push(point)
      const rssMib = Math.round(process.memoryUsage.rss() / 2 ** 20)
      const keptFrom = String(chain.store.keptFrom())
      console.log(
        JSON.stringify({
          ...point,
          keptFrom,
          rssMib,
          seconds: Math.round((performance.now() - startedMs) / 1000),
        }),
      )
    }
  }
  await pruning.close()
  console.log(
    JSON.stringify({
      blocks,
      kept,
      transactions: blocks * PER_BLOCK,
      blockMs: { whilePruning: blockSpreads(times.pruning), alone: blockSpreads(times.alone) },
      sliceFindMs: spread(slices.findMs),
      sliceWriteMs: spread(slices.writeMs),
      sliceWriteCpuMs: spread(slices.writeCpuMs),
      delays: delays.spreads(),
      removedKeys: slices.keys,
      lagBlocks: { most: lag.most, endsOfWindows: spread(lag.endsOfWindows) },
      seconds: Math.round((performance.now() - startedMs) / 1000),
    }),
  )
  const { leaves } = chain.verifyState()
  console.error(`the state verifies: ${leaves} keys`)
  await db.close()
  const title = `Bytes on disk by height, the last ${kept.toLocaleString('en-US')} blocks kept`
  if (values.svg !== undefined) writeFileSync(values.svg, drawCurve(curve, { title, kept }))
  if (values.keep) console.error(folder)
  else rmSync(folder, { recursive: true })
}

await main()
