import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatGasReport, readGasReport } from '../../../../cli/test/gas-report.ts'
import {
  findDrift,
  formatDrift,
  formatSnapshot,
  type GasSnapshot,
  parseSnapshot,
  toSnapshot,
} from '../../../../cli/test/gas-snapshot.ts'

let folder: string
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'vex-gas-test-'))))
afterEach(() => rm(folder, { recursive: true }))

const line = (contract: string, method: string, gas: string): string =>
  JSON.stringify({ contract, method, gas })

describe('a gas report', () => {
  it('puts the lines of every test process together, by contract and method', async () => {
    await writeFile(
      join(folder, '1'),
      `${[line('Token', 'transfer', '500'), line('Token', 'transfer', '900'), line('Nft', 'mint', '7')].join('\n')}\n`,
    )
    await writeFile(join(folder, '2'), `${line('Token', 'transfer', '10000000000000000000')}\n`)
    expect(await readGasReport(folder)).toEqual({
      isCut: false,
      methods: [
        { name: 'Nft.mint', calls: 1, min: 7n, median: 7n, max: 7n },
        { name: 'Token.transfer', calls: 3, min: 500n, median: 900n, max: 10_000_000_000_000_000_000n },
      ],
    })
  })

  it('takes as the median one that was measured', async () => {
    await writeFile(join(folder, '1'), [8, 2, 4, 6].map(gas => line('A', 'f', String(gas))).join('\n'))
    expect((await readGasReport(folder)).methods).toMatchObject([{ min: 2n, median: 4n, max: 8n }])
  })

  it('says when calls were left out, and when there were none', async () => {
    await writeFile(join(folder, '1'), `${line('A', 'f', '5')}\n{"isCut":true}\n`)
    expect(formatGasReport(await readGasReport(folder))).toMatch(/A\.f +1 +5 +5 +5\nThere were more calls/)
    expect(formatGasReport({ methods: [], isCut: false })).toMatch(/no gas was measured/)
  })
})

const snapshot = (costs: Readonly<Record<string, readonly [number, number, number]>>): GasSnapshot =>
  new Map(
    Object.entries(costs).map(([name, [min, median, max]]) => [
      name,
      { min: BigInt(min), median: BigInt(median), max: BigInt(max) },
    ]),
  )

describe('a gas snapshot', () => {
  it('is read as it was written', () => {
    const written = snapshot({ 'Token.transfer': [5, 7, 9], 'Nft.mint': [1, 1, 1] })
    expect(parseSnapshot(formatSnapshot(written))).toEqual(written)
    const methods = [{ name: 'A.f', calls: 3, min: 1n, median: 2n, max: 3n }]
    expect(toSnapshot({ methods, isCut: false })).toEqual(snapshot({ 'A.f': [1, 2, 3] }))
  })

  it('that is damaged is refused by its line', () => {
    expect(() => parseSnapshot('# head\nToken.transfer 1 2\n')).toThrow(
      '.gas-snapshot, line 2: expected a name and three numbers',
    )
  })

  it('drifts by one unit of gas, up or down, by a new method and by one that is gone', () => {
    const before = snapshot({ 'A.f': [5, 7, 9], 'A.gone': [1, 1, 1], 'A.same': [3, 3, 3] })
    const now = snapshot({ 'A.f': [5, 8, 8], 'A.new': [2, 2, 2], 'A.same': [3, 3, 3] })
    expect(findDrift(before, now, 0)).toEqual([
      { name: 'A.f', statistic: 'median', before: 7n, now: 8n },
      { name: 'A.f', statistic: 'max', before: 9n, now: 8n },
      { name: 'A.gone', statistic: 'gone', before: 1n, now: undefined },
      { name: 'A.new', statistic: 'new', before: undefined, now: 2n },
    ])
    expect(findDrift(before, before, 0)).toEqual([])
  })

  it('allows what the tolerance allows and not one unit more', () => {
    const before = snapshot({ 'A.f': [1000, 1000, 1000] })
    expect(findDrift(before, snapshot({ 'A.f': [995, 1000, 1005] }), 0.5)).toEqual([])
    expect(findDrift(before, snapshot({ 'A.f': [994, 1000, 1006] }), 0.5)).toHaveLength(2)
  })

  it('shows the change in percent, to a hundredth', () => {
    const shown = formatDrift(
      findDrift(snapshot({ 'A.f': [300, 300, 300] }), snapshot({ 'A.f': [300, 200, 301] }), 0),
    )
    expect(shown).toMatch(/A\.f +median +300 +200 +-33\.33 %/)
    expect(shown).toMatch(/A\.f +max +300 +301 +\+0\.33 %/)
  })
})
