/** The command line of the simulator. */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { MUTATIONS } from './mutations.ts'
import { findScenario, SCENARIOS } from './scenarios.ts'

export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export interface SimOptions {
  readonly from: number
  readonly seeds: number
  readonly scenario: string | undefined
  readonly jobs: number
  readonly isJson: boolean
  readonly isMutations: boolean
  /** Of the mutations, this one alone. */
  readonly only: string | undefined
  readonly isHelp: boolean
}

const DEFAULT_SEEDS = 200
/** Of each mutation, unless one notices it before. */
const DEFAULT_MUTATION_SEEDS = 400
const MAX_SEED = 2 ** 31 - 1

export const usage = (): string => `Usage: npm run sim -- [options]

Plays consensus on a virtual clock, network and disks, under faults that a seed decides: 4 to 32 validators
run the node's own code. A seed that fails is printed with the command that plays it again.

  --from SEED        the first seed (default: 1)
  --seeds N          how many in a row (default: ${DEFAULT_SEEDS}; with --mutations ${DEFAULT_MUTATION_SEEDS} for each)
  --scenario NAME    only this one, by name or number; without it, each seed has its own
  --jobs J           threads (default: one for each processor)
  --json             one JSON line for each seed
  --mutations        breaks one guard of consensus after the other; a seed has to notice each
  --only NAME        with --mutations: this one alone

Example: npm run sim -- --from 1 --seeds 50 --scenario forged-parent

Scenarios
${SCENARIOS.map(({ number, name, attacks }) => `  ${String(number).padStart(2)}  ${name}\n      ${attacks}`).join('\n')}`

const wholeNumber = (name: string, text: string, least: number): number => {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= MAX_SEED) return value
  throw new UsageError(
    `--${name} must be a whole number from ${least} to ${MAX_SEED}, not ${JSON.stringify(text)}`,
  )
}

const parseFlags = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        from: { type: 'string', default: '1' },
        seeds: { type: 'string' },
        scenario: { type: 'string' },
        jobs: { type: 'string' },
        json: { type: 'boolean', default: false },
        mutations: { type: 'boolean', default: false },
        only: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error
  }
}

export const parseOptions = (args: readonly string[]): SimOptions => {
  const flags = parseFlags(args)
  const { scenario, mutations, only } = flags
  if (scenario !== undefined && findScenario(scenario) === undefined)
    throw new UsageError(`there is no scenario ${JSON.stringify(scenario)}; --help lists them`)
  if (only !== undefined && (!mutations || !MUTATIONS.some(({ name }) => name === only)))
    throw new UsageError(
      `--only names a mutation, with --mutations: ${MUTATIONS.map(({ name }) => name).join(', ')}`,
    )
  const seeds = mutations ? DEFAULT_MUTATION_SEEDS : DEFAULT_SEEDS
  return {
    from: wholeNumber('from', flags.from, 0),
    seeds: flags.seeds === undefined ? seeds : wholeNumber('seeds', flags.seeds, 1),
    scenario,
    jobs: flags.jobs === undefined ? availableParallelism() : wholeNumber('jobs', flags.jobs, 1),
    isJson: flags.json,
    isMutations: mutations,
    only,
    isHelp: flags.help,
  }
}
