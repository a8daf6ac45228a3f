/** What every list has in common: rows that are made when they are shown, a filter, and a place that stays. Pure. */
import type { ViewId } from '../keys.ts'
import { type ColumnSize, columnWidths, windowOf } from '../layout.ts'
import type { Model } from '../model.ts'
import type { Ring } from '../ring.ts'
import { type ListPlace, START_PLACE, type State } from '../state.ts'
import {
  cut,
  fitLine,
  harmlessLine,
  type Line,
  line,
  padEnd,
  padStart,
  type Span,
  type Style,
  widthOf,
} from '../text.ts'

export interface Column extends ColumnSize {
  readonly title: string
  readonly isRight?: boolean
}

export interface Item {
  readonly id: string
  cells(): readonly Span[]
  detail(width: number, state: State): readonly Line[]
  /** For `y`. */
  readonly value: string
  /** For `Y`: a command that shows the same. */
  readonly call: string
  /** What has to be asked for the detail. */
  readonly load?: { readonly kind: 'trace' | 'block' | 'contract'; readonly id: string }
}

export interface Listing {
  readonly count: number
  /** How many there have been since the start, of a tail. */
  readonly ever: number
  at(index: number): Item
  /** -1: not there (any more). */
  indexOf(id: string): number
}

export interface ListView {
  readonly id: ViewId
  readonly columns: readonly Column[]
  /** What is new comes at the end. */
  readonly isTail: boolean
  /** In a list that is empty. */
  readonly whenEmpty: string
  list(model: Model, filter: string): Listing
  /** Makes what a filter will look in, an item a step: done before the first letter, no letter has to wait for it. */
  readonly prepare?: (model: Model) => Iterator<void>
}

/** `!` inverts; letters of either case. */
export const matcher = (filter: string): ((text: string) => boolean) => {
  const isInverted = filter.startsWith('!')
  const wanted = (isInverted ? filter.slice(1) : filter).trim().toLowerCase()
  if (wanted === '') return () => true
  return text => text.toLowerCase().includes(wanted) !== isInverted
}

/** What a filter looks in, by the ABIs that it was decoded with, then by item: made anew for each letter it takes too long. */
const texts = new WeakMap<object, WeakMap<object, string>>()

const rememberedText = <T extends object>(
  abis: Model['abis'],
  textOf: (item: T) => string,
): ((item: T) => string) => {
  const known = texts.get(abis) ?? new WeakMap<object, string>()
  texts.set(abis, known)
  return item => {
    const text = known.get(item) ?? textOf(item).toLowerCase()
    known.set(item, text)
    return text
  }
}

export function* prepareTexts<T extends object>(
  { items }: Ring<T>,
  abis: Model['abis'],
  textOf: (item: T) => string,
): Generator<void> {
  const textFor = rememberedText(abis, textOf)
  for (const item of items) {
    textFor(item)
    yield
  }
}

/** The last answer for each array: most frames ask again about the same. */
const filtered = new WeakMap<
  readonly unknown[],
  { readonly filter: string; readonly abis: Model['abis']; readonly indexes: readonly number[] }
>()

const indexesOf = <T extends object>(
  items: readonly T[],
  filter: string,
  abis: Model['abis'],
  textOf: (item: T) => string,
): readonly number[] | undefined => {
  if (filter === '') return undefined
  const known = filtered.get(items)
  if (known?.filter === filter && known.abis === abis) return known.indexes
  const accepts = matcher(filter)
  const textFor = rememberedText(abis, textOf)
  const indexes: number[] = []
  for (const [i, item] of items.entries()) if (accepts(textFor(item))) indexes.push(i)
  filtered.set(items, { filter, abis, indexes })
  return indexes
}

export const listRing = <T extends object>(
  ring: Ring<T>,
  filter: string,
  abis: Model['abis'],
  textOf: (item: T) => string,
  toItem: (item: T, id: string) => Item,
): Listing => {
  const { items, first } = ring
  const indexes = indexesOf(items, filter, abis, textOf)
  const count = indexes?.length ?? items.length
  return {
    count,
    ever: first + items.length,
    at(index) {
      const at = indexes === undefined ? index : (indexes[index] ?? 0)
      return toItem(items[at] as T, String(first + at))
    },
    indexOf(id) {
      const at = Number(id) - first
      if (at < 0 || at >= items.length) return -1
      return indexes === undefined ? at : indexes.indexOf(at)
    },
  }
}

export const listAll = <T>(
  all: readonly T[],
  filter: string,
  textOf: (item: T) => string,
  idOf: (item: T) => string,
  toItem: (item: T) => Item,
): Listing => {
  const accepts = matcher(filter)
  const items = filter === '' ? all : all.filter(item => accepts(textOf(item)))
  return {
    count: items.length,
    ever: items.length,
    at: index => toItem(items[index] as T),
    indexOf: id => items.findIndex(item => idOf(item) === id),
  }
}

export interface Shown {
  readonly listing: Listing
  /** The selected row; -1 in an empty list. */
  readonly index: number
  readonly top: number
}

