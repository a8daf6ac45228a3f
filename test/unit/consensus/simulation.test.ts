/** Safety under every fault and liveness after it, over seeds. `VEX_SIM_SEEDS=5000` runs the slow form. */
import { describe, expect, it } from 'vitest'
import { type Scenario, simulate } from '../../sim/simulation.ts'

const SEEDS = Number(process.env['VEX_SIM_SEEDS'] ?? 20)

const FOUR = [1n, 1n, 1n, 1n]
const SEVEN = [5n, 3n, 3n, 2n, 2n, 1n, 1n]
const ROUGH = { loss: 0.3, duplication: 0.2, maxDelayMs: 80 }

const scenarios: Record<string, Scenario> = {
  'four, all well': { powers: FOUR, faultsMs: 600 },
  'seven, 30 % loss, duplication, reordering': { powers: SEVEN, faultsMs: 1500, link: ROUGH },
  'four, power cuts around the sync': { powers: FOUR, faultsMs: 1500, crashChance: 0.03 },
  'seven, power cuts and loss': { powers: SEVEN, faultsMs: 1500, crashChance: 0.03, link: ROUGH },
  'seven, an asymmetric partition': {
    powers: SEVEN,
    faultsMs: 1200,
    link: { isCut: (from, to) => from < 2 && to >= 2 },
  },
  'four, everyone crashes again and again': {
    powers: FOUR,
    faultsMs: 1500,
    crashAllAtMs: [200, 330, 500, 700, 910, 1100, 1300],
    link: { maxDelayMs: 60 },
  },
  'four, one silent': { powers: FOUR, faultsMs: 800, silent: [2], link: ROUGH },
  'seven, twins below a third': {
    powers: SEVEN,
    faultsMs: 1500,
    twins: [0],
    link: { maxDelayMs: 60, loss: 0.1 },
  },
  'four, twins with loss and power cuts': {
    powers: FOUR,
    faultsMs: 1500,
    twins: [1],
    crashChance: 0.02,
    link: ROUGH,
  },
  'four, a forking leader': { powers: FOUR, faultsMs: 1500, forkers: [1] },
  'four, a forking leader, slow links': {
    powers: FOUR,
    faultsMs: 3000,
    forkers: [1],
    link: { maxDelayMs: 120, loss: 0.05 },
  },
  'seven, a forking leader, loss and power cuts': {
    powers: SEVEN,
    faultsMs: 2000,
    forkers: [0],
    crashChance: 0.01,
    link: ROUGH,
  },
  'seven, two forking leaders below a third': { powers: SEVEN, faultsMs: 1500, forkers: [1, 3] },
  'six equal ones, twins with exactly two thirds less one': {
    powers: [1n, 1n, 1n, 1n, 1n, 1n],
    faultsMs: 1500,
    twins: [2],
    link: { maxDelayMs: 60, loss: 0.05 },
  },
  'four, one signs badly': { powers: FOUR, faultsMs: 800, badSigners: [3] },
  'seven, one builds invalid blocks': { powers: SEVEN, faultsMs: 1000, invalidBuilders: [1], link: ROUGH },
}

describe('the simulated network', () => {
  for (const [name, scenario] of Object.entries(scenarios)) {
    it(`${name}: never two final blocks, and blocks again in the calm`, () => {
      for (let seed = 1; seed <= SEEDS; seed++) simulate(seed, scenario)
    })
  }

  it('replays a seed exactly', () => {
    const scenario = scenarios['seven, power cuts and loss'] as Scenario
    expect(simulate(7, scenario)).toEqual(simulate(7, scenario))
    expect(simulate(8, scenario).traceHash).not.toEqual(simulate(7, scenario).traceHash)
  })
})
