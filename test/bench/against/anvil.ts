/**
 * An anvil of its own for each run, as fast as it goes: everything in memory, blocks when the client asks for one, no limits on
 * requests or blocks that would stand in its way. It has no consensus, and syncs nothing to a disk.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { atExit } from '../cleanup.ts'
import { BenchError } from '../error.ts'
import { freePort } from '../../support/free-port.ts'
import { operatorAccount, senderAccounts } from '../genesis.ts'
import type { NodeUsage } from '../node-child.ts'
import { type RunOptions, withDirectory } from '../session.ts'
import { lastOfEach } from '../load.ts'
import { type Hex, addressOf, quantity, signTransaction } from './ethereum.ts'
import { type JsonRpc, openJsonRpc } from './json-rpc.ts'
import { processUsage } from './process-usage.ts'

export const CHAIN_ID = 31_337n
/** Wei for each gas: above every base fee, which starts at 10^9. */
export const FEES = { maxFeePerGas: 50_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n }

/** 10^6 ether. */
const BALANCE = 10n ** 24n
const DEPLOY_GAS = 6_000_000n
const POLL_MS = 2

const ARGUMENTS = (
  `--quiet --accounts 1 --chain-id ${CHAIN_ID} --hardfork prague --no-mining ` +
  '--gas-limit 1000000000000 --max-transactions 100000 --no-request-size-limit'
).split(' ')

export interface AnvilSession {
  readonly url: string
  readonly rpc: JsonRpc
  /** From making the process to its first answer. */
  readonly startSeconds: number
  readonly directory: string
  readonly node: { usage(): Promise<NodeUsage> }
  /** Nothing takes its profile. */
  readonly options: { readonly onProfile: undefined }
}

/** Mines what is waiting. */
export const mine = async ({ rpc }: Pick<AnvilSession, 'rpc'>): Promise<void> =>
  void (await rpc.call('evm_mine'))

export const withAnvil = <T>(
  binary: string,
  { signal }: Pick<RunOptions, 'signal'>,
  work: (session: AnvilSession) => Promise<T>,
): Promise<T> =>
  withDirectory(async directory => {
    signal.throwIfAborted()
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const spawnedMs = performance.now()
    const child = spawn(
      binary,
      [...ARGUMENTS, '--port', String(port), '--cache-path', join(directory, 'cache')],
      // What it writes for itself, it writes there.
      { stdio: ['ignore', 'ignore', 'pipe'], cwd: directory, env: { HOME: directory, TMPDIR: directory } },
    )
    const keep = atExit(() => child.kill('SIGKILL'))
    const onAbort = () => child.kill('SIGKILL')
    signal.addEventListener('abort', onAbort, { once: true })
    const said = text(child.stderr)
    const exited = once(child, 'close').catch(() => undefined)
    const hasEnded = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined
    const rpc = openJsonRpc(url)
    try {
      for (;;) {
        if (hasEnded()) throw new BenchError('node_failed', `anvil ended on its own: ${(await said).trim()}`)
        try {
          await rpc.call('eth_chainId')
          break
        } catch {
          await sleep(POLL_MS)
        }
      }
      const startSeconds = (performance.now() - spawnedMs) / 1e3
      const { pid } = child
      if (pid === undefined) throw new BenchError('node_failed', 'anvil has no process')
      const node = { usage: async () => processUsage(pid) }
      return await work({ url, rpc, startSeconds, directory, node, options: { onProfile: undefined } })
    } catch (error) {
      // What fails may fail only because the run is over its time.
      signal.throwIfAborted()
      throw error
    } finally {
      rpc.close()
      child.kill('SIGKILL')
      await exited
      signal.removeEventListener('abort', onAbort)
      keep()
    }
  })

/** The senders of genesis.ts and the operator, under the same secret keys. */
export const fundAccounts = async ({ rpc }: AnvilSession): Promise<void> => {
  const accounts = [operatorAccount(), ...senderAccounts()]
  await rpc.batch(
    accounts.map(({ secretKey }) => ({
      method: 'anvil_setBalance',
      params: [addressOf(secretKey), quantity(BALANCE)],
    })),
  )
}

/** Receipts of transactions that are all in blocks. Throws a {@link BenchError} if one has none, or failed. */
export const assertSucceeded = async ({ rpc }: AnvilSession, hashes: readonly Hex[]): Promise<void> => {
  const receipts = await rpc.batch(
    hashes.map(hash => ({ method: 'eth_getTransactionReceipt', params: [hash] })),
  )
  for (const [index, receipt] of (receipts as ({ status: string } | null)[]).entries())
    if (receipt?.status !== '0x1')
      throw new BenchError('wrong_result', `transaction ${hashes[index]} has no successful receipt`)
}

/** From the operator, from nonce 0 on; in a block when this resolves. */
export const sendAsOperator = async (
  session: AnvilSession,
  actions: readonly { readonly to: Hex | undefined; readonly data: Hex }[],
  firstNonce: bigint,
): Promise<void> => {
  const { secretKey } = operatorAccount()
  const signed = actions.map(({ to, data }, index) => ({
    sender: 0,
    ...signTransaction(secretKey, {
      ...FEES,
      chainId: CHAIN_ID,
      nonce: firstNonce + BigInt(index),
      to,
      value: 0n,
      data,
      gasLimit: DEPLOY_GAS,
    }),
  }))
  await session.rpc.batch(signed.map(({ raw }) => ({ method: 'eth_sendRawTransaction', params: [raw] })))
  await mine(session)
  await assertSucceeded(
    session,
    lastOfEach(signed).map(({ hash }) => hash),
  )
}
