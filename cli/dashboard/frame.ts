/** The whole screen as lines, one row less than the terminal has. Pure: the same state gives the same frame. */
import { formatInteger } from '../amounts.ts'
import {
  finalityMs,
  findings,
  growthPerHour,
  headHeight,
  rates,
  SYMBOL,
  syncPercent,
  worst,
} from './health.ts'
import { keyContext, type State } from './state.ts'
import { keysFor, VIEW_TITLES, VIEWS, type ViewId } from './keys.ts'
import { type Layout, layoutOf, type PanelSize } from './layout.ts'
import {
  beside,
  cut,
  EMPTY,
  fitLine,
  fitLines,
  type Line,
  line,
  lineWidth,
  type Span,
  span,
  widthOf,
  wrap,
} from './text.ts'
import { formLines } from './views/form.ts'
import { helpLines } from './views/help.ts'
import { drawList, type ListView, newSince, showList } from './views/list.ts'
import { mineLines } from './views/mine.ts'
import { overviewLines, smallOverview } from './views/overview.ts'
import { listViewOf } from './views/registry.ts'
import { formatAge, formatBytes, formatCount, formatLag } from './words.ts'

export const layoutFor = ({ size, ui }: State): Layout =>
  layoutOf(size, { isZoomed: ui.isZoomed, focus: ui.focus, hasDetail: listViewOf(ui.view) !== undefined })

/** As many as there is room for, the first first. */
const joinFitting = (parts: readonly (readonly Span[])[], width: number, gap = '  '): Line => {
  const spans: Span[] = []
  let used = 0
  for (const part of parts) {
    const wide = part.reduce((sum, { text }) => sum + widthOf(text), 0)
    const next = used + wide + (spans.length > 0 ? gap.length : 0)
    if (next > width) continue
    if (spans.length > 0) spans.push(span(gap))
    spans.push(...part)
    used = next
  }
  return { spans }
}

const figure = (name: string, value: string): readonly Span[] => [
  span(`${name} `, 'dim'),
  span(value, 'bold'),
]

const headerLine = (state: State, width: number): Line => {
  const { model, nowMs } = state
  const { info, resources, connection } = model
  const state_ = worst(findings(state))
  const mark = state_ === undefined ? [] : [span(SYMBOL[state_.style], state_.style)]
  const height = headHeight(model)
  const lag = finalityMs(model)
  const growth = growthPerHour(model)
  const isPaused = model.control?.isPaused === true
  return joinFitting(
    [
      [...mark, span(' '), span(info?.chainId ?? model.url, 'bold')],
      ...(connection.kind === 'lost' ? [[span('no answer', 'bad')]] : []),
      ...(isPaused ? [[span('paused', 'warn')]] : []),
      figure('height', formatInteger(height)),
      figure('final', lag === undefined ? '–' : formatLag(lag)),
      figure('peers', String(model.peers?.peers.length ?? '–')),
      figure('waiting', String(info?.pool.transactions ?? '–')),
      figure('gas/s', formatCount(rates(model, nowMs).gas)),
      figure('sync', `${syncPercent(model)} %`),
      ...(resources === undefined
        ? []
        : [
            figure('mem', formatBytes(resources.memoryBytes)),
            figure(
              'disk',
              `${formatBytes(resources.databaseBytes)}${growth === undefined ? '' : ` ${growth < 0 ? '' : '+'}${formatBytes(growth)}/h`}`,
            ),
          ]),
    ],
    width,
  )
}

const tabLine = (state: State, width: number): Line => {
  const shown = VIEWS.filter(id => id !== 'mine' || state.own !== undefined)
  const tab = (id: ViewId, name: string): Span =>
    span(`${VIEWS.indexOf(id) + 1} ${name}`, id === state.ui.view ? 'accent' : 'dim')
  const long = shown.map(id => [tab(id, VIEW_TITLES[id])])
  const wide = long.flat().reduce((sum, { text }) => sum + text.length + 2, -2)
  if (wide <= width) return joinFitting(long, width)
  const short = shown.map(id => [
    id === state.ui.view ? tab(id, VIEW_TITLES[id]) : span(`${VIEWS.indexOf(id) + 1}`, 'dim'),
  ])
  return joinFitting(short, width)
}

