/**
 * What a node's disk does under a steady load of overwrites:  npm run soak -- --blocks 200000
 *
 * The real chain on the real database, with its synced batches and its pruning between two blocks, without votes and
 * sockets: each block has 50 transactions that overwrite what is there (half are transfers among a thousand accounts,
 * half approvals in a token contract), each epoch 100 blocks. Signatures are left out, which the chain does not look
 * at, and every block has the same VRF proof, which `build` does not verify: this measures the disk.
 *
 * Prints a JSON line for each point of the curve and one at the end; `--svg FILE` draws it.
 */
import { globSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { encodeArguments } from '../../node/abi/values.ts'
import { Chain } from '../../node/chain/chain.ts'
import { MIN_KEPT_BLOCKS, PRUNING_MODES } from '../../node/chain/pruning.ts'
import { contractAddress, formatAddress, publicKeyToAddress } from '../../node/crypto/address.ts'
import { ecvrfProve } from '../../node/crypto/ecvrf.ts'
import { sha256 } from '../../node/crypto/hash.ts'
import { devGenesis } from '../../node/dev.ts'
import { createIdlePruning } from '../../node/execution/idle-pruning.ts'
import { VEX } from '../../node/params.ts'
import { openRocksDatabase } from '../../node/storage/rocks.ts'
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

const USAGE = `Usage: npm run soak -- [options]

  --blocks N        how many (default: 20000)
  --keep-blocks N   how many a node keeps, from ${MIN_KEPT_BLOCKS} on (default: ${PRUNING_MODES.default.blocks})
  --svg FILE        draw the curve
  --keep            leave the database where it is`

const ACCOUNTS = 1_000
const PER_BLOCK = 50
const EPOCH_BLOCKS = 100n
const POINTS = 100
const START_MS = 1_700_000_000_000n
const BLOCK_MS = 1_000n
const TURNS = 40

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

const quantile = (sorted: readonly number[], q: number): number =>
  Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0).toFixed(2))

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      blocks: { type: 'string', default: '20000' },
      'keep-blocks': { type: 'string', default: String(PRUNING_MODES.default.blocks) },
      svg: { type: 'string' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(USAGE)
  const blocks = Number(values.blocks)
  const kept = Number(values['keep-blocks'])
  const folder = mkdtempSync(join(tmpdir(), 'vex-soak-'))
  const db = await openRocksDatabase(join(folder, 'db'))
  const genesis = genesisOf()
  const chain = Chain.open({
    db,
    genesis,
    vm: createVm(),
    retention: { ...PRUNING_MODES.default, blocks: kept },
  })
  const slices: number[] = []
  const last = { removed: 0 }
  const pruning = createIdlePruning(limit => {
    const startedMs = performance.now()
    last.removed = chain.prune(limit)
    slices.push(performance.now() - startedMs)
    return last.removed
  })
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
    const built = chain.build({
      parentHash: hash,
      place: { view, timeMs: START_MS + BLOCK_MS * BigInt(n), proposer, parentCertificate },
      vrfProof,
      candidates: n === 1 ? [load.deploy()] : load.block(BigInt(n)),
      onRefused: (_, message) => {
        throw new Error(`block ${n}: ${message}`)
      },
    })
    const failed = built.receipts.find(({ status }) => status === 'failed')
    if (failed !== undefined) throw new Error(`block ${n}: ${failed.error?.message}`)
    chain.commit(built.hash, parentCertificate)
    pruning.start()
    // As long as the thread of a node waits for votes and the disk, roughly.
    last.removed = 1
    for (let turns = 0; turns < TURNS && last.removed > 0; turns++) await turn()
    pruning.assertWell()
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
  slices.sort((a, b) => a - b)
  console.log(
    JSON.stringify({
      blocks,
      kept,
      transactions: blocks * PER_BLOCK,
      slices: slices.length,
      sliceMs: {
        p50: quantile(slices, 0.5),
        p99: quantile(slices, 0.99),
        p999: quantile(slices, 0.999),
        max: quantile(slices, 1),
      },
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
