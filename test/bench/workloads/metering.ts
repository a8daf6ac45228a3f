/**
 * What metering costs, in this process and without a node:
 *
 * - kernels and a token transfer, the module as it is against the same module instrumented. The two take turns, so
 *   that whatever else the machine does meets both; `slow_down` is the ratio of the medians;
 * - a token transfer through the VM, with a reused instance and with a fresh one for each call;
 * - instrumenting a contract.
 *
 * All of it warm: the engine's optimising compiler has had its time.
 */
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { compileContract } from '../../../contracts/sdk/compile.ts'
import { encodeArguments } from '../../../node/abi/values.ts'
import { decode } from '../../../vm/decode.ts'
import type { ExecuteRequest } from '../../../vm/execution.ts'
import { HOST_IMPORT_TYPES } from '../../../vm/host-table.ts'
import { instrument } from '../../../vm/instrument.ts'
import { LIMITS } from '../../../vm/profile.ts'
import { createVm } from '../../../vm/vm.ts'
import { formatAddress } from '../../../node/crypto/address.ts'
import { toAddress } from '../../../node/types/primitives.ts'
import { RecordingHost } from '../../unit/vm/recording-host.ts'
import { BareContract } from '../bare-contract.ts'
import { readCode } from '../contracts.ts'
import { BenchError } from '../error.ts'
import { compileKernel, type KernelName, KERNELS, meteredKernel, rawKernel } from '../kernels.ts'
import type { Result } from '../result.ts'
import { assertEqual, type RunOptions } from '../session.ts'
import { percentile } from '../statistics.ts'

/** Turns that are measured. */
const DEFAULT_N = 300
/** Enough for the optimising compiler, which works in a thread of its own, on a machine with other work. */
const WARM_UP_MS = 1_000
/** Transfers of a turn, few enough that the memory does not grow. */
const TRANSFERS = 40
const CALLS_EACH_TURN = 10
const GAS_LIMIT = 1n << 40n
const HALF = 0.5
const MB = 1_000_000

const TOKEN_ENTRY = fileURLToPath(new URL('../../../contracts/token/token.ts', import.meta.url))
/** Brings the token to some 19 KB. */
const LARGER_RUNTIME = ['--runtime', 'incremental']

type Figures = Pick<Result, 'workload' | 'unit'> & Partial<Result>

/** Keeps no events, so that nothing piles up from call to call. */
class ForgetfulHost extends RecordingHost {
  constructor() {
    super({ value: 0n })
  }

  override emit(): void {}
}

/** Milliseconds. */
const timed = (work: () => void): number => {
  const startMs = performance.now()
  work()
  return performance.now() - startMs
}

const warmUp = (turn: () => void): void => {
  const endMs = performance.now() + WARM_UP_MS
  while (performance.now() < endMs) turn()
}

/** Runs `work`, which gives back what it found out, and adds what it took. */
const withUsage = async (n: number, work: () => Promise<Figures> | Figures): Promise<Result> => {
  const startMs = performance.now()
  const cpu = process.cpuUsage()
  const figures = await work()
  const { user, system } = process.cpuUsage(cpu)
  return {
    n,
    seconds: (performance.now() - startMs) / 1e3,
    rss_mb: (process.resourceUsage().maxRSS * 1_024) / MB,
    disk_mb: 0,
    cpu_node_s: 0,
    cpu_driver_s: (user + system) / 1e6,
    cpu_main_s: 0,
    ...figures,
  }
}

/** `raw` and `metered` measure themselves, in milliseconds, and take turns at going first. */
const compare = (name: string, n: number, raw: () => number, metered: () => number): Figures => {
  warmUp(() => {
    raw()
    metered()
  })
  const times: { raw: number[]; metered: number[] } = { raw: [], metered: [] }
  for (let turn = 0; turn < n; turn++) {
    if (turn % 2 === 0) times.raw.push(raw())
    times.metered.push(metered())
    if (turn % 2 === 1) times.raw.push(raw())
  }
  const rawMs = percentile(times.raw, HALF)
  const meteredMs = percentile(times.metered, HALF)
  return {
    workload: `metering-${name}`,
    unit: 'turns/s',
    rate: 1e3 / meteredMs,
    p50_ms: meteredMs,
    p99_ms: percentile(times.metered, 0.99),
    raw_ms: rawMs,
    slow_down: meteredMs / rawMs,
  }
}