const footLine = (state: State, width: number, hasDetail: boolean): Line => {
  const { ui, lockAtMs, nowMs } = state
  if (ui.prompt !== undefined) {
    const before = ui.prompt.kind === 'filter' ? '/' : ':'
    return line(span(before, 'accent'), ui.prompt.text, span('█', 'accent'), span('  Enter, or Esc', 'dim'))
  }
  if (ui.note !== undefined) {
    const symbol = { good: '✓', warn: '!', bad: '✗' }[ui.note.style]
    return line(span(cut(`${symbol} ${ui.note.text}`, width), ui.note.style))
  }
  const keys = keysFor(keyContext(state, hasDetail)).flatMap(({ shown, short }) =>
    short === undefined ? [] : [[span(shown.split(' ')[0] ?? shown, 'accent'), span(` ${short}`, 'dim')]],
  )
  const wallet = lockAtMs === undefined ? [] : [[span(`wallet open ${formatAge(lockAtMs - nowMs)}`, 'warn')]]
  return joinFitting([...wallet, ...keys], width)
}

const titleLine = (title: string, width: number, hasFocus: boolean, right = ''): Line => {
  const room = width - widthOf(right) - (right === '' ? 0 : 2)
  const shown = cut(title, Math.max(1, room - 4))
  const rule = '─'.repeat(Math.max(0, room - widthOf(shown) - 4))
  return fitLine(
    line(
      span('─ ', 'dim'),
      span(shown, hasFocus ? 'accent' : 'plain'),
      span(` ${rule}─`, 'dim'),
      ...(right === '' ? [] : [span(` ${right} `, 'warn')]),
    ),
    width,
  )
}

const listTitle = (view: ListView, state: State): string => {
  const { listing } = showList(view, state, 1)
  const filter = state.ui.filters[view.id] ?? ''
  const isCut = view.id === 'contracts' && state.model.hasMoreContracts
  return `${VIEW_TITLES[view.id]} ${formatInteger(BigInt(listing.count))}${isCut ? ' of more: ":" and an address' : ''}${filter === '' ? '' : `  /${filter}`}`
}

const detailTitle = (view: ListView): string =>
  view.id === 'logs' ? 'Line' : VIEW_TITLES[view.id].replace(/s$/, '')

/** What the detail shows: the selected row's, or a block of history that was stepped to. */
export const detailLines = (
  view: ListView,
  state: State,
  size: PanelSize,
  listHeight: number,
): readonly Line[] => {
  const { listing, index } = showList(view, state, Math.max(1, listHeight - 1))
  if (index < 0) return [line(span('nothing is selected', 'dim'))]
  return listing.at(index).detail(size.width, state)
}

const panelLines = (state: State, layout: Extract<Layout, { kind: 'panels' }>, view: ListView): Line[] => {
  const { ui } = state
  const { list, detail, arrangement } = layout
  const unseen = newSince(view, state)
  const tail = unseen > 0 ? `↓ ${formatInteger(BigInt(unseen))} new` : ''
  const pinned = ui.pinnedHeight
  const drawnList = (): Line[] => [
    titleLine(listTitle(view, state), list.width, ui.focus === 'list', tail),
    ...drawList(view, state, list.width, list.height, ui.focus === 'list'),
  ]
  const drawnDetail = (): Line[] => {
    const isPinned = pinned !== undefined && view.id === 'blocks'
    const all = isPinned
      ? pinnedLines(state, pinned, detail.width)
      : detailLines(view, state, detail, list.height)
    const top = Math.min(ui.detailTop, Math.max(0, all.length - detail.height))
    const below = all.length - top - detail.height
    return [
      titleLine(
        isPinned ? `Block ${formatInteger(pinned)}, history` : detailTitle(view),
        detail.width,
        ui.focus === 'detail',
        below > 0 ? `${below} more` : '',
      ),
      ...fitLines(all.slice(top), detail.width, detail.height),
    ]
  }
  switch (arrangement) {
    case 'beside':
      return beside(drawnList(), drawnDetail())
    case 'stacked':
      return [...drawnList(), ...drawnDetail()]
    case 'single':
      return list.width > 0 ? drawnList() : drawnDetail()
  }
}