export const placeOf = ({ ui }: State, view: ViewId): ListPlace => ui.places[view] ?? START_PLACE

/** Which rows are on the screen, for a place that was left at some time. */
export const showList = (view: ListView, state: State, height: number): Shown => {
  const listing = view.list(state.model, state.ui.filters[view.id] ?? '')
  const { count } = listing
  if (count === 0) return { listing, index: -1, top: 0 }
  const place = placeOf(state, view.id)
  if (view.isTail && place.isFollowing)
    return { listing, index: count - 1, top: windowOf(count, count - 1, count, height) }
  const found = place.selected === undefined ? 0 : listing.indexOf(place.selected)
  // Gone: of a tail the oldest have, of another list it was one among others.
  const index = found >= 0 ? found : view.isTail ? 0 : Math.min(place.index, count - 1)
  const top = place.top === undefined ? 0 : Math.max(0, listing.indexOf(place.top))
  return { listing, index, top: windowOf(count, index, top, height) }
}

/** The place after a step. At the end of a tail it follows. */
export const moveTo = (view: ListView, state: State, height: number, wanted: number): ListPlace => {
  const { listing, top } = showList(view, state, height)
  const { count } = listing
  if (count === 0) return START_PLACE
  const index = Math.min(Math.max(0, wanted), count - 1)
  const before = placeOf(state, view.id)
  const newTop = windowOf(count, index, top, height)
  return {
    isFollowing: view.isTail && index === count - 1,
    selected: listing.at(index).id,
    top: listing.at(newTop).id,
    index,
    seen: before.isFollowing || !view.isTail ? listing.ever : before.seen,
  }
}

const GAP = '  '

const tableLine = (cells: readonly Span[], columns: readonly Column[], widths: readonly number[]): Line => {
  const spans: Span[] = []
  for (const [i, { text, style }] of cells.entries()) {
    const width = widths[i] ?? 0
    if (width === 0) continue
    const shown = cut(harmlessLine(text), width)
    if (spans.length > 0) spans.push({ text: GAP, style: 'plain' })
    spans.push({ text: columns[i]?.isRight === true ? padStart(shown, width) : padEnd(shown, width), style })
  }
  return { spans }
}

/** Exactly `height` lines: the titles of the columns, and the rows that have room. */
export const drawList = (
  view: ListView,
  state: State,
  width: number,
  height: number,
  hasFocus: boolean,
): Line[] => {
  const rows = height - 1
  const { listing, index, top } = showList(view, state, rows)
  const widths = columnWidths(view.columns, width)
  const header = tableLine(
    view.columns.map(({ title }) => ({ text: title, style: 'dim' as Style })),
    view.columns,
    widths,
  )
  const lines: Line[] = [fitLine(header, width)]
  for (let at = top; at < Math.min(listing.count, top + rows); at++) {
    const drawn = fitLine(tableLine(listing.at(at).cells(), view.columns, widths), width)
    lines.push(at === index ? { ...drawn, mark: hasFocus ? 'selected' : 'dim' } : drawn)
  }
  const filter = state.ui.filters[view.id] ?? ''
  if (listing.count === 0) {
    const why = filter === '' ? view.whenEmpty : `nothing matches "${filter}"; / and Esc take the filter away`
    lines.push(fitLine(line({ text: why, style: 'dim' }), width))
  }
  while (lines.length < height) lines.push(fitLine(line(''), width))
  return lines.slice(0, height)
}

/** How many came since the tail was left, if it was. */
export const newSince = (view: ListView, state: State): number => {
  const place = placeOf(state, view.id)
  if (!view.isTail || place.isFollowing) return 0
  const listing = view.list(state.model, state.ui.filters[view.id] ?? '')
  if ((state.ui.filters[view.id] ?? '') === '') return listing.ever - place.seen
  let count = 0
  for (let at = listing.count - 1; at >= 0 && Number(listing.at(at).id) >= place.seen; at--) count++
  return count
}

const NAME_WIDTH = 12

/** `name  value`, a long value on several lines. */
export const pairs = (
  rows: readonly (readonly [name: string, value: string, style?: Style])[],
  width: number,
): Line[] => {
  const nameWidth = Math.max(NAME_WIDTH, ...rows.map(([name]) => widthOf(name) + 1))
  const room = Math.max(8, width - nameWidth)
  return rows.flatMap(([name, value, style = 'plain']) => {
    const pieces = breakUp(harmlessLine(value), room)
    return pieces.map((piece, i) =>
      line({ text: padEnd(i === 0 ? name : '', nameWidth), style: 'dim' }, { text: piece, style }),
    )
  })
}

const breakUp = (text: string, width: number): string[] => {
  if (widthOf(text) <= width) return [text]
  const pieces: string[] = []
  let rest = text
  while (widthOf(rest) > width) {
    const space = rest.lastIndexOf(' ', width)
    const at = space > width / 2 ? space : width
    pieces.push(rest.slice(0, at))
    rest = rest.slice(at).trimStart()
  }
  return [...pieces, rest]
}
