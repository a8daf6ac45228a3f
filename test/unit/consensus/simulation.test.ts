/** The simulator itself: it replays, it covers every scenario, and its disk fails the way disks do. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { mutate } from '../../sim/mutate.ts'
import { MUTATIONS } from '../../sim/mutations.ts'
import { play } from '../../sim/play.ts'
import { createRandom } from '../../sim/random.ts'
import { findScenario, scenarioOf, SCENARIOS } from '../../sim/scenarios.ts'

const ROOT = new URL('../../../', import.meta.url)

describe('the simulated network', () => {
  for (const { number, name } of SCENARIOS) {
    it(`${number} ${name}: no invariant breaks, and blocks come again in the calm`, () => {
      expect(play(903, name).failure).toBeUndefined()
    })
  }

  const telling = SCENARIOS.filter(({ plan }) => plan(createRandom(1)).reached !== undefined)
  for (const { number, name } of telling) {
    it(`${number} ${name}: what it is about comes to pass`, () => {
      const isReached = (seed: number) => play(seed, name).isReached === true
      expect(Array.from({ length: 12 }, (_, i) => i + 1).some(isReached)).toBe(true)
    })
  }

  it('replays a seed exactly', () => {
    const [first, again, other] = [play(7, 'swarm'), play(7, 'swarm'), play(8, 'swarm')]
    expect(first.traceHash).toBe(again.traceHash)
    expect(first.traceHash).not.toBe(other.traceHash)
  })
})

describe('the scenarios', () => {
  it('are the 34 of the design, the swarm, and a leader that hides its second block', () => {
    const numbers = SCENARIOS.map(({ number }) => number).sort((a, b) => a - b)
    expect(numbers).toEqual(Array.from({ length: 36 }, (_, i) => i))
  })

  it('have numbers and names of their own', () => {
    expect(new Set(SCENARIOS.map(({ number }) => number)).size).toBe(SCENARIOS.length)
    expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length)
    for (const scenario of SCENARIOS) {
      expect(findScenario(scenario.name)).toBe(scenario)
      expect(findScenario(String(scenario.number))).toBe(scenario)
    }
  })

  it('are all played within any hundred seeds', () => {
    for (const from of [0, 1, 12_345]) {
      const played = new Set(Array.from({ length: 100 }, (_, i) => scenarioOf(from + i).name))
      expect(played.size).toBe(SCENARIOS.length)
    }
  })
})

describe('the mutations', () => {
  for (const mutation of MUTATIONS) {
    it(`${mutation.name} finds the guard that it breaks`, () => {
      const source = readFileSync(new URL(mutation.file, ROOT), 'utf8')
      expect(mutate(source, mutation)).not.toBe(source)
    })
  }
})
