/** What a scenario is, and how it tells what it found. */
import type { LoadFigures } from './load.ts'

/** What it found, for people. */
export type Report = Readonly<Record<string, string | number>>

export interface Scenario {
  readonly name: string
  readonly what: string
  /** `scale` 1 is the long form. */
  readonly run: (scale: number) => Promise<Report>
}

const median = (values: readonly number[], part = 0.5): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN

export const latency = ({ finalMs }: LoadFigures): Report => ({
  'submit to final p50 ms': Math.round(median(finalMs)),
  'p99 ms': Math.round(median(finalMs, 0.99)),
})
