/**
 * What one transaction costs, part by part, without sockets and votes: CPU time of this thread, so that other work on the
 * machine blurs it little. The chain and the database are real, fsync included; blocks are as full as they may be.
 *
 *   decode   its bytes, its id, its sender's address        (the main thread)
 *   verify   its signature, by a sender that signs often    (a thread of its own)
 *   alone    the same, by one that does not                 (the same)
 *   build    its bytes again, execution, receipts, Merkle roots, state tree  (the thread of blocks)
 *   commit   everything that the block changes, on the disk (the thread of blocks)
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeArguments } from '../../../node/abi/values.ts'
import { Chain } from '../../../node/chain/chain.ts'
import { contractAddress, formatAddress, publicKeyToAddress } from '../../../node/crypto/address.ts'
import { ecvrfProve } from '../../../node/crypto/ecvrf.ts'
import { verifyNative } from '../../../node/crypto/ed25519.ts'
import { createManyVerifier } from '../../../node/crypto/ed25519-many.ts'
import { AT_ONCE, packSigned } from '../../../node/execution/signature-client.ts'
import { packTransactions, unpackTransactions } from '../../../node/execution/packed.ts'
import { LIMITS } from '../../../node/params.ts'
import { openRocksDatabase } from '../../../node/storage/rocks.ts'
import { type Action, type NamedTransaction, parseTransaction } from '../../../node/types/transaction.ts'
import { createValidatorKeys } from '../../../node/validator-keys.ts'
import { createVm } from '../../../vm/vm.ts'
import { keptContracts } from '../../determinism/contracts.ts'
import { loneCertificate } from '../../support/placed-block.ts'
import { type BenchAccount, benchGenesis, operatorAccount, SENDERS, senderAccounts } from '../genesis.ts'
import type { Result } from '../result.ts'
import type { RunOptions } from '../session.ts'
import { paymentAt, signAs } from '../signing.ts'
import { receiptsOf } from '../../../node/types/receipt.ts'

const DEFAULT_N = 20_000
const PER_BLOCK = 1_500
/** Not counted: until then V8 compiles what it has seen often. */
const WARM_UP_BLOCKS = 3
const START_MS = 1_700_000_000_000n
const TRANSFER_GAS = 320_000n
/** Covers a token transfer to somebody who held none. */
const CALL_GAS = 600_000n
const MB = 1_000_000

const PARTS = ['decode', 'verify', 'alone', 'build', 'commit'] as const
type Part = (typeof PARTS)[number]

/** Microseconds of this thread. */
type Costs = Record<Part, number>

const lap = <T>(costs: Costs | undefined, part: Part, work: () => T): T => {
  const before = process.threadCpuUsage()
  const result = work()
  const { user, system } = process.threadCpuUsage(before)
  if (costs !== undefined) costs[part] += user + system
  return result
}

interface Kind {
  readonly name: string
  readonly gas: bigint
  /** What is on the chain before: transactions of the operator. */
  readonly before: readonly Action[]
  readonly action: (index: number) => Action
}

const transfers: Kind = {
  name: 'transfers',
  gas: TRANSFER_GAS,
  before: [],
  action(index) {
    const { to, amount } = paymentAt('parts', index)
    return { kind: 'transfer', to, amount }
  },
}

const tokenKind = (): Kind => {
  const token = keptContracts().find(({ name }) => name === 'token')
  if (token === undefined) throw new Error('there is no token among the kept contracts')
  const contract = contractAddress(operatorAccount().address, 0n)
  const transfer = (to: Parameters<typeof formatAddress>[0], amount: bigint) =>
    ({
      kind: 'call',
      contract,
      method: 'transfer',
      args: encodeArguments(token.abi, 'transfer', [formatAddress(to), String(amount)]),
      value: 0n,
    }) as const
  const gifts = senderAccounts().map(({ address }) => transfer(address, 10n ** 12n))
  return {
    name: 'token',
    gas: CALL_GAS,
    before: [
      {
        kind: 'deploy',
        code: token.code,
        args: encodeArguments(token.abi, 'init', ['Parts', 'PART', 2, String(10n ** 15n)]),
        value: 0n,
        owner: undefined,
      },
      ...Array.from({ length: Math.ceil(gifts.length / LIMITS.batchActions) }, (_, i): Action => {
        const first = i * LIMITS.batchActions
        return { kind: 'batch', actions: gifts.slice(first, first + LIMITS.batchActions) }
      }),
    ],
    action(index) {
      const { to, amount } = paymentAt('parts', index)
      return transfer(to, amount)
    },
  }
}

