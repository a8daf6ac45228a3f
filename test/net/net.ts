/** Scenarios of a network of processes:  npm run test:net -- --help */
import { parseArgs } from 'node:util'
import type { Scenario } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'
import { createSoak } from './soak.ts'

const USAGE = `Usage: npm run test:net -- [scenario ...] [options]

  ${SCENARIOS.map(({ name }) => name).join(', ')}: all of them, in their long form, unless some are named
  soak              only when named: a steady load on four validators, none of which may grow by more than its chain

  --scale S         of all but soak: less than 1 is shorter (default: 1)

  with soak:
  --minutes M       how long (default: 30); memory is judged from 20 on, and shown before
  --rate R          transfers a second (default: 200)
  --svg FILE        draw the memory of the node that grows most`

const refuse = (message: string): never => {
  console.error(`${message}\n\n${USAGE}`)
  process.exit(2)
}

const parseFlags = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        scale: { type: 'string', default: '1' },
        minutes: { type: 'string', default: '30' },
        rate: { type: 'string', default: '200' },
        svg: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    return refuse((error as Error).message)
  }
}

const positive = (name: string, text: string): number => {
  const value = Number(text)
  return value > 0 && Number.isFinite(value) ? value : refuse(`--${name} must be above 0, not ${text}`)
}

const run = async ({ name, what, run: play }: Scenario, scale: number): Promise<boolean> => {
  const startedMs = performance.now()
  try {
    const report = await play(scale)
    const shown = Object.entries(report).map(([key, value]) => `${key} ${value}`)
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0)
    console.log(`passed  ${name}: ${what} (${shown.join(', ')}; ${seconds} s)`)
    return true
  } catch (error) {
    console.log(`FAILED  ${name}: ${what}: ${error instanceof Error ? error.message : String(error)}`)
    return false
  }
}

const { values, positionals } = parseFlags()
if (values.help) {
  console.log(USAGE)
  process.exit(0)
}
const scale = positive('scale', values.scale)
const soak = createSoak({
  minutes: positive('minutes', values.minutes),
  rate: positive('rate', values.rate),
  svgPath: values.svg,
})
const all = [...SCENARIOS, soak]
const unknown = positionals.filter(name => !all.some(scenario => scenario.name === name))
if (unknown.length > 0) refuse(`there is no scenario ${unknown.join(', ')}`)
const chosen = positionals.length === 0 ? SCENARIOS : all.filter(({ name }) => positionals.includes(name))
let failed = 0
for (const scenario of chosen) if (!(await run(scenario, scale))) failed++
console.log(`${chosen.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
