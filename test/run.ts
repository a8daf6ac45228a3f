/**
 * What `npm test` means, in this order: types, lint, format, unused code, then every test of vitest.
 *
 *   npm test                     everything
 *   npm test -- mempool          the static checks, and the test files whose path contains "mempool"
 *   npm test -- --fast mempool   without the static checks
 *   npm test -- --long           with the long form of what is repeated: random histories, kills, random values
 *
 * Any other argument goes to vitest (`-t <name>`, `--bail 1`, …). Nothing stops at the first failure. The
 * last line sums up, each static check counting as one: `N passed, M failed[, K skipped]`. Exit code 1 if
 * anything failed.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Vitest } from 'vitest/node'
import { LONG_FORM } from './support/form.ts'

const ROOT = join(import.meta.dirname, '..')

const STATIC_CHECKS = [
  { name: 'types', tool: 'tsc', flags: ['-p', '.'] },
  { name: 'lint', tool: 'oxlint', flags: ['--type-aware', '--deny-warnings'] },
  { name: 'format', tool: 'biome', flags: ['format', '.'] },
  { name: 'unused code', tool: 'knip', flags: [] },
] as const

interface Tally {
  passed: number
  failed: number
  skipped: number
}

type StaticCheck = (typeof STATIC_CHECKS)[number]

/** Prints the tool's output only if it failed. */
const runStaticCheck = ({ name, tool, flags }: StaticCheck): boolean => {
  const startedMs = performance.now()
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules', '.bin', tool), ...flags],
    { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  )
  const passed = status === 0
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  console.log(`${passed ? 'passed' : 'FAILED'}  ${name} (${tool}, ${seconds} s)`)
  if (!passed) console.log([stdout, stderr, error?.message ?? ''].join('').trimEnd())
  return passed
}

/** A test that never ended counts as failed, and so does what fails outside of any test: imports, hooks, stray errors. */
const tallyTests = (vitest: Vitest): Tally => {
  const tally: Tally = { passed: 0, failed: vitest.state.getUnhandledErrors().length, skipped: 0 }
  const modules = vitest.state.getTestModules()
  for (const module of modules) {
    const groups = [module, ...module.children.allSuites()]
    tally.failed += groups.filter(group => group.errors().length > 0).length
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      tally[state === 'pending' ? 'failed' : state]++
    }
  }
  // No file matched: a misspelt filter must not look like success.
  if (modules.length === 0) tally.failed++
  return tally
}

const runTests = async (vitestArguments: readonly string[]): Promise<Tally> => {
  // Vitest colours its output without a terminal too, and decides when it is loaded.
  if (!process.stdout.isTTY) process.env['NO_COLOR'] = '1'
  const { parseCLI, startVitest } = await import('vitest/node')
  const { filter, options } = parseCLI(['vitest', 'run', ...vitestArguments])
  const vitest = await startVitest(filter, { reporters: ['default'], ...options, root: ROOT, watch: false })
  const tally = tallyTests(vitest)
  await vitest.close()
  return tally
}

/** Not for vitest. */
const OWN_FLAGS: readonly string[] = ['--fast', '--long']

const given = process.argv.slice(2)
const total: Tally = { passed: 0, failed: 0, skipped: 0 }

if (!given.includes('--fast')) {
  for (const check of STATIC_CHECKS) total[runStaticCheck(check) ? 'passed' : 'failed']++
}
if (given.includes('--long')) process.env[LONG_FORM] = '1'
const tests = await runTests(given.filter(argument => !OWN_FLAGS.includes(argument)))
total.passed += tests.passed
total.failed += tests.failed
total.skipped += tests.skipped

const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`)
process.exit(total.failed > 0 ? 1 : 0)
