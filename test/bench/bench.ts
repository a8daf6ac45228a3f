/**
 * Measures a real node through its public API:  npm run bench -- --help
 *
 * Each run has a new chain in a new directory (removed afterwards) and a node in a process of its own, with
 * fsync on and nothing switched off. Transactions are signed before the clock starts. What the node answers
 * is checked after it stops: sampled receipts and balances, every result of a computation.
 *
 * With `--against` a peer runs the same workloads in turn with Vex (against/).
 *
 * The metering, gas, crypto and parts workloads measure the VM, the cryptography and the chain alone, in this process.
 *
 * Latency is what a client sees: from sending the request that first holds the transaction to the arrival of
 * its block or receipt.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { VEX_VERSION } from '../../node/version.ts'
import { findAnvil } from './against/anvil-binary.ts'
import { compare, comparisonLine, comparisonTable } from './against/compare.ts'
import { TWINS } from './against/twins.ts'
import { BenchError } from './error.ts'
import { type Against, type BenchOptions, parseOptions, USAGE, type WorkloadName } from './options.ts'
import { type CpuProfile, formatProfile, summariseProfile } from './profile.ts'
import { formatTable, summarise, toJsonLine } from './report.ts'
import type { Result } from './result.ts'
import type { RunOptions } from './session.ts'
import { runApi } from './workloads/api.ts'
import { runCompute } from './workloads/compute.ts'
import { runCrypto } from './workloads/crypto.ts'
import { runFinality } from './workloads/finality.ts'
import { runLatency } from './workloads/latency.ts'
import { runGas } from './workloads/gas.ts'
import { runLong } from './workloads/long.ts'
import { runMetering } from './workloads/metering.ts'
import { runNetwork } from './workloads/network.ts'
import { runParts } from './workloads/parts.ts'
import { runRead } from './workloads/read.ts'
import { runSnapshot } from './workloads/snapshot.ts'
import { runStart } from './workloads/start.ts'
import { runState } from './workloads/state.ts'
import { runToken } from './workloads/token.ts'
import { runTransfers } from './workloads/transfers.ts'
import { runViews } from './workloads/views.ts'

type Run = (options: RunOptions) => Promise<Result[]>

const WORKLOADS: Readonly<Record<WorkloadName, Run>> = {
  transfers: runTransfers,
  latency: runLatency,
  token: runToken,
  compute: runCompute,
  read: runRead,
  views: runViews,
  api: runApi,
  start: runStart,
  metering: runMetering,
  gas: runGas,
  crypto: runCrypto,
  parts: runParts,
  finality: runFinality,
  snapshot: runSnapshot,
  state: runState,
  long: runLong,
  network: runNetwork,
}

const ROOT_URL = new URL('../../', import.meta.url).href
const PROFILE_TOP = 15

const machine = {
  vex_version: VEX_VERSION,
  node_version: process.version,
  cpus: availableParallelism(),
  cpu_model: cpus()[0]?.model ?? 'unknown',
}

const machineText = `Node ${process.version}, ${machine.cpus} x ${machine.cpu_model}`

/** Progress and profiles: not on the output, which may be read by a program. */
const say = (text: string): void => {
  process.stderr.write(`${text}\n`)
}

const runOnce = async (
  work: Run,
  options: BenchOptions,
  onProfile: RunOptions['onProfile'],
): Promise<Result[]> => {
  const late = new AbortController()
  const seconds = options.timeoutSeconds
  const timer = setTimeout(() => {
    late.abort(
      new BenchError('timeout', `the run was not over after ${seconds} s; give it more with --timeout`),
    )
  }, seconds * 1_000)
  try {
    const { n, validators, network } = options
    return await work({ n, validators, network, signal: late.signal, onProfile })
  } finally {
    clearTimeout(timer)
  }
}

const keepProfile = async (path: string, json: string): Promise<void> => {
  await writeFile(path, json)
  const summary = summariseProfile(JSON.parse(json) as CpuProfile, ROOT_URL, PROFILE_TOP)
  say(`${path}\n${formatProfile(summary)}`)
}

/** In turn, `runs` times over. */
const runInTurn = async (works: readonly Run[], options: BenchOptions): Promise<Result[]> => {
  const { profileDirectory, runs } = options
  const results: Result[] = []
  for (let run = 1; run <= runs; run++) {
    for (const work of works) {
      const found = await runOnce(
        work,
        options,
        profileDirectory === undefined
          ? undefined
          : (part, json) => keepProfile(join(profileDirectory, `${part}-${run}.cpuprofile`), json),
      )
      results.push(...found)
      for (const { node, workload, rate, unit, seconds } of found) {
        const name = node === undefined ? workload : `${node} ${workload}`
        const figure = rate === undefined ? '' : ` ${Math.round(rate).toLocaleString('en-US')} ${unit},`
        say(`${name} ${run}/${runs}:${figure} ${seconds.toFixed(2)} s`)
      }
    }
  }
  return results
}

const of =
  (node: string, work: Run): Run =>
  async options =>
    (await work(options)).map(result => ({ node, ...result }))

const runAgainst = async ({ peer, binary, workloads }: Against, options: BenchOptions): Promise<void> => {
  const anvil = await findAnvil(binary, say)
  const both = { ...machine, [`${peer}_version`]: anvil.version }
  const all: Result[] = []
  try {
    for (const name of workloads) {
      const { vex, anvil: twin } = TWINS[name]
      const works = [of('vex', vex)]
      if (twin !== undefined) works.push(of(peer, run => twin(anvil.path, run)))
      const results = await runInTurn(works, options)
      all.push(...results)
      if (!options.isJson) continue
      for (const summary of summarise(results)) console.log(toJsonLine(summary, both))
      for (const comparison of compare(results)) console.log(comparisonLine(comparison, peer, both))
    }
  } finally {
    // It took long: what was measured is shown, whatever came then.
    if (!options.isJson && all.length > 0) {
      console.log(`\n${formatTable(summarise(all))}`)
      console.log(`\nvex ${VEX_VERSION} against ${peer} ${anvil.version}, ${machineText}`)
      console.log(comparisonTable(compare(all), peer))
    }
  }
}

const main = async (): Promise<void> => {
  const options = parseOptions(process.argv.slice(2))
  if (options.isHelp) {
    console.log(USAGE)
    return
  }
  if (options.profileDirectory !== undefined) await mkdir(options.profileDirectory, { recursive: true })
  if (options.against !== undefined) return runAgainst(options.against, options)
  const summaries = []
  for (const name of options.workloads) {
    const found = summarise(await runInTurn([WORKLOADS[name]], options))
    summaries.push(...found)
    if (options.isJson) for (const summary of found) console.log(toJsonLine(summary, machine))
  }
  if (options.isJson) return
  console.log(`\nvex ${VEX_VERSION}, ${machineText}`)
  console.log(formatTable(summaries))
}

// With these, `exit` runs and ends the node (cleanup.ts).
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))
process.once('SIGHUP', () => process.exit(129))

try {
  await main()
} catch (error) {
  if (!(error instanceof BenchError)) throw error
  say(error.message)
  process.exitCode = error.code === 'usage' ? 2 : 1
}
