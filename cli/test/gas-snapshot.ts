/**
 * `.gas-snapshot`: what each method cost when somebody last looked, to be kept with the source.
 *
 *   Token.transfer 523109 580208 600410          contract.method, min, median and max gas
 *
 * A line for each method rather than for each test: it says what users pay, and another name for a test, or another
 * order, changes nothing. How often a method was called is left out: one more call of the same cost is no drift.
 */
import { formatInteger } from '../amounts.ts'
import { CliError } from '../errors.ts'
import { type GasReport, type MethodGas, table } from './gas-report.ts'

export const SNAPSHOT_FILE = '.gas-snapshot'

const STATISTICS = ['min', 'median', 'max'] as const
type Costs = Pick<MethodGas, (typeof STATISTICS)[number]>
export type GasSnapshot = ReadonlyMap<string, Costs>

export const toSnapshot = ({ methods }: GasReport): GasSnapshot =>
  new Map(methods.map(({ name, min, median, max }) => [name, { min, median, max }]))

const HEAD =
  '# contract.method min median max: gas of its transactions in the tests. vex test --snapshot writes it'

export const formatSnapshot = (snapshot: GasSnapshot): string =>
  [
    HEAD,
    ...Array.from(snapshot, ([name, { min, median, max }]) => `${name} ${min} ${median} ${max}`),
    '',
  ].join('\n')

/** Throws a CliError that names the line. */
export const parseSnapshot = (text: string): GasSnapshot => {
  const snapshot = new Map<string, Costs>()
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const match = /^(\S+) (\d+) (\d+) (\d+)$/.exec(line.trimEnd())
    if (match === null)
      throw new CliError(
        'bad_snapshot',
        `${SNAPSHOT_FILE}, line ${i + 1}: expected a name and three numbers. Write it anew with: vex test --snapshot`,
      )
    const [, name = '', min = '', median = '', max = ''] = match
    snapshot.set(name, { min: BigInt(min), median: BigInt(median), max: BigInt(max) })
  }
  return snapshot
}

export interface Drift {
  readonly name: string
  /** Of a method that one side does not have, the other has its median. */
  readonly statistic: (typeof STATISTICS)[number] | 'new' | 'gone'
  readonly before: bigint | undefined
  readonly now: bigint | undefined
}

/** More than `tolerance` percent of what it was, up or down. */
const isBeyond = (before: bigint, now: bigint, tolerance: number): boolean => {
  const difference = now > before ? now - before : before - now
  // In hundredths of a percent, so that 0.5 is exact.
  return difference * 10_000n > BigInt(Math.round(tolerance * 100)) * before
}

/** In the order of the names. `tolerance` in percent. */
export const findDrift = (before: GasSnapshot, now: GasSnapshot, tolerance: number): Drift[] =>
  [...new Set([...before.keys(), ...now.keys()])].sort().flatMap((name): Drift[] => {
    const [old, current] = [before.get(name), now.get(name)]
    if (old === undefined) return [{ name, statistic: 'new', before: undefined, now: current?.median }]
    if (current === undefined) return [{ name, statistic: 'gone', before: old.median, now: undefined }]
    return STATISTICS.filter(each => isBeyond(old[each], current[each], tolerance)).map(statistic => ({
      name,
      statistic,
      before: old[statistic],
      now: current[statistic],
    }))
  })

/** `+3.20 %`, exact to a hundredth. */
const percentage = (before: bigint, now: bigint): string => {
  if (before === 0n) return ''
  const hundredths = ((now - before) * 10_000n) / before
  const digits = String(hundredths < 0n ? -hundredths : hundredths).padStart(3, '0')
  return `${now < before ? '-' : '+'}${digits.slice(0, -2)}.${digits.slice(-2)} %`
}

const gasText = (gas: bigint | undefined): string => (gas === undefined ? '' : formatInteger(gas))

export const formatDrift = (drift: readonly Drift[]): string =>
  table(
    ['gas that drifted', '', 'snapshot', 'now', 'change'],
    drift.map(({ name, statistic, before, now }) => [
      name,
      statistic,
      gasText(before),
      gasText(now),
      before === undefined || now === undefined ? '' : percentage(before, now),
    ]),
  )
