import { describe, expect, it } from 'vitest'
import { formatTable, summarise, toJsonLine } from '../../bench/report.ts'
import type { Result } from '../../bench/result.ts'

const BASE = { n: 10, rss_mb: 100.123456, disk_mb: 1, cpu_node_s: 1, cpu_driver_s: 1, cpu_main_s: 1 }
const fast = (rate: number): Result => ({
  ...BASE,
  workload: 'transfers',
  rate,
  unit: 'tx/s',
  seconds: 10 / rate,
})
const start = (seconds: number): Result => ({ ...BASE, workload: 'start', unit: 's', seconds })

describe('the report', () => {
  const summaries = summarise([fast(100), start(0.5), fast(300), start(0.3), fast(200), start(0.9)])

  it('shows the run in the middle by rate, or by time where there is no rate', () => {
    expect(
      summaries.map(({ median, min, max, runs }) => [median.rate, median.seconds, min, max, runs]),
    ).toEqual([
      [200, 0.05, 100, 300, 3],
      [undefined, 0.5, 0.3, 0.9, 3],
    ])
  })

  it('is one line of JSON a result, rounded, with the machine', () => {
    const [first] = summaries
    const line = first === undefined ? '' : toJsonLine(first, { cpus: 2 })
    expect(line).not.toContain('\n')
    expect(JSON.parse(line)).toMatchObject({
      workload: 'transfers',
      rate: 200,
      rss_mb: 100.1,
      runs: 3,
      cpus: 2,
    })
  })

  it('is a table with a title and a row each, in columns', () => {
    const lines = formatTable(summaries).split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(/^workload\s+n\s+rate/)
    expect(lines[1]).toMatch(/^transfers\s+10\s+200\s+tx\/s\s+100–300/)
    expect(lines[2]).toMatch(/^start\s+10\s+s\s+0\.3–0\.9/)
  })
})
