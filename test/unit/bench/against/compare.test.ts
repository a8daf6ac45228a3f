import { describe, expect, it } from 'vitest'
import { compare, comparisonLine, comparisonTable, isWithin } from '../../../bench/against/compare.ts'
import { TARGETS } from '../../../bench/against/targets.ts'
import { TWIN_NAMES } from '../../../bench/options.ts'
import type { Result } from '../../../bench/result.ts'

const result = (node: string, workload: string, figures: Partial<Result>): Result => ({
  node,
  workload,
  n: 1,
  unit: '',
  seconds: 1,
  rss_mb: 1,
  disk_mb: 1,
  cpu_node_s: 1,
  cpu_driver_s: 1,
  cpu_main_s: 1,
  ...figures,
})

const RESULTS = [
  result('vex', 'transfers', { rate: 900 }),
  result('anvil', 'transfers', { rate: 1_000 }),
  result('vex', 'transfers', { rate: 2_500 }),
  result('anvil', 'transfers', { rate: 2_000 }),
  result('vex', 'transfers', { rate: 3_000 }),
  result('anvil', 'transfers', { rate: 4_000 }),
  result('vex', 'views', { p50_ms: 0.3 }),
  result('anvil', 'views', { p50_ms: 0.1 }),
  result('vex', 'start', { seconds: 0.4, idle_rss_mb: 151 }),
  result('anvil', 'start', { seconds: 0.1, idle_rss_mb: 20 }),
  result('vex', 'network-full-4', { rate: 801 }),
  result('vex', 'compute', { rate: 10 }),
]

const comparisonOf = (workload: string, figure: string) =>
  compare(RESULTS).find(each => each.workload === workload && each.figure === figure)

describe('Vex held against a peer', () => {
  it('is the ratio of the medians', () => {
    expect(comparisonOf('transfers', 'rate')).toMatchObject({
      vex: { median: 2_500, min: 900, max: 3_000, runs: 3 },
      peer: { median: 2_000, min: 1_000, max: 4_000 },
      ratio: 1.25,
      isMet: true,
    })
    expect(comparisonOf('views', 'p50_ms')).toMatchObject({
      ratio: expect.closeTo(3) as number,
      isMet: false,
    })
  })

  it('meets a target in figures without a peer, and none against a peer that is not there', () => {
    expect(comparisonOf('start', 'seconds')).toMatchObject({ isMet: true })
    expect(comparisonOf('start', 'idle_rss_mb')).toMatchObject({ isMet: false })
    expect(comparisonOf('network-full-4', 'rate')).toMatchObject({ peer: undefined, isMet: true })
    expect(comparisonOf('compute', 'rate')).toMatchObject({ ratio: undefined, isMet: undefined })
  })

  it('is within a bound at the bound', () => {
    const least = { kind: 'at least', value: 30, ofPeer: true } as const
    expect([isWithin(least, 1, 30), isWithin(least, 40, 29.9)]).toEqual([true, false])
    const most = { kind: 'at most', value: 0.5, ofPeer: false } as const
    expect([isWithin(most, 0.5, 9), isWithin(most, 0.51, 0)]).toEqual([true, false])
  })

  it('has rows for every workload that may be held against it', () => {
    for (const name of TWIN_NAMES)
      expect(TARGETS.some(({ workload }) => workload.split('-')[0] === name)).toBe(true)
  })

  it('says in a table and in JSON what has no twin, and whether the target is met', () => {
    const comparisons = compare(RESULTS)
    const [titles, first, ...rest] = comparisonTable(comparisons, 'anvil').split('\n')
    expect(titles).toMatch(/workload +figure +unit +vex +min–max +anvil +min–max +ratio +target +met$/)
    expect(first).toMatch(
      /^W1 +transfers +rate +tx\/s +2,500 +900–3,000 .* 1\.25 x +at least 1\.25 x anvil +yes$/,
    )
    expect(rest.join('\n')).toMatch(/start +idle_rss_mb +MB +151 .* at most 150 MB +NO\n/)
    expect(rest.at(-1)).toMatch(/^net +network-full-4 .* no twin .* at least 800 tx\/s +yes$/)
    const lines = comparisons.map(each => JSON.parse(comparisonLine(each, 'anvil', { cpus: 2 })) as unknown)
    expect(lines[0]).toMatchObject({
      row: 'W1',
      vex: 2_500,
      anvil: 2_000,
      has_twin: true,
      ratio: 1.25,
      target: 'at least 1.25 x anvil',
      met: true,
      runs: 3,
      cpus: 2,
    })
    expect(lines.at(-1)).toMatchObject({
      workload: 'network-full-4',
      anvil: null,
      has_twin: false,
      ratio: null,
    })
  })
})
