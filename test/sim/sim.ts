/**
 * The deterministic simulator of consensus:  npm run sim -- --help
 *
 * Prints a line for each seed that fails, with what failed, the hash of its trace and the command that plays it again.
 * The last line is `N passed, M failed`; exit code 1 if anything failed, 2 if the command line is wrong.
 */
import { MUTATIONS, type Mutation } from './mutations.ts'
import { parseOptions, type SimOptions, usage, UsageError } from './options.ts'
import type { Played } from './play.ts'
import { Player, playSeeds } from './players.ts'

interface Tally {
  passed: number
  failed: number
}

const replayCommand = ({ seed, scenario }: Played): string =>
  `npm run sim -- --from ${seed} --seeds 1 --scenario ${scenario}`

const failureLine = (played: Played): string =>
  `FAILED  seed ${played.seed} (${played.scenario}): ${played.failure}; trace ${played.traceHash}; ` +
  `again: ${replayCommand(played)}`

const playAll = async (options: SimOptions): Promise<Tally> => {
  const tally = { passed: 0, failed: 0 }
  let blocks = 0
  let epochs = 0
  const byScenario = new Map<string, number>()
  const startMs = performance.now()
  await playSeeds({
    ...options,
    onPlayed: played => {
      tally[played.failure === undefined ? 'passed' : 'failed']++
      blocks += played.height
      epochs += played.epochs
      byScenario.set(played.scenario, (byScenario.get(played.scenario) ?? 0) + 1)
      if (options.isJson) console.log(JSON.stringify({ ...played, ms: Math.round(played.ms) }))
      else if (played.failure !== undefined) console.log(failureLine(played))
    },
  })
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
  if (!options.isJson)
    console.log(
      `${options.seeds} seeds from ${options.from}, ${byScenario.size} scenarios, ${blocks} final blocks ` +
        `in ${epochs} epochs; ${seconds} s on ${options.jobs} threads`,
    )
  return tally
}

/** The first seed that fails. */
const findFailure = async (mutation: Mutation, options: SimOptions): Promise<Played | undefined> => {
  const player = new Player({ scenario: options.scenario, mutation: mutation.name })
  try {
    for (let seed = options.from; seed < options.from + options.seeds; seed++) {
      const played = await player.play(seed)
      if (played.failure !== undefined) return played
    }
    return undefined
  } finally {
    await player.close()
  }
}

const playMutations = async (options: SimOptions): Promise<Tally> => {
  const tally = { passed: 0, failed: 0 }
  const left = MUTATIONS.filter(({ name }) => options.only === undefined || name === options.only)
  const run = async (): Promise<void> => {
    for (let mutation = left.shift(); mutation !== undefined; mutation = left.shift()) {
      const { name, guard } = mutation
      const played = await findFailure(mutation, options)
      // An error that is no violation is the mutation's own fault: it proves nothing.
      tally[played?.isViolation === true ? 'passed' : 'failed']++
      if (options.isJson) console.log(JSON.stringify({ mutation: name, guard, ...played }))
      else if (played === undefined)
        console.log(`MISSED  ${name}: ${options.seeds} seeds passed without: ${guard}`)
      else if (!played.isViolation) console.log(`BROKEN  ${name} by seed ${played.seed}: ${played.failure}`)
      else console.log(`noticed ${name} by seed ${played.seed} (${played.scenario}): ${played.failure}`)
    }
  }
  await Promise.all(Array.from({ length: options.jobs }, run))
  return tally
}

const main = async (): Promise<void> => {
  const options = parseOptions(process.argv.slice(2))
  if (options.isHelp) {
    console.log(usage())
    return
  }
  const { passed, failed } = await (options.isMutations ? playMutations(options) : playAll(options))
  console.log(options.isJson ? JSON.stringify({ passed, failed }) : `${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

try {
  await main()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`${error.message}\n`)
  console.error(usage().split('\n\nScenarios')[0])
  process.exitCode = 2
}