const pinnedLines = ({ model }: State, height: bigint, width: number): Line[] => {
  const head = formatInteger(headHeight(model))
  const what = wrap(
    `This is the block as it was made. Contracts, validators, peers and all that is above are of the head, block ${head}: no node answers for the state of a block of the past.`,
    width,
  ).map(text => line(span(text, 'warn')))
  const loaded = model.loaded.get(`history:${height}`)
  if (loaded === undefined) return [line(span('… asking', 'dim'))]
  if (loaded.kind === 'error') return [line(span(`! ${loaded.message}`, 'warn'))]
  return [...what, EMPTY, ...loaded.lines.map(text => line(text))]
}

const pageLines = (state: State, width: number, height: number): Line[] => {
  const all = state.ui.view === 'mine' ? mineLines(state, width) : overviewLines(state, width, height)
  const top = Math.min(state.ui.detailTop, Math.max(0, all.length - height))
  return fitLines(all.slice(top), width, height)
}

/** In the middle of what is below it. */
const overlay = (
  under: readonly Line[],
  lines: readonly Line[],
  width: number,
  title: string,
  top: number,
): Line[] => {
  const inner = Math.min(width - 4, Math.max(44, ...lines.map(lineWidth)))
  const height = Math.min(under.length - 2, lines.length)
  const from = Math.min(top, Math.max(0, lines.length - height))
  const shown = fitLines(lines.slice(from, from + height), inner, height)
  const left = Math.max(0, Math.floor((width - inner - 4) / 2))
  const edge = (text: string): Line => line(span(text, 'accent'))
  const rule = cut(` ${title} `, inner)
  const below = lines.length - from - height
  const foot = below > 0 ? ` ${below} more ` : ''
  const box = [
    edge(`┌─${padRule(rule, inner)}─┐`),
    ...shown.map(each => ({
      spans: [
        span('│ ', 'accent'),
        ...each.spans.map(part => (each.mark === undefined ? part : { ...part, mark: each.mark })),
        span(' │', 'accent'),
      ],
    })),
    edge(`└─${padRule(foot, inner)}─┘`),
  ]
  const start = Math.max(0, Math.floor((under.length - box.length) / 2))
  return under.map((each, i) => {
    const over = box[i - start]
    if (over === undefined) return each
    return fitLine({ spans: [span(' '.repeat(left)), ...over.spans] }, width)
  })
}
const padRule = (text: string, width: number): string => text + '─'.repeat(Math.max(0, width - widthOf(text)))

const statusLine = (state: State, width: number): Line => {
  const found = worst(findings(state))
  if (found === undefined) return EMPTY
  return line(span(cut(`${SYMBOL[found.style]} ${found.text}`, width), found.style))
}

export const drawFrame = (state: State): Line[] => {
  const layout = layoutFor(state)
  const { width, height } = layout
  if (layout.kind === 'status') return [fitLine(statusLine(state, width), width)]
  const view = listViewOf(state.ui.view)
  const lines = ((): Line[] => {
    if (layout.kind === 'small') {
      const chain = headerLine(state, width)
      return [fitLine(chain, width), ...fitLines(smallOverview(state, width, height - 1), width, height - 1)]
    }
    const body =
      view === undefined
        ? pageLines(state, width, height - 3)
        : panelLines(state, layout, view).map(each => fitLine(each, width))
    return [
      headerLine(state, width),
      tabLine(state, width),
      ...body,
      footLine(state, width, view !== undefined),
    ].map(each => fitLine(each, width))
  })()
  if (state.ui.form !== undefined)
    return overlay(lines, formLines(state, Math.min(76, width - 6)), width, 'Esc closes', 0)
  if (state.ui.isHelpOpen)
    return overlay(
      lines,
      helpLines(keyContext(state, view !== undefined)),
      width,
      'Keys; Esc closes',
      state.ui.helpTop,
    )
  return lines
}
