/** Plays one seed, and says how it went. */
import { findScenario, scenarioOf } from './scenarios.ts'
import { InvariantError } from './invariants.ts'
import { Simulation } from './simulation.ts'
import { createRandom } from './random.ts'

export interface Played {
  readonly seed: number
  readonly scenario: string
  /** Of everything up to the end, or to the failure. */
  readonly traceHash: string
  /** Of honest nodes' final blocks. */
  readonly height: number
  readonly epochs: number
  readonly ms: number
  /** The adversary came to do what it is here for; absent where that needs no telling. */
  readonly isReached: boolean | undefined
  /** What went wrong. */
  readonly failure: string | undefined
  /** The failure is an invariant that does not hold; otherwise something threw. */
  readonly isViolation: boolean
}

/** Every so many seeds, one is played twice: the trace must be the same. */
const REPLAY_EVERY = 10

export const play = (seed: number, scenarioName: string | undefined): Played => {
  const first = playOnce(seed, scenarioName)
  if (seed % REPLAY_EVERY !== 0 || first.failure !== undefined) return first
  const { traceHash } = playOnce(seed, scenarioName)
  if (traceHash === first.traceHash) return first
  const failure = `the same seed gave another trace: ${traceHash}`
  return { ...first, failure, isViolation: true }
}

const playOnce = (seed: number, scenarioName: string | undefined): Played => {
  const scenario = (scenarioName === undefined ? undefined : findScenario(scenarioName)) ?? scenarioOf(seed)
  const startMs = performance.now()
  const random = createRandom(seed)
  const simulation = new Simulation(seed, scenario.plan(random), random)
  let failure: string | undefined
  let isViolation = false
  try {
    simulation.run()
  } catch (error) {
    isViolation = error instanceof InvariantError
    failure = describeFailure(error)
  }
  const { finalHeight } = simulation.invariants
  return {
    seed,
    scenario: scenario.name,
    traceHash: simulation.trace.digest(),
    height: finalHeight,
    epochs: Math.ceil(finalHeight / Number(simulation.chain.epochBlocks)),
    ms: performance.now() - startMs,
    isReached: simulation.plan.reached?.(simulation),
    failure,
    isViolation,
  }
}

/** In one line; of what is no violation, where it was thrown. */
const describeFailure = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof InvariantError) return error.message
  const [what = error.message, where = ''] = (error.stack ?? '').split('\n')
  return `${what} ${where.trim()}`
}
