/**
 * Fuzzing of the VM:
 *
 *   npm run fuzz -- --seconds 600              from a seed of chance, which is printed
 *   npm run fuzz -- --seconds 600 --seed 7     the same cases again
 *   npm run fuzz -- --seed 123 --cases 1       one case: a failure names its seed
 *
 * Cases are random contracts (programs.ts, binaryen's translate-to-fuzz) and mutated real ones (mutants.ts); check.ts
 * says what must hold, in engines of three kinds that must agree. A failing case is kept in build/fuzz/<seed>. Exit
 * code 1 if there was one.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fuzz } from './run.ts'

const DIRECTORY = join(import.meta.dirname, '../../build/fuzz')
const MOST_SEED = 2 ** 31

const { values } = parseArgs({
  options: { seconds: { type: 'string' }, seed: { type: 'string' }, cases: { type: 'string' } },
})

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0 && value < MOST_SEED) return value
  console.error(`--${name} takes a whole number below ${MOST_SEED}, not ${JSON.stringify(text)}`)
  process.exit(2)
}

const seconds = values.seconds === undefined ? undefined : wholeNumber('seconds', values.seconds)
const cases = values.cases === undefined ? undefined : wholeNumber('cases', values.cases)
const seed =
  values.seed === undefined ? Math.floor(Math.random() * 2 ** 30) : wholeNumber('seed', values.seed)
const until = performance.now() + 1000 * (seconds ?? (cases === undefined ? 60 : MOST_SEED))

console.log(`seed ${seed}`)
const { passed, failed, kinds } = await fuzz({
  seed,
  directory: DIRECTORY,
  isEnough: count => count >= (cases ?? MOST_SEED) || performance.now() >= until,
  onFailure: failure => {
    console.log(
      `FAILED  seed ${failure.seed}, kept in ${failure.saved}; again with --seed ${failure.seed} --cases 1\n${failure.problem}`,
    )
  },
})
for (const [kind, count] of kinds) console.log(`${String(count).padStart(7)}  ${kind}`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
