/** The simulator of consensus as one calls it: many seeds, a replay, what it refuses, and guards whose absence it notices. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { inForm } from '../support/form.ts'

const SIM = fileURLToPath(new URL('../sim/sim.ts', import.meta.url))
/** What the whole of it may take on two processors with other tests beside it. */
const LIMIT_MS = 180_000
/** Any hundred in a row play every scenario (test/unit/consensus/simulation.test.ts). */
const SEEDS = inForm(100, 200)

const sim = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SIM, ...args], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  return { status, lines: stdout.trimEnd().split('\n'), stderr }
}

describe('npm run sim', () => {
  it(`plays ${SEEDS} seeds without a failure`, { timeout: LIMIT_MS }, () => {
    const { status, lines } = sim('--from', '1', '--seeds', String(SEEDS))
    expect(lines.at(-1)).toBe(`${SEEDS} passed, 0 failed`)
    expect(status).toBe(0)
  })

  it('plays a seed again to the same trace', () => {
    const play = () =>
      JSON.parse(sim('--from', '77', '--seeds', '1', '--scenario', '8', '--json').lines[0] ?? '')
    const first = play()
    expect(first).toMatchObject({
      seed: 77,
      scenario: 'forged-parent',
      traceHash: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
    expect(play().traceHash).toBe(first.traceHash)
  })

  it('notices a broken guard, and says how to see it again', { timeout: LIMIT_MS }, () => {
    const { status, lines } = sim('--mutations', '--only', 'votes-not-logged', '--jobs', '1')
    expect(lines[0]).toMatch(/^noticed votes-not-logged by seed \d+ \([a-z-]+\): .* that is not in its log/)
    expect(lines.at(-1)).toBe('1 passed, 0 failed')
    expect(status).toBe(0)
  })

  it('refuses what it does not know', () => {
    const { status, stderr } = sim('--scenario', 'sunshine')
    expect(status).toBe(2)
    expect(stderr).toMatch(/there is no scenario "sunshine"; --help lists them/)
    expect(sim('--seeds', 'many').stderr).toMatch(/--seeds must be a whole number/)
  })
})
