/** What the node's log says, if it is told where that is, and what the screen itself has noticed. */
import type { LogRow } from '../model.ts'
import { EMPTY, line, span, type Style, wrap } from '../text.ts'
import { formatTime } from '../words.ts'
import { type Item, listRing, type ListView } from './list.ts'

const LEVEL: Readonly<Record<LogRow['level'], readonly [symbol: string, style: Style]>> = {
  debug: ['·', 'dim'],
  info: ['·', 'plain'],
  warn: ['!', 'warn'],
  error: ['✗', 'bad'],
}

const toItem = (row: LogRow, id: string): Item => {
  const [symbol, style] = LEVEL[row.level]
  return {
    id,
    value: row.text,
    call: 'vex dashboard --log-file PATH',
    cells: () => [span(symbol, style), span(formatTime(row.timeMs), 'dim'), span(row.text, style)],
    detail: width => [
      line(span(`${symbol} ${row.level}`, style), span(`  ${new Date(row.timeMs).toISOString()}`, 'dim')),
      EMPTY,
      ...wrap(row.text, width).map(text => line(text)),
      EMPTY,
      line(span(row.source === 'log' ? 'from the log' : 'noticed by this screen', 'dim')),
    ],
  }
}

export const logsView: ListView = {
  id: 'logs',
  isTail: true,
  whenEmpty: 'nothing yet; --log-file PATH shows a node’s log here',
  columns: [
    { title: '', width: 1, priority: 1 },
    { title: 'time', width: 8, priority: 3 },
    { title: 'what', width: 20, isWide: true, priority: 1 },
  ],
  list: (model, filter) =>
    listRing(model.logs, filter, model.abis, ({ level, text }) => `${level} ${text}`, toItem),
}
