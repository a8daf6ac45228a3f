/** What the calls of a test run cost, by contract and method, from the lines that vex/testing wrote. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { formatInteger } from '../amounts.ts'
import { showGrid } from '../terminal/table.ts'

const LEAST_NAME = 16

/** Of successful transactions, all of their gas. */
export interface MethodGas {
  /** `Token.transfer`; deploying is `Token.deploy`. */
  readonly name: string
  readonly calls: number
  readonly min: bigint
  /** The lower of the two in the middle, so that it is one that was measured. */
  readonly median: bigint
  readonly max: bigint
}

export interface GasReport {
  /** By name. */
  readonly methods: readonly MethodGas[]
  /** A test process made more calls than are counted. */
  readonly isCut: boolean
}

const gasLine = z.union([
  z.strictObject({ isCut: z.literal(true) }),
  z.strictObject({
    contract: z.string(),
    method: z.string(),
    gas: z
      .string()
      .regex(/^\d+$/)
      .transform(text => BigInt(text)),
  }),
])

const compare = <T extends string | bigint>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)

const summarize = (name: string, gas: readonly bigint[]): MethodGas => {
  const sorted = gas.toSorted(compare)
  const at = (index: number): bigint => sorted[index] as bigint
  return {
    name,
    calls: sorted.length,
    min: at(0),
    median: at((sorted.length - 1) >> 1),
    max: at(sorted.length - 1),
  }
}

export const readGasReport = async (folder: string): Promise<GasReport> => {
  const byName = new Map<string, bigint[]>()
  let isCut = false
  for (const file of await readdir(folder)) {
    const lines = (await readFile(join(folder, file), 'utf8')).split('\n')
    for (const text of lines.filter(line => line !== '')) {
      const line = gasLine.parse(JSON.parse(text))
      if ('isCut' in line) {
        isCut = true
        continue
      }
      const name = `${line.contract}.${line.method}`
      const known = byName.get(name)
      if (known === undefined) byName.set(name, [line.gas])
      else known.push(line.gas)
    }
  }
  const methods = [...byName].map(([name, gas]) => summarize(name, gas))
  return { methods: methods.sort((a, b) => compare(a.name, b.name)), isCut }
}

/** The first column to the left, numbers to the right; those further left go first where there is no room. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  showGrid(
    head.map((text, i) => {
      if (i === 0) return { head: text, least: LEAST_NAME }
      return i === head.length - 1
        ? { head: text, side: 'right' }
        : { head: text, side: 'right', dropsAt: head.length - i }
    }),
    rows,
  )

export const formatGasReport = ({ methods, isCut }: GasReport): string => {
  if (methods.length === 0) return 'no gas was measured: the tests called no contract through vex/testing'
  const rows = methods.map(({ name, calls, min, median, max }) => [
    name,
    formatInteger(BigInt(calls)),
    ...[min, median, max].map(formatInteger),
  ])
  const lines = table(['gas of transactions', 'calls', 'min', 'median', 'max'], rows)
  return isCut ? `${lines}\nThere were more calls than are counted; the rest is left out` : lines
}
