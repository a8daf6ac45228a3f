/**
 * The core specification suite against the VM:
 *
 *   npm run test:spec [-- <part of a file name>]
 *
 * Every module runs as it is, instrumented without a memory cap, instrumented as deployed, and once more after its
 * instance was put back as the pool does. Results must be those of the suite; results, traps and gas those of the
 * reference interpreter (test/reference). A command is skipped only if the profile refuses its module, by the
 * refusal's name, or if the engine is known to differ from the suite. Exit code 1 if anything failed.
 */
import { runFile } from './run-file.ts'
import { loadSuite } from './suite.ts'

const [filter = ''] = process.argv.slice(2)
const suite = loadSuite()
let passed = 0
let failed = 0
const skipped = new Map<string, number>()

for (const file of suite.files.filter(({ name }) => name.includes(filter))) {
  for (const { command, verdict } of runFile(file, suite.differsFromEngine)) {
    if (verdict.kind === 'passed') passed++
    else if (verdict.kind === 'failed') {
      failed++
      console.log(`FAILED  ${file.name}, line ${command.line}, ${command.type}: ${verdict.message}`)
    } else skipped.set(verdict.reason, (skipped.get(verdict.reason) ?? 0) + 1)
  }
}

// A misspelt filter must not look like success.
if (passed + failed === 0) failed++
const reasons = [...skipped].sort(([, a], [, b]) => b - a)
for (const [reason, count] of reasons) console.log(`skipped ${String(count).padStart(5)}  ${reason}`)
const total = reasons.reduce((sum, [, count]) => sum + count, 0)
console.log(`${passed} passed, ${failed} failed, ${total} skipped`)
process.exitCode = failed > 0 ? 1 : 0
