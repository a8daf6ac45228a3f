/** From the terminal's size to what stands where. Pure. */
export type Layout =
  /** No room for more than a sentence. */
  | { readonly kind: 'status'; readonly width: number; readonly height: number }
  /** The overview alone, without panels. */
  | { readonly kind: 'small'; readonly width: number; readonly height: number }
  | {
      readonly kind: 'panels'
      readonly width: number
      readonly height: number
      readonly arrangement: 'beside' | 'stacked' | 'single'
      readonly list: PanelSize
      readonly detail: PanelSize
    }

export interface PanelSize {
  readonly width: number
  /** Without its title. */
  readonly height: number
}

const STATUS = { columns: 20, rows: 6 }
const SMALL = { columns: 60, rows: 15 }
/** From here on panels stand beside each other. */
const BESIDE_COLUMNS = 84
const STACKED_ROWS = 20
/** Two for the header, one for the keys. */
const FRAME_ROWS = 3
const TITLE_ROWS = 1
/** The line between two panels, with a space. */
const RULE = 2
/** A list needs no more, however wide the terminal is. */
const MAX_LIST_SHARE = 0.45
const MIN_LIST = 46

export const layoutOf = (
  { columns, rows }: { readonly columns: number; readonly rows: number },
  { isZoomed, focus, hasDetail }: { isZoomed: boolean; focus: 'list' | 'detail'; hasDetail: boolean },
): Layout => {
  const width = Math.max(1, columns)
  // A frame as high as the terminal makes it scroll, and flicker.
  const height = Math.max(1, rows - 1)
  if (columns < STATUS.columns || rows < STATUS.rows) return { kind: 'status', width, height: 1 }
  if (columns < SMALL.columns || rows < SMALL.rows) return { kind: 'small', width, height }
  const body = height - FRAME_ROWS
  const whole = { width, height: body - TITLE_ROWS }
  const none = { width: 0, height: 0 }
  const frame = { kind: 'panels' as const, width, height }
  const single = (isDetail: boolean): Layout => ({
    ...frame,
    arrangement: 'single',
    list: isDetail ? none : whole,
    detail: isDetail ? whole : none,
  })
  if (!hasDetail) return single(false)
  if (isZoomed) return single(focus === 'detail')
  if (columns >= BESIDE_COLUMNS) {
    const list = Math.max(MIN_LIST, Math.floor((width - RULE) * MAX_LIST_SHARE))
    return {
      ...frame,
      arrangement: 'beside',
      list: { width: list, height: whole.height },
      detail: { width: width - RULE - list, height: whole.height },
    }
  }
  if (rows < STACKED_ROWS) return single(focus === 'detail')
  const upper = Math.ceil(body / 2)
  return {
    ...frame,
    arrangement: 'stacked',
    list: { width, height: upper - TITLE_ROWS },
    detail: { width, height: body - upper - TITLE_ROWS },
  }
}

/** What is left out first where there is no room. */
export interface ColumnSize {
  readonly width: number
  /** Takes what is left; `width` is then the least. */
  readonly isWide?: boolean
  /** 1 stays longest. */
  readonly priority: number
}

const GAP = 2

/** Which columns are shown, and how wide; the others are 0. */
export const columnWidths = (columns: readonly ColumnSize[], width: number): number[] => {
  const shown = new Set(columns.keys())
  const needed = (): number =>
    [...shown].reduce((sum, i) => sum + (columns[i]?.width ?? 0), 0) + GAP * Math.max(0, shown.size - 1)
  while (needed() > width && shown.size > 1) {
    let least = -1
    for (const i of shown)
      if (least < 0 || (columns[i]?.priority ?? 0) >= (columns[least]?.priority ?? 0)) least = i
    shown.delete(least)
  }
  const spare = width - needed()
  const wide = [...shown].find(i => columns[i]?.isWide) ?? -1
  return columns.map((column, i) => {
    if (!shown.has(i)) return 0
    return Math.min(width, column.width + (i === wide ? Math.max(0, spare) : 0))
  })
}

/** What of a list is on the screen: `index` is, and `top` is left as it is if it can be. */
export const windowOf = (count: number, index: number, top: number, height: number): number => {
  const lowest = Math.max(0, count - height)
  const wanted = Math.min(Math.max(top, index - height + 1), index)
  return Math.min(Math.max(0, wanted), lowest)
}
