/**
 * The long form of the crash test (test/e2e/crash.test.ts is the short one):
 *
 *   npm run chaos -- [--kills 50] [--seed 1] [--epoch-blocks 8]
 *
 * With small epochs kills hit their ends. A seed gives the same plan of kills; where in the node's work they fall differs from run to run. The last
 * line is `N passed, M failed`; the directory of a failure is kept and named.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { runKillLoop } from './kill-loop.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    seed: { type: 'string' },
    'epoch-blocks': { type: 'string' },
  },
})
const toCount = (text: string, name: string): number => {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  console.error(`--${name} takes a whole number, not ${JSON.stringify(text)}`)
  process.exit(2)
}
const kills = toCount(values.kills, 'kills')
const seed = values.seed === undefined ? randomInt(1_000_000) : toCount(values.seed, 'seed')
const epochText = values['epoch-blocks']
const epochBlocks = epochText === undefined ? undefined : toCount(epochText, 'epoch-blocks')

const startedMs = performance.now()
console.log(
  `${kills} kills, seed ${seed}${epochBlocks === undefined ? '' : `, epochs of ${epochBlocks} blocks`}`,
)
const { passed, failures, killsAt, finalTransactions, blocks } = await runKillLoop({
  kills,
  seed,
  epochBlocks,
  log: line => console.log(line),
})
const seconds = ((performance.now() - startedMs) / 1000).toFixed(0)
console.log(
  `${killsAt.start} kills at the start, ${killsAt.load} under load, ${killsAt.stop} while stopping; ` +
    `${finalTransactions} transactions reported final in ${blocks} blocks; ${seconds} s`,
)
console.log(`${passed} passed, ${failures.length} failed`)
process.exitCode = failures.length === 0 ? 0 : 1
