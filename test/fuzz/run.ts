/** Runs cases from a seed on, each in engines of every kind, until time is up or enough were run. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FuzzCase, makeCase } from './cases.ts'
import { Engine } from './engine.ts'
import { packCase } from './protocol.ts'

const TIMEOUT_MS = 60_000
/** The engine's own mix of tiers, the baseline compiler alone, the optimising one alone. */
const TIERS: Readonly<Record<string, readonly string[]>> = {
  'tiers as usual': [],
  'liftoff only': ['--liftoff-only'],
  'no liftoff': ['--no-liftoff'],
}

export interface FuzzOptions {
  /** Of the first case; each next one has the next seed. */
  readonly seed: number
  readonly isEnough: (cases: number) => boolean
  /** Where failing cases are kept. */
  readonly directory: string
  readonly onFailure: (failure: FuzzFailure) => void
}

export interface FuzzFailure {
  readonly seed: number
  readonly problem: string
  /** The folder with the case's modules. */
  readonly saved: string
}

export interface FuzzTally {
  passed: number
  failed: number
  /** Passed cases by kind. */
  readonly kinds: Map<string, number>
}

export async function fuzz({ seed, isEnough, directory, onFailure }: FuzzOptions): Promise<FuzzTally> {
  const engines = Object.entries(TIERS).map(
    ([name, flags]) => new Engine(name, { flags, timeoutMs: TIMEOUT_MS }),
  )
  const tally: FuzzTally = { passed: 0, failed: 0, kinds: new Map() }
  try {
    for (let cases = 0; !isEnough(cases); cases++) {
      const one = makeCase(seed + cases)
      const problem = await problemOf(one, engines)
      if (problem === undefined) {
        tally.passed++
        tally.kinds.set(one.kind, (tally.kinds.get(one.kind) ?? 0) + 1)
      } else {
        tally.failed++
        onFailure({ seed: one.seed, problem, saved: save(directory, one, problem) })
      }
    }
  } finally {
    await Promise.all(engines.map(engine => engine.stop()))
  }
  return tally
}

async function problemOf(one: FuzzCase, engines: readonly Engine[]): Promise<string | undefined> {
  const line = packCase(one)
  let first: { readonly name: string; readonly digest: string } | undefined
  for (const engine of engines) {
    const answer = await engine.ask(line)
    if ('problem' in answer) return `${engine.name}: ${answer.problem}`
    first ??= { name: engine.name, digest: answer.digest }
    if (answer.digest !== first.digest) return `${engine.name} and ${first.name} give different results`
  }
  return undefined
}

function save(directory: string, { seed, kind, modules }: FuzzCase, problem: string): string {
  const folder = join(directory, String(seed))
  mkdirSync(folder, { recursive: true })
  for (const [i, code] of modules.entries()) writeFileSync(join(folder, `${i}.wasm`), code)
  writeFileSync(join(folder, 'problem.txt'), `seed ${seed}, ${kind}\n${problem}\n`)
  return folder
}
