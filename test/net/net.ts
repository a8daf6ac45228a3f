/**
 * Scenarios of a network of processes:
 *
 *   npm run test:net                       all of them, in their long form
 *   npm run test:net -- partition kill     these
 *   npm run test:net -- --scale 0.2        shorter
 */
import { parseArgs } from 'node:util'
import { SCENARIOS } from './scenarios.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { scale: { type: 'string', default: '1' } },
})
const scale = Number(values.scale)
const unknown = positionals.filter(name => !SCENARIOS.some(scenario => scenario.name === name))
if (unknown.length > 0 || !(scale > 0)) {
  console.error(
    `test:net takes names of scenarios and --scale: ${SCENARIOS.map(({ name }) => name).join(', ')}; not ${unknown.join(', ') || values.scale}`,
  )
  process.exit(2)
}
let failed = 0
const chosen = SCENARIOS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
for (const { name, what, run } of chosen) {
  const startedMs = performance.now()
  try {
    const report = await run(scale)
    const shown = Object.entries(report).map(([key, value]) => `${key} ${value}`)
    console.log(
      `passed  ${name}: ${what} (${shown.join(', ')}; ${((performance.now() - startedMs) / 1_000).toFixed(0)} s)`,
    )
  } catch (error) {
    failed++
    console.log(`FAILED  ${name}: ${what}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
console.log(`${chosen.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
