/** At a glance: is it alive, is it final, does it keep up, what is wrong and what to do; and how busy it is. */
import { formatInteger } from '../../amounts.ts'
import { type Finding, findings, rates, series, SYMBOL } from '../health.ts'
import type { State } from '../state.ts'
import {
  beside,
  cut,
  EMPTY,
  fitLines,
  type Line,
  line,
  padEnd,
  padStart,
  type Span,
  span,
  widthOf,
  wrap,
} from '../text.ts'
import { describe, formatAge, formatCount, formatTime, nameIn, sparkline } from '../words.ts'

const QUESTION_WIDTH = 11
/** From here on there are two columns: as wide as the other views with a list and a detail. */
const WIDE_COLUMNS = 100
const WIDE_ROWS = 20
/** The line between them, with a space. */
const RULE = 2
const LEFT_SHARE = 0.45
const MIN_LEFT = 46

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

/** In as many lines as it takes. */
const packed = (parts: readonly (readonly [name: string, value: string])[], width: number): Line[] => {
  const lines: Span[][] = [[]]
  let used = 0
  for (const [name, value] of parts) {
    const wide = widthOf(name) + 1 + widthOf(value)
    if (used > 0 && used + 2 + wide > width) {
      lines.push([])
      used = 0
    }
    lines.at(-1)?.push(span(`${used === 0 ? '' : '  '}${name} `, 'dim'), span(value))
    used += wide + (used === 0 ? 0 : 2)
  }
  return lines.map(spans => ({ spans }))
}

const figureLines = ({ model, nowMs }: State, width: number): Line[] => {
  const { info } = model
  const block = model.blocks.items.at(-1)
  if (info === undefined) return []
  return [
    ...packed(
      [
        ['epoch', model.epoch?.epoch ?? '?'],
        ['ends at', formatInteger(BigInt(model.epoch?.lastHeight ?? 0))],
        ['base fee', `${formatInteger(BigInt(info.baseFee))} units`],
        ['validators', String(info.validators.length)],
      ],
      width,
    ),
    ...packed(
      [
        ['waiting', `${formatInteger(BigInt(info.pool.transactions))} tx`],
        [
          'last block',
          block === undefined ? 'none' : `${block.transactions} tx, ${formatAge(nowMs - block.timeMs)} old`,
        ],
      ],
      width,
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

/** Of all but the proposer, who is left out where there is no room for a name. */
const BLOCK_WIDTH = 41
const NAME_WIDTH = 11

const blockLines = ({ model }: State, width: number, height: number): Line[] => {
  const { items } = model.blocks
  if (items.length === 0) return [line(span('none yet', 'dim'))]
  const nameOf = nameIn(model)
  return items
    .slice(-Math.max(1, height))
    .map(block =>
      line(
        span(padStart(formatInteger(block.height), 8), 'bold'),
        span(`  ${formatTime(block.timeMs)}  `, 'dim'),
        span(padStart(`${block.transactions} tx`, 7), block.transactions === 0 ? 'dim' : 'plain'),
        span(padStart(`${formatCount(Number(block.gasUsed))} gas`, 12), 'dim'),
        '  ',
        span(
          width < BLOCK_WIDTH + NAME_WIDTH ? '' : cut(nameOf(block.proposer), width - BLOCK_WIDTH),
          'accent',
        ),
      ),
    )
}

const heading = (title: string, where: string): Line => line(span(title, 'bold'), span(`  ${where}`, 'dim'))

/** Side by side: how it is, how busy, and its blocks; beside that what is done on it. */
const wideOverview = (state: State, width: number, height: number): Line[] => {
  const left = Math.max(MIN_LEFT, Math.floor((width - RULE) * LEFT_SHARE))
  const right = width - RULE - left
  const upper = [
    ...findings(state).flatMap(finding => findingLines(finding, left - 1)),
    EMPTY,
    ...trendLines(state, left - 1),
    EMPTY,
    ...figureLines(state, left - 1),
    EMPTY,
    heading('Last blocks', '2 has all of them'),
  ]
  const room = height - upper.length
  return beside(
    fitLines(room <= 0 ? upper : [...upper, ...blockLines(state, left - 1, room)], left, height),
    fitLines(
      [heading('Last transactions', '3 has all of them'), ...transactionLines(state, right, height - 1)],
      right,
      height,
    ),
  )
}

/** Where panels have room: everything; from {@link WIDE_COLUMNS} on in two columns. */
export const overviewLines = (state: State, width: number, height: number): Line[] => {
  if (width >= WIDE_COLUMNS && height >= WIDE_ROWS) return wideOverview(state, width, height)
  const upper = [
    ...findings(state).flatMap(finding => findingLines(finding, width)),
    EMPTY,
    ...trendLines(state, width),
    EMPTY,
    ...figureLines(state, width),
    EMPTY,
    heading('Last transactions', '3 has all of them'),
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
