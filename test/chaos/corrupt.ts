/**
 * The long form of the corruption test (test/e2e/corruption.test.ts is the short one):
 *
 *   npm run corrupt -- [--rounds 40] [--seed 1] [--only sst]
 *
 * The last line is `N passed, M failed`; directories of failures are kept and named.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { runCorruption } from './corruption.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '40' }, seed: { type: 'string' }, only: { type: 'string' } },
})
const toCount = (text: string, name: string): number => {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  console.error(`--${name} takes a whole number, not ${JSON.stringify(text)}`)
  process.exit(2)
}
const rounds = toCount(values.rounds, 'rounds')
const seed = values.seed === undefined ? randomInt(1_000_000) : toCount(values.seed, 'seed')
const startedMs = performance.now()
console.log(`${rounds} rounds, seed ${seed}`)
const { counts, failures, outcomes } = await runCorruption({
  rounds,
  seed,
  only: values.only,
  log: line => console.log(line),
})
const sum = ({ works, refuses, unseen, failed }: typeof counts): string =>
  `${works} work, ${refuses} refuse, ${unseen} found by vex doctor --deep alone, ${failed} failed`
for (const [key, count] of outcomes) console.log(`${key}: ${sum(count)}`)
console.log(`${sum(counts)}; ${((performance.now() - startedMs) / 1000).toFixed(0)} s`)
console.log(`${rounds - failures.length} passed, ${failures.length} failed`)
process.exitCode = failures.length === 0 ? 0 : 1
