/** Tables: names with values, and columns under their heads. Both fit the terminal (layout.ts). */
import { paint } from './colour.ts'
import { columnsOf, layOut, padTo, shorten, widthOf } from './layout.ts'

/** `name  value` in two columns, under a title. */
export const showTable = (
  title: string,
  rows: readonly (readonly [name: string, value: string])[],
  columns = columnsOf(process.stdout),
): string => {
  const width = Math.max(0, ...rows.map(([name]) => name.length))
  return [
    layOut('', paint('bold', title), columns),
    ...rows.map(([name, value]) => layOut(`  ${paint('dim', name.padEnd(width))}  `, value, columns)),
  ].join('\n')
}

export interface GridColumn {
  readonly head: string
  readonly side?: 'left' | 'right'
  /** Where there is no room the highest number goes first; without one it stays. */
  readonly dropsAt?: number
  /** May be shortened in the middle, down to so many characters. */
  readonly least?: number
}

const GAP = 2

const totalOf = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, 0) + GAP * Math.max(0, widths.length - 1)

/**
 * Lines of the same columns, with a line of heads unless all are empty. In a narrow terminal first values are shortened
 * that may be, then columns dropped; what still does not fit is cut.
 */
export const showGrid = (
  grid: readonly GridColumn[],
  rows: readonly (readonly string[])[],
  columns = columnsOf(process.stdout),
): string => {
  const full = grid.map(({ head }, i) => Math.max(head.length, ...rows.map(row => widthOf(row[i] ?? ''))))
  const leastOf = (i: number): number => Math.min(full[i] ?? 0, grid[i]?.least ?? full[i] ?? 0)
  let shown = grid.map((_, i) => i)
  const priority = (i: number): number => grid[i]?.dropsAt ?? 0
  while (totalOf(shown.map(leastOf)) > columns) {
    const next = shown.reduce((worst, i) => (priority(i) > priority(worst) ? i : worst), shown[0] ?? 0)
    if (priority(next) === 0) break
    shown = shown.filter(i => i !== next)
  }
  let spare = columns - totalOf(shown.map(leastOf))
  const widths = new Map<number, number>()
  for (const i of shown) {
    const more = Math.max(0, Math.min(spare, (full[i] ?? 0) - leastOf(i)))
    spare -= more
    widths.set(i, leastOf(i) + more)
  }
  const line = (cells: readonly string[]): string =>
    shown
      .map(i => {
        const width = widths.get(i) ?? 0
        return padTo(shorten(cells[i] ?? '', width), width, grid[i]?.side)
      })
      .join(' '.repeat(GAP))
      .trimEnd()
  const heads = grid.map(({ head }) => head)
  return [...(heads.some(head => head !== '') ? [paint('dim', line(heads))] : []), ...rows.map(line)]
    .map(text => shorten(text, columns))
    .join('\n')
}
