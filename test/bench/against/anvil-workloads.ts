/** What Vex's workloads are held against: the same work, done by an anvil. */
import { setTimeout as sleep } from 'node:timers/promises'
import { senderAccounts } from '../genesis.ts'
import { mixReference } from '../mix.ts'
import type { Result } from '../result.ts'
import { assertEqual, directoryBytes, type RunOptions, startMeter } from '../session.ts'
import { measureSixths } from '../sixths.ts'
import { TOKENS_OF_EACH } from '../token.ts'
import { measurePlainViews } from '../views.ts'
import { DEFAULT_ITERATIONS, WARM_UP } from '../workloads/compute.ts'
import { DEFAULT_LONG } from '../workloads/long.ts'
import { SETTLE_MS } from '../workloads/start.ts'
import { DEFAULT_TOKEN } from '../workloads/token.ts'
import { DEFAULT_TRANSFERS } from '../workloads/transfers.ts'
import { DEFAULT_VIEWS } from '../workloads/views.ts'
import { fundAccounts, withAnvil } from './anvil.ts'
import { deployAnvilToken, deployMix, viewParameters } from './anvil-contracts.ts'
import { measureAnvilLoad, sendEthereumPayments, verifyEthereumPayments } from './anvil-load.ts'
import { type EthereumPayment, signEthereumPayments } from './anvil-payments.ts'
import { addressOf, callData, type Hex } from './ethereum.ts'
import { rpcText } from './json-rpc.ts'

export type AnvilWorkload = (binary: string, options: RunOptions) => Promise<Result[]>

/** Where a block of so many was fastest; of 60,000, one for each sixth was. */
const BLOCK_SIZE = 1_000
const MB = 1_000_000

const nativeBalance = ({ to }: EthereumPayment) => ({ method: 'eth_getBalance', params: [to, 'latest'] })

export const anvilTransfers: AnvilWorkload = (binary, options) => {
  const payments = signEthereumPayments('transfers', options.n ?? DEFAULT_TRANSFERS)
  return withAnvil(binary, options, async session => {
    await fundAccounts(session)
    const result = await measureAnvilLoad(session, 'transfers', payments, BLOCK_SIZE)
    await verifyEthereumPayments(session, payments, nativeBalance)
    return [result]
  })
}

export const anvilToken: AnvilWorkload = (binary, options) => {
  const payments = signEthereumPayments('token', options.n ?? DEFAULT_TOKEN)
  return withAnvil(binary, options, async session => {
    await fundAccounts(session)
    const token = await deployAnvilToken(session)
    const result = await measureAnvilLoad(session, 'token', payments, BLOCK_SIZE)
    await verifyEthereumPayments(session, payments, ({ to }) => ({
      method: 'eth_call',
      params: viewParameters(token, callData('balanceOf(address)', to)),
    }))
    return [result]
  })
}

export const anvilCompute: AnvilWorkload = (binary, options) =>
  withAnvil(binary, options, async session => {
    const n = options.n ?? DEFAULT_ITERATIONS
    await fundAccounts(session)
    const contract = await deployMix(session)
    const view = async (iterations: number): Promise<bigint> => {
      const data = callData('mix(uint256)', BigInt(iterations))
      return BigInt((await session.rpc.call('eth_call', ...viewParameters(contract, data))) as Hex)
    }
    await view(WARM_UP)
    const expected = mixReference(n)
    const stopMeter = await startMeter(session, 'compute')
    const startMs = performance.now()
    assertEqual(`mix(${n})`, await view(n), expected)
    const seconds = (performance.now() - startMs) / 1e3
    const { grownBytes: _, ...measured } = await stopMeter()
    return [{ workload: 'compute', n, rate: n / seconds, unit: 'iter/s', seconds, ...measured }]
  })

export const anvilViews: AnvilWorkload = (binary, options) =>
  withAnvil(binary, options, async session => {
    await fundAccounts(session)
    const token = await deployAnvilToken(session)
    const bodies = senderAccounts().map(({ secretKey }, id) => {
      const params = viewParameters(token, callData('balanceOf(address)', addressOf(secretKey)))
      return rpcText({ method: 'eth_call', params }, id)
    })
    const expected = `"result":"0x${TOKENS_OF_EACH.toString(16).padStart(64, '0')}"`
    const view = { url: session.url, path: '/', bodies, expected }
    return measurePlainViews(session, view, options.n ?? DEFAULT_VIEWS)
  })

export const anvilStart: AnvilWorkload = (binary, options) => {
  const driverCpu = process.cpuUsage()
  return withAnvil(binary, options, async ({ startSeconds, node, directory }) => {
    const driver = process.cpuUsage(driverCpu)
    await sleep(SETTLE_MS, undefined, { signal: options.signal })
    const idle = await node.usage()
    return [
      {
        workload: 'start',
        n: 0,
        unit: 's',
        seconds: startSeconds,
        rss_mb: idle.peakRssBytes / MB,
        disk_mb: (await directoryBytes(directory)) / MB,
        cpu_node_s: idle.cpuSeconds,
        cpu_driver_s: (driver.user + driver.system) / 1e6,
        cpu_main_s: idle.mainCpuSeconds,
        idle_rss_mb: idle.rssBytes / MB,
      },
    ]
  })
}

export const anvilLong: AnvilWorkload = (binary, options) => {
  const payments = signEthereumPayments('transfers', options.n ?? DEFAULT_LONG)
  return withAnvil(binary, options, async session => {
    await fundAccounts(session)
    const result = await measureSixths(session, payments, part =>
      sendEthereumPayments(session, part, Number.POSITIVE_INFINITY),
    )
    await verifyEthereumPayments(session, payments, nativeBalance)
    return [result]
  })
}
