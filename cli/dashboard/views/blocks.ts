/** Final blocks as they come, and one of them. */
import { formatInteger } from '../../amounts.ts'
import type { BlockRow } from '../model.ts'
import { EMPTY, type Line, line, span } from '../text.ts'
import { formatAge, formatCount, formatLag, formatTime, nameIn, shortHash } from '../words.ts'
import { type Item, listRing, type ListView, pairs } from './list.ts'

export const percent = (part: bigint, whole: bigint): string =>
  whole === 0n ? '0 %' : `${(Number((part * 1_000n) / whole) / 10).toFixed(1)} %`

/** Lines that were asked for, or how that stands. */
export const loadedLines = (
  loaded: { kind: string; lines?: readonly string[]; message?: string } | undefined,
): Line[] => {
  if (loaded === undefined) return [line(span('… asking', 'dim'))]
  if (loaded.kind === 'error') return [line(span(`! ${loaded.message ?? ''}`, 'warn'))]
  return (loaded.lines ?? []).map(text => line(text))
}

const toItem = (block: BlockRow, id: string): Item => ({
  id,
  value: block.hash,
  call: `vex block ${block.height}`,
  load: { kind: 'block', id: String(block.height) },
  cells: () => [
    span(formatInteger(block.height), 'bold'),
    span(formatTime(block.timeMs), 'dim'),
    span(String(block.transactions), block.transactions === 0 ? 'dim' : 'plain'),
    span(formatCount(Number(block.gasUsed)), block.gasUsed === 0n ? 'dim' : 'plain'),
    span(shortHash(block.hash), 'dim'),
    span(String(block.view), 'dim'),
  ],
  detail: (width, { model, nowMs }) => [
    ...pairs(
      [
        ['height', formatInteger(block.height), 'bold'],
        ['hash', block.hash],
        ['time', `${new Date(block.timeMs).toISOString()}, ${formatAge(nowMs - block.timeMs)} ago`],
        [
          'final',
          block.arrivedMs === undefined
            ? '✓ before this screen was opened'
            : `✓ ${formatLag(Math.max(0, block.arrivedMs - block.timeMs))} after its time`,
          'good',
        ],
        ['proposer', nameIn(model)(block.proposer)],
        ['epoch', `${block.epoch}, view ${block.view}`],
        [
          'gas',
          `${formatInteger(block.gasUsed)} of ${formatInteger(block.gasLimit)} (${percent(block.gasUsed, block.gasLimit)})`,
        ],
        ['base fee', `${formatInteger(block.baseFee)} units per gas`],
        ['state root', block.stateRoot],
        ['parent', block.parentHash],
      ],
      width,
    ),
    EMPTY,
    line(span(`${block.transactions} transaction${block.transactions === 1 ? '' : 's'}`, 'bold')),
    ...(block.transactions === 0 ? [] : loadedLines(model.loaded.get(`block:${block.height}`))),
  ],
})

export const blocksView: ListView = {
  id: 'blocks',
  isTail: true,
  whenEmpty: 'no block has come yet',
  columns: [
    { title: 'height', width: 9, isRight: true, priority: 1 },
    { title: 'time', width: 8, priority: 4 },
    { title: 'tx', width: 5, isRight: true, priority: 2 },
    { title: 'gas', width: 7, isRight: true, priority: 3 },
    { title: 'hash', width: 11, isWide: true, priority: 5 },
    { title: 'view', width: 7, isRight: true, priority: 6 },
  ],
  list: (model, filter) =>
    listRing(
      model.blocks,
      filter,
      model.abis,
      block => `${block.height} ${block.hash} ${block.proposer} ${block.transactions === 0 ? 'empty' : ''}`,
      toItem,
    ),
}