const measure = async ({ name, gas, before, action }: Kind, n: number, signal: AbortSignal) => {
  const folder = mkdtempSync(join(tmpdir(), 'vex-parts-'))
  const keys = createValidatorKeys(new Uint8Array(64).fill(3))
  const genesis = benchGenesis(keys, START_MS)
  const db = await openRocksDatabase(join(folder, 'db'))
  try {
    const chain = Chain.open({ db, genesis, vm: createVm() })
    const nonces = new Map<BenchAccount, bigint>()
    const sign = (sender: BenchAccount, what: Action, gasLimit: bigint): Uint8Array => {
      const nonce = nonces.get(sender) ?? 0n
      nonces.set(sender, nonce + 1n)
      return signAs(sender, nonce, gasLimit, what).bytes
    }
    const vrfProof = ecvrfProve(keys.vrfSecretKey, Buffer.from('parts'))
    const proposer = publicKeyToAddress(keys.operatorPublicKey)
    const block = (candidates: readonly NamedTransaction[], costs: Costs | undefined): void => {
      const { hash, header } = chain.head
      const parentCertificate =
        header.height === 0n ? undefined : loneCertificate(genesis.chainId, keys, { ...header, hash })
      const built = lap(costs, 'build', () =>
        chain.build({
          parentHash: hash,
          place: { view: header.view + 1n, timeMs: header.timeMs + 1_000n, proposer, parentCertificate },
          vrfProof,
          candidates,
          onRefused(_, message) {
            throw new Error(message)
          },
        }),
      )
      const failed = receiptsOf(built).find(({ status }) => status === 'failed')
      if (failed !== undefined) throw new Error(failed.error?.message)
      if (built.receiptBytes.length !== candidates.length)
        throw new Error('the block is too small for the bench')
      lap(costs, 'commit', () => chain.commit(built.hash, parentCertificate))
    }

    const operator = operatorAccount()
    for (const each of before) block([parseTransaction(sign(operator, each, 900_000_000n))], undefined)
    const senders = senderAccounts()
    const verifier = createManyVerifier()
    const counted: Costs = { decode: 0, verify: 0, alone: 0, build: 0, commit: 0 }
    const blocks = Math.max(1, Math.round(n / PER_BLOCK))
    for (let at = 0; at < WARM_UP_BLOCKS + blocks; at++) {
      signal.throwIfAborted()
      const costs = at < WARM_UP_BLOCKS ? undefined : counted
      const bytes = Array.from({ length: PER_BLOCK }, (_, i) => {
        const index = at * PER_BLOCK + i
        return sign(senders[index % SENDERS] as BenchAccount, action(index), gas)
      })
      const parsed = lap(costs, 'decode', () => bytes.map(parseTransaction))
      lap(costs, 'verify', () => {
        for (let from = 0; from < parsed.length; from += AT_ONCE)
          if (verifier.areValid(packSigned(parsed.slice(from, from + AT_ONCE))).includes(false))
            throw new Error('not signed')
      })
      lap(costs, 'alone', () => {
        for (const { transaction, id } of parsed)
          if (!verifyNative(transaction.body.sender, id, transaction.signature)) throw new Error('not signed')
      })
      // As they come from the other thread.
      block([...unpackTransactions(packTransactions(parsed))], costs)
    }
    const count = blocks * PER_BLOCK
    return PARTS.map((part): Result => {
      const seconds = counted[part] / 1e6
      return {
        workload: `${name}-${part}`,
        n: count,
        rate: count / seconds,
        unit: 'tx/s',
        seconds,
        us_per_tx: counted[part] / count,
        rss_mb: process.memoryUsage.rss() / MB,
        disk_mb: 0,
        cpu_node_s: seconds,
        cpu_driver_s: 0,
        cpu_main_s: seconds,
      }
    })
  } finally {
    await db.close()
    rmSync(folder, { recursive: true })
  }
}

export const runParts = async (options: RunOptions): Promise<Result[]> => {
  const results: Result[] = []
  for (const kind of [transfers, tokenKind()])
    results.push(...(await measure(kind, options.n ?? DEFAULT_N, options.signal)))
  return results
}
