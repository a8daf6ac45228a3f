/**
 * The long form of the corruption test (test/e2e/corruption.test.ts is the short one):
 *
 *   npm run corrupt -- [--rounds 40] [--seed 1]
 *
 * The last line is `N passed, M failed`; directories of failures are kept and named.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { runCorruption } from './corruption.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '40' }, seed: { type: 'string' } },
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
const { works, refuses, failures, outcomes } = await runCorruption({
  rounds,
  seed,
  log: line => console.log(line),
})
for (const [key, count] of outcomes)
  console.log(`${key}: ${count.works} work, ${count.refuses} refuse, ${count.failed} failed`)
console.log(`${works} work, ${refuses} refuse; ${((performance.now() - startedMs) / 1000).toFixed(0)} s`)
console.log(`${works + refuses} passed, ${failures.length} failed`)
process.exitCode = failures.length === 0 ? 0 : 1
