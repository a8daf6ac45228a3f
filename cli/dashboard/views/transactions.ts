/** Final transactions as they come, and what one did: its call tree, asked for when it is selected. */
import { formatAmount, formatInteger } from '../../amounts.ts'
import type { ListedTransaction } from '../model.ts'
import { EMPTY, type Line, line, span, wrap } from '../text.ts'
import { describe, formatCount, formatTime, nameIn, shortHash } from '../words.ts'
import { loadedLines } from './blocks.ts'
import { type Item, listRing, type ListView, pairs, prepareTexts } from './list.ts'
import type { Model } from '../model.ts'

const textOf =
  (model: Model) =>
  (transaction: ListedTransaction): string => {
    const { id, sender, action, outcome } = transaction
    const nameOf = nameIn(model)
    return `${id} ${sender} ${nameOf(sender)} ${outcome.status} ${describe(action, model, nameOf, outcome.created)}`
  }

/** As the trace lines are coloured: what failed, and what happened. */
const traceLine = (text: string): Line => {
  if (/^[│├└ ]*event /.test(text)) return line(span(text, 'accent'))
  if (/^\s*\d+ │|^\s*│\s+\^/.test(text)) return line(span(text, 'dim'))
  return line(text)
}

const toItem =
  (model: Model) =>
  (transaction: ListedTransaction, id: string): Item => {
    const { outcome, sender, action } = transaction
    const nameOf = nameIn(model)
    const isGood = outcome.status === 'success'
    const what = (): string => describe(action, model, nameOf, outcome.created)
    return {
      id,
      value: transaction.id,
      call: `vex trace ${transaction.id}`,
      load: { kind: 'trace', id: transaction.id },
      cells: () => [
        span(isGood ? '✓' : '✗', isGood ? 'good' : 'bad'),
        span(formatInteger(BigInt(transaction.height)), 'dim'),
        span(nameOf(sender), 'accent'),
        span(what()),
        span(formatCount(Number(outcome.gasUsed)), 'dim'),
        span(shortHash(transaction.id), 'dim'),
      ],
      detail(width) {
        const loaded = model.loaded.get(`trace:${transaction.id}`)
        return [
          ...wrap(what(), width).map(text => line(span(text, 'bold'))),
          ...pairs(
            [
              [
                'status',
                isGood
                  ? '✓ success'
                  : `✗ failed: ${outcome.error?.message ?? ''} (${outcome.error?.code ?? ''})`,
                isGood ? 'good' : 'bad',
              ],
              ['id', transaction.id],
              ['from', `${nameOf(sender)}, nonce ${transaction.nonce}`],
              [
                'block',
                `${formatInteger(BigInt(transaction.height))}, place ${transaction.index}, ${formatTime(Number(transaction.timeMs))}`,
              ],
              [
                'gas',
                `${formatInteger(BigInt(outcome.gasUsed))} of ${formatInteger(BigInt(transaction.gasLimit))}`,
              ],
              ['fee', formatAmount(BigInt(outcome.feePaid))],
              ...(outcome.depositPaid === '0'
                ? []
                : [['deposit', formatAmount(BigInt(outcome.depositPaid))] as const]),
              ...outcome.created.map(address => ['created', address] as const),
            ],
            width,
          ),
          EMPTY,
          line(span('Calls, storage and events', 'bold')),
          ...(loaded?.kind === 'lines'
            ? loaded.lines.flatMap(text => traceLines(text, width))
            : loadedLines(loaded)),
        ]
      },
    }
  }

const INDENT = /^[│├└ ]*/

/** A long line goes on under itself. */
const traceLines = (text: string, width: number): Line[] => {
  const indent = INDENT.exec(text)?.[0] ?? ''
  const under = `${indent.replaceAll('├', '│').replaceAll('└', ' ')}  `
  const pieces = wrap(text.slice(indent.length), Math.max(10, width - under.length))
  return pieces.map((piece, i) => traceLine(`${i === 0 ? indent : under}${piece}`))
}

export const transactionsView: ListView = {
  id: 'transactions',
  isTail: true,
  whenEmpty: 'no transaction has come yet',
  columns: [
    { title: '', width: 1, priority: 1 },
    { title: 'block', width: 8, isRight: true, priority: 4 },
    { title: 'from', width: 12, priority: 3 },
    { title: 'what', width: 18, isWide: true, priority: 2 },
    { title: 'gas', width: 7, isRight: true, priority: 5 },
    { title: 'id', width: 11, priority: 6 },
  ],
  list: (model, filter) => listRing(model.transactions, filter, model.abis, textOf(model), toItem(model)),
  prepare: model => prepareTexts(model.transactions, model.abis, textOf(model)),
}
