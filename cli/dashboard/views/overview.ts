/** At a glance: is it alive, is it final, does it keep up, what is wrong and what to do; and how busy it is. */
import { formatInteger } from '../../amounts.ts'
import { type Finding, findings, rates, series, SYMBOL } from '../health.ts'
import type { State } from '../state.ts'
import { cut, EMPTY, type Line, line, padEnd, padStart, span, wrap } from '../text.ts'
import { describe, formatAge, formatCount, formatTime, nameIn, sparkline } from '../words.ts'

const QUESTION_WIDTH = 11

const findingLines = ({ question, style, text, advice }: Finding, width: number): Line[] => [
  line(
    span(`${SYMBOL[style]} `, style),
    span(padEnd(question, QUESTION_WIDTH), 'bold'),
    span(text, style === 'good' ? 'plain' : style),
  ),
  ...(advice ?? []).flatMap(text =>
    wrap(text, Math.max(10, width - 2)).map(each => line('  ', span(each, 'warn'))),
  ),
]

const LABEL_WIDTH = 12
const FIGURE_WIDTH = 9
const MAX_BARS = 120

const trend = (label: string, figure: string, values: readonly number[], width: number): Line => {
  const bars = Math.max(0, Math.min(MAX_BARS, width - LABEL_WIDTH - FIGURE_WIDTH - 2))
  return line(
    span(padEnd(label, LABEL_WIDTH), 'dim'),
    span(padStart(figure, FIGURE_WIDTH), 'bold'),
    '  ',
    span(sparkline(bars === 0 ? [] : values.slice(-bars)), 'accent'),
  )
}

const blockTimes = ({ model }: State): number[] =>
  model.blocks.items.map(({ timeMs }, i, all) => Math.max(0, timeMs - (all[i - 1]?.timeMs ?? timeMs)))

const trendLines = (state: State, width: number): Line[] => {
  const { model, nowMs } = state
  const rate = rates(model, nowMs)
  const times = blockTimes(state)
  const recent = times.slice(-20)
  const mean = recent.length === 0 ? 0 : recent.reduce((sum, ms) => sum + ms, 0) / recent.length
  return [
    trend(
      'tx/s',
      formatCount(rate.transactions),
      series(model, nowMs, MAX_BARS, row => row.transactions),
      width,
    ),
    trend(
      'gas/s',
      formatCount(rate.gas),
      series(model, nowMs, MAX_BARS, row => row.gas),
      width,
    ),
    trend(
      'block time',
      mean < 1_000 ? `${Math.round(mean)} ms` : `${(mean / 1_000).toFixed(1)} s`,
      times.slice(-MAX_BARS),
      width,
    ),
  ]
}

const figureLines = ({ model, nowMs }: State): Line[] => {
  const { info } = model
  const block = model.blocks.items.at(-1)
  if (info === undefined) return []
  return [
    line(
      span('epoch ', 'dim'),
      model.epoch?.epoch ?? '?',
      span('  ends at ', 'dim'),
      formatInteger(BigInt(model.epoch?.lastHeight ?? 0)),
      span('  base fee ', 'dim'),
      `${formatInteger(BigInt(info.baseFee))} units`,
      span('  validators ', 'dim'),
      String(info.validators.length),
    ),
    line(
      span('waiting ', 'dim'),
      `${formatInteger(BigInt(info.pool.transactions))} tx`,
      span('  last block ', 'dim'),
      block === undefined ? 'none' : `${block.transactions} tx, ${formatAge(nowMs - block.timeMs)} old`,
    ),
  ]
}

const transactionLines = ({ model }: State, width: number, height: number): Line[] => {
  const nameOf = nameIn(model)
  const { items } = model.transactions
  if (items.length === 0) return [line(span('none yet', 'dim'))]
  return items.slice(-Math.max(1, height)).map(({ outcome, sender, action, timeMs }) => {
    const isGood = outcome.status === 'success'
    return line(
      span(isGood ? '✓ ' : '✗ ', isGood ? 'good' : 'bad'),
      span(`${formatTime(Number(timeMs))}  `, 'dim'),
      span(`${padEnd(cut(nameOf(sender), 14), 14)}  `, 'accent'),
      span(cut(describe(action, model, nameOf, outcome.created), Math.max(10, width - 28))),
    )
  })
}

/** Where panels have room: everything. */
export const overviewLines = (state: State, width: number, height: number): Line[] => {
  const upper = [
    ...findings(state).flatMap(finding => findingLines(finding, width)),
    EMPTY,
    ...trendLines(state, width),
    EMPTY,
    ...figureLines(state),
    EMPTY,
    line(span('Last transactions', 'bold'), span('  3 has all of them', 'dim')),
  ]
  const room = height - upper.length
  return room <= 0 ? upper.slice(0, height) : [...upper, ...transactionLines(state, width, room)]
}

/** From 20×6 on: the answers, then how busy it is. */
export const smallOverview = (state: State, width: number, height: number): Line[] => {
  const lines = [
    ...findings(state).flatMap(finding => findingLines(finding, width)),
    ...trendLines(state, width),
  ]
  return lines.slice(0, height)
}
