/**
 * `vex dev` in a project: builds its contracts, deploys them, runs the client script, and does again what a change
 * asks for. One round after the other; changes that come during a round are one next round. What does not compile
 * or deploy is shown, and what stood there before stays.
 */
import { basename } from 'node:path'
import type { BuiltContract } from '../../contracts/sdk/build.ts'
import { formatInteger } from '../amounts.ts'
import { compileProblems } from '../compile-problems.ts'
import type { Connection } from '../connect.ts'
import { contractsIn } from '../contract-file.ts'
import { describeFailure } from '../errors.ts'
import { type Output, writeFailure } from '../output.ts'
import { mark, paint } from '../terminal/colour.ts'
import { aborted } from '../signals.ts'
import { rememberBuiltSymbols } from '../symbols.ts'
import { startContractBuilder } from './build-client.ts'
import { DEFAULT_CONTRACT, type ProjectConfig, PROJECT_FILE, readProjectConfig } from './config.ts'
import { deployContract } from './deploy.ts'
import { readDeployments, writeDeployments } from './deployments.ts'
import { createScript } from './script.ts'
import { watchProject } from './watch.ts'

const CONTRACTS = 'contracts'
const OUT = 'build'

/** What a changed path asks for; nothing for tests. */
const isOfContracts = (path: string): boolean => path.startsWith(`${CONTRACTS}/`) && path.endsWith('.ts')
const isOfScript = (path: string): boolean =>
  !/^(?:contracts|test)\//.test(path) && !path.startsWith('tsconfig')

/** Those of the config first, in its order, so that one may name the address of another. */
const inOrder = (entries: readonly string[], { contracts }: ProjectConfig): string[] => {
  const byName = new Map(entries.map(entry => [basename(entry, '.ts'), entry]))
  const named = Object.keys(contracts).flatMap(name => byName.get(name) ?? [])
  return [...named, ...entries.filter(entry => !named.includes(entry))]
}

export interface ProjectOptions {
  readonly config: ProjectConfig
  readonly connection: Connection
  readonly output: Output
  readonly signal: AbortSignal
}

/** Returns when `signal` aborts and the script and the compiler are gone. */
export const runProject = async (options: ProjectOptions): Promise<void> => {
  const { connection, output, signal } = options
  const { genesisHash } = connection.info
  let { config } = options
  let deployments = new Map(await readDeployments(OUT, genesisHash))

  const builder = startContractBuilder()
  const script = createScript(
    { cwd: '.', env: { ...process.env, VEX_URL: connection.client.url } },
    {
      onLine: line =>
        output.result(
          { type: 'client', line },
          () => `${paint('cyan', 'client')} ${paint('dim', '│')} ${line}`,
        ),
      onEnd({ exitCode, signal: killedBy }) {
        if (exitCode === 0) return
        const how = killedBy === null ? `exit code ${exitCode}` : killedBy
        output.notice(
          mark('bad', `The client ended with ${how}; it starts again with the next change.`, process.stderr),
        )
      },
    },
  )

  const report = (error: unknown): void => writeFailure(describeFailure(error), output.isJson)

  const build = async (entry: string): Promise<BuiltContract | undefined> => {
    try {
      const built = await builder.build(entry, OUT)
      rememberBuiltSymbols(built.wasmPath, entry)
      return built
    } catch (error) {
      if (!signal.aborted) report(compileProblems(error, entry))
      return undefined
    }
  }

  /** True if the contract has a new address. */
  const bringUp = async (entry: string): Promise<boolean> => {
    const startedMs = performance.now()
    const name = basename(entry, '.ts')
    const built = await build(entry)
    if (built === undefined) return false
    const builtMs = performance.now()
    try {
      const before = deployments.get(name)
      const contractConfig = config.contracts[name] ?? DEFAULT_CONTRACT
      const deployment = await deployContract({
        name,
        built,
        config: contractConfig,
        deployments,
        connection,
      })
      const times = {
        buildMs: Math.round(builtMs - startedMs),
        deployMs: Math.round(performance.now() - builtMs),
      }
      const isNew = deployment !== before
      deployments.set(name, deployment)
      const { address } = deployment
      output.result({ type: 'deployed', name, address, isNew, bytes: built.wasmBytes, ...times }, () => {
        const size = `${formatInteger(BigInt(built.wasmBytes))} bytes`
        const done = isNew ? `built in ${times.buildMs} ms, deployed in ${times.deployMs} ms` : 'unchanged'
        return `${mark('good')} ${paint('bold', name)}  ${address}  ${paint('dim', `${size}, ${done}`)}`
      })
      return isNew
    } catch (error) {
      if (!signal.aborted) report(error)
      return false
    }
  }

  const bringUpAll = async (): Promise<boolean> => {
    const entries = inOrder(await contractsIn(CONTRACTS), config)
    const names = new Set(entries.map(entry => basename(entry, '.ts')))
    for (const name of Object.keys(config.contracts).filter(each => !names.has(each)))
      output.notice(`${PROJECT_FILE} names a contract ${name}, but there is no ${CONTRACTS}/${name}.ts`)
    // An address may be an argument of the next.
    let isAnyNew = false
    for (const entry of entries) if (await bringUp(entry)) isAnyNew = true
    if (isAnyNew) await writeDeployments(OUT, genesisHash, deployments)
    return isAnyNew
  }

  const startedMs = performance.now()
  const round = async (changed: ReadonlySet<string> | undefined): Promise<void> => {
    const roundMs = performance.now()
    const paths = [...(changed ?? [])]
    const isFirst = changed === undefined
    if (paths.includes(PROJECT_FILE)) config = (await readProjectConfig('.')) ?? config
    const asksForContracts = isFirst || paths.some(path => isOfContracts(path) || path === PROJECT_FILE)
    const isAnyNew = asksForContracts && (await bringUpAll())
    const asksForScript = isFirst || isAnyNew || paths.some(isOfScript)
    if (config.client === undefined || !asksForScript || signal.aborted) return
    await script.restart(config.client)
    const liveMs = Math.round(performance.now() - (isFirst ? startedMs : roundMs))
    output.result({ type: 'live', ms: liveMs }, () =>
      paint('dim', `live in ${formatInteger(BigInt(liveMs))} ms; ${config.client} starts`),
    )
  }

  let waiting: Set<string> | undefined
  let rounds = Promise.resolve()
  const schedule = (changed: ReadonlySet<string>): void => {
    const isWaiting = waiting !== undefined
    waiting = new Set([...(waiting ?? []), ...changed])
    if (isWaiting) return
    rounds = rounds.then(async () => {
      const taken = waiting
      waiting = undefined
      if (!signal.aborted) await round(taken).catch(report)
    })
  }

  const watching = await watchProject('.', schedule)
  try {
    rounds = round(undefined).catch(report)
    await aborted(signal)
  } finally {
    watching.close()
    await Promise.all([script.stop(), builder.close()])
    await rounds
  }
}
