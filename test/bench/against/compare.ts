/** Two nodes' results of the same workloads, beside each other: medians, how they spread, the ratio, the target. Pure. */
import { alignColumns, roundFigure, show } from '../report.ts'
import type { Result } from '../result.ts'
import { medianBy } from '../statistics.ts'
import { type Bound, type Figure, type Target, TARGETS } from './targets.ts'

interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly runs: number
}

export interface Comparison extends Target {
  readonly vex: Spread
  /** None has no such figure of the peer. */
  readonly peer: Spread | undefined
  /** The median of Vex by that of the peer. */
  readonly ratio: number | undefined
  /** None without a bound, or without the peer that it needs. */
  readonly isMet: boolean | undefined
}

const spreadOf = (results: readonly Result[], workload: string, figure: Figure): Spread | undefined => {
  const values = results
    .filter(result => result.workload === workload)
    .map(result => result[figure])
    .filter(value => value !== undefined)
  if (values.length === 0) return undefined
  return {
    median: medianBy(values, value => value),
    min: Math.min(...values),
    max: Math.max(...values),
    runs: values.length,
  }
}

export const isWithin = (
  { kind, value, ofPeer }: Bound,
  median: number,
  ratio: number | undefined,
): boolean | undefined => {
  const held = ofPeer ? ratio : median
  if (held === undefined) return undefined
  return kind === 'at least' ? held >= value : held <= value
}

/** The rows of the targets whose workload Vex ran; `results` say whose they are. */
export const compare = (results: readonly Result[]): Comparison[] => {
  const ours = results.filter(({ node }) => node === 'vex')
  const theirs = results.filter(({ node }) => node !== 'vex')
  return TARGETS.flatMap(target => {
    const vex = spreadOf(ours, target.workload, target.figure)
    if (vex === undefined) return []
    const peer = spreadOf(theirs, target.workload, target.figure)
    const ratio = peer && vex.median / peer.median
    return [{ ...target, vex, peer, ratio, isMet: target.bound && isWithin(target.bound, vex.median, ratio) }]
  })
}

const boundText = ({ kind, value, ofPeer }: Bound, unit: string, peer: string): string =>
  `${kind} ${value} ${ofPeer ? `x ${peer}` : unit}`

const verdict = (isMet: boolean | undefined): string => {
  if (isMet === undefined) return '–'
  return isMet ? 'yes' : 'NO'
}

export const comparisonTable = (comparisons: readonly Comparison[], peer: string): string => {
  const titles = [
    '',
    'workload',
    'figure',
    'unit',
    'vex',
    'min–max',
    peer,
    'min–max',
    'ratio',
    'target',
    'met',
  ]
  const spread = ({ min, max, runs }: Spread): string => (runs > 1 ? `${show(min)}–${show(max)}` : '')
  const rows = comparisons.map(comparison => [
    comparison.row,
    comparison.workload,
    comparison.figure,
    comparison.unit,
    show(comparison.vex.median),
    spread(comparison.vex),
    comparison.peer === undefined ? 'no twin' : show(comparison.peer.median),
    comparison.peer === undefined ? '' : spread(comparison.peer),
    comparison.ratio === undefined ? '' : `${show(comparison.ratio)} x`,
    comparison.bound === undefined ? '–' : boundText(comparison.bound, comparison.unit, peer),
    verdict(comparison.isMet),
  ])
  return alignColumns(titles, rows, ['', 'workload', 'figure', 'unit', 'target', 'met'])
}

/** One line of JSON; what the peer has not is `null`. */
export const comparisonLine = (
  { row, workload, figure, unit, vex, peer, ratio, bound, isMet }: Comparison,
  name: string,
  machine: Readonly<Record<string, string | number>>,
): string =>
  JSON.stringify(
    {
      row,
      workload,
      figure,
      unit,
      vex: vex.median,
      vex_min: vex.min,
      vex_max: vex.max,
      [name]: peer?.median ?? null,
      [`${name}_min`]: peer?.min ?? null,
      [`${name}_max`]: peer?.max ?? null,
      has_twin: peer !== undefined,
      ratio: ratio ?? null,
      target: bound === undefined ? null : boundText(bound, unit, name),
      met: isMet ?? null,
      runs: vex.runs,
      ...machine,
    },
    roundFigure,
  )
