import { describe, expect, test } from 'vitest'
import { type JudgedCommand, runFile } from '../../spec/run-file.ts'
import { loadSuite } from '../../spec/suite.ts'

const suite = loadSuite()
/** `npm run test:spec` runs them all. */
const files = suite.files.filter((_, i) => i % 4 === 1)

function count(commands: readonly JudgedCommand[]): { passed: number; failed: unknown[]; skipped: number } {
  const of = (kind: string): JudgedCommand[] => commands.filter(({ verdict }) => verdict.kind === kind)
  return {
    passed: of('passed').length,
    failed: of('failed').map(({ command, verdict }) => ({ line: command.line, verdict })),
    skipped: of('skipped').length,
  }
}

describe('the core specification suite: raw, instrumented and by the reference interpreter alike', () => {
  const all: JudgedCommand[] = []
  test.each(files.map(file => [file.name, file] as const))('%s', (_, file) => {
    const judged = runFile(file, suite.differsFromEngine)
    all.push(...judged)
    expect(count(judged).failed).toEqual([])
  })

  test('most of it is within the profile', () => {
    const { passed, skipped } = count(all)
    expect({ passed, skipped }).toEqual({ passed: 4207, skipped: 263 })
  })
})
