/**
 * The same history of blocks under every way to run it:
 *
 *   npm run test:determinism                        this Node: its own mix of tiers, baseline only, optimised only
 *   npm run test:determinism -- --node <binary>     another Node as well, in the same three ways; repeatable
 *   npm run test:determinism -- --update            accepts what this Node gets as golden
 *
 * Each has to get the golden digest (golden/golden.json). The last line sums up; exit code 1 if one did not.
 */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { keepContracts, keptContracts } from './contracts.ts'
import { difference, writeGolden } from './golden.ts'
import { runHistory } from './history.ts'
import { runElsewhere } from './run-elsewhere.ts'

const TIERS = [[], ['--liftoff-only'], ['--no-liftoff']] as const

const { values } = parseArgs({
  options: {
    node: { type: 'string', multiple: true, default: [] },
    update: { type: 'boolean', default: false },
  },
})
if (values.update) {
  await keepContracts()
  writeGolden(runHistory(keptContracts()))
}

const versionOf = (node: string): string =>
  spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? ''

let failed = 0
let passed = 0
for (const node of [process.execPath, ...values.node]) {
  for (const flags of TIERS) {
    const startedMs = performance.now()
    const name = [`Node ${versionOf(node)}`, ...flags].join(' ')
    let problem: string | undefined
    let summary = ''
    try {
      const history = runElsewhere({ node, flags })
      problem = difference(history)
      summary = `${history.blocks} blocks, ${history.transactions} transactions, digest ${history.digest}`
    } catch (error) {
      problem = (error as Error).message
    }
    if (problem === undefined) passed++
    else failed++
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
    console.log(
      `${problem === undefined ? 'passed' : 'FAILED'}  ${name}: ${problem ?? summary} (${seconds} s)`,
    )
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