const compareKernel = async (name: KernelName, n: number): Promise<Figures> => {
  const wasm = await compileKernel(name)
  const raw = rawKernel(wasm)
  const metered = meteredKernel(wasm)
  const size = KERNELS[name]
  assertEqual(name, metered(size), raw(size))
  return compare(
    name,
    n,
    () => timed(() => raw(size)),
    () => timed(() => metered(size)),
  )
}

/** The token's code and its calls: a supply for the caller, and a transfer of a part of it. */
const tokenCalls = async () => {
  const { code, abi } = await readCode('token')
  return {
    code: new Uint8Array(code),
    init: encodeArguments(abi, 'init', ['Token', 'TOK', 2, '1000000000000']),
    transfer: encodeArguments(abi, 'transfer', [formatAddress(toAddress(new Uint8Array(32).fill(9))), '1']),
  }
}
type TokenCalls = Awaited<ReturnType<typeof tokenCalls>>

const compareToken = ({ code, init, transfer }: TokenCalls, n: number): Figures => {
  const module = decode(code, HOST_IMPORT_TYPES)
  const imports = module.imports.map(({ name }) => name)
  const turnOf = (bytes: Uint8Array<ArrayBuffer>) => {
    const compiled = new WebAssembly.Module(bytes)
    const host = new ForgetfulHost()
    new BareContract(compiled, imports, host).call('init', init)
    return (): number => {
      const contract = new BareContract(compiled, imports, host)
      contract.call('transfer', transfer)
      return timed(() => {
        for (let i = 0; i < TRANSFERS; i++) contract.call('transfer', transfer)
      })
    }
  }
  return compare('token', n, turnOf(code), turnOf(instrument(module)))
}

/** Single transfers through the VM, as `execute` takes them. */
const measureCalls = ({ code, init, transfer }: TokenCalls, idleInstances: number, n: number): Figures => {
  const vm = createVm({ idleInstances })
  const host = new ForgetfulHost()
  const codeHash = createHash('sha256').update(code).digest('hex')
  const requestOf = (method: string, args: Uint8Array): ExecuteRequest => ({
    codeHash,
    code: () => code,
    method,
    args,
    gasLimit: GAS_LIMIT,
    stackLimit: LIMITS.stackWords,
    host,
  })
  const call = (request: ExecuteRequest): void => {
    const { kind } = vm.execute(request)
    if (kind !== 'returned') throw new BenchError('wrong_result', `${request.method} of the token ${kind}`)
  }
  call(requestOf('init', init))
  const request = requestOf('transfer', transfer)
  warmUp(() => call(request))
  const times = Array.from({ length: n }, () => timed(() => call(request)))
  const p50 = percentile(times, HALF)
  return {
    workload: idleInstances === 0 ? 'metering-call-fresh' : 'metering-call-pooled',
    unit: 'calls/s',
    rate: 1e3 / p50,
    p50_ms: p50,
    p99_ms: percentile(times, 0.99),
  }
}

const measureInstrumenting = async (n: number): Promise<Figures> => {
  const { wasm } = await compileContract({ entry: TOKEN_ENTRY, ascArguments: LARGER_RUNTIME })
  const work = (): void => void instrument(decode(wasm, HOST_IMPORT_TYPES))
  warmUp(work)
  const times = Array.from({ length: n }, () => timed(work))
  const p50 = percentile(times, HALF)
  return {
    workload: 'metering-instrument',
    unit: 'bytes/s',
    rate: (wasm.length * 1e3) / p50,
    p50_ms: p50,
    p99_ms: percentile(times, 0.99),
  }
}

const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)

export const runMetering = async ({ n: turns = DEFAULT_N, signal }: RunOptions): Promise<Result[]> => {
  const results: Result[] = []
  const add = async (n: number, work: () => Promise<Figures> | Figures): Promise<void> => {
    signal.throwIfAborted()
    results.push(await withUsage(n, work))
  }
  const token = await tokenCalls()
  for (const name of Object.keys(KERNELS) as KernelName[]) await add(turns, () => compareKernel(name, turns))
  await add(turns, () => compareToken(token, turns))
  const slowDowns = results.flatMap(({ slow_down }) => slow_down ?? [])
  await add(results.length, () => ({
    workload: 'metering',
    unit: 'kernels',
    slow_down: geometricMean(slowDowns),
  }))
  const calls = turns * CALLS_EACH_TURN
  await add(calls, () => measureCalls(token, 1, calls))
  await add(calls, () => measureCalls(token, 0, calls))
  await add(turns, () => measureInstrumenting(turns))
  return results
}
