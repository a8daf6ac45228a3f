/**
 * A picture of a screen: what `tmux capture-pane -e -p` prints, as SVG, for the README.
 *
 *   tmux capture-pane -e -p -t vex | node cli/dashboard/capture-to-svg.ts 'the overview' > overview.svg
 *
 * The terminal's own colours are those of whoever looks: dark on light and light on dark, by the reader's setting.
 */
import { readFileSync } from 'node:fs'
import { widthOf } from './text.ts'

const CELL = { width: 8.4, height: 18 }
const MARGIN = 12
const COLOURS: Readonly<Record<string, string>> = { '31': 'bad', '32': 'good', '33': 'warn', '36': 'accent' }

interface Run {
  readonly text: string
  readonly column: number
  readonly classes: readonly string[]
}

const ESCAPE = '\u001b'
const SGR = new RegExp(`${ESCAPE}\\[([\\d;]*)m`, 'g')

const applied = (classes: ReadonlySet<string>, codes: readonly string[]): Set<string> => {
  const next = new Set(classes)
  const colours = Object.values(COLOURS)
  for (const code of codes) {
    const colour = COLOURS[code]
    if (code === '' || code === '0') next.clear()
    else if (code === '1') next.add('bold')
    else if (code === '2') next.add('dim')
    else if (code === '4') next.add('under')
    else if (code === '7') next.add('inverse')
    else if (code === '22') for (const each of ['bold', 'dim']) next.delete(each)
    else if (code === '27') next.delete('inverse')
    else if (code === '39') for (const each of colours) next.delete(each)
    else if (colour !== undefined) {
      for (const each of colours) next.delete(each)
      next.add(colour)
    }
  }
  return next
}

/** The runs of one line that look the same. What is set goes on in the next line, as on a terminal. */
const runsOf = (line: string, start: ReadonlySet<string>): { runs: Run[]; end: Set<string> } => {
  const runs: Run[] = []
  let classes = new Set(start)
  let column = 0
  let at = 0
  const push = (text: string): void => {
    if (text !== '') runs.push({ text, column, classes: [...classes] })
    column += widthOf(text)
  }
  for (const match of line.matchAll(SGR)) {
    push(line.slice(at, match.index))
    classes = applied(classes, (match[1] ?? '').split(';'))
    at = match.index + match[0].length
  }
  push(line.slice(at))
  return { runs, end: classes }
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const STYLE = `
  .back { fill: #fdfdfb } text { fill: #24292e; font: 14px/18px ui-monospace, Menlo, Consolas, monospace; white-space: pre }
  .bold { font-weight: 600 } .dim { opacity: .6 } .under { text-decoration: underline }
  .good { fill: #1a7f37 } .warn { fill: #9a6700 } .bad { fill: #cf222e } .accent { fill: #0b7285 }
  .mark { fill: #24292e } .inverse { fill: #fdfdfb }
  @media (prefers-color-scheme: dark) {
    .back { fill: #16181d } text { fill: #d4d7dc } .mark { fill: #d4d7dc } .inverse { fill: #16181d }
    .good { fill: #4ac26b } .warn { fill: #d4a72c } .bad { fill: #ff7b72 } .accent { fill: #56c8d8 }
  }`

export const captureToSvg = (capture: string, title: string): string => {
  const lines = capture.replace(/\n+$/, '').split('\n')
  let classes: ReadonlySet<string> = new Set()
  let columns = 0
  const drawn = lines.flatMap((line, row) => {
    const { runs, end } = runsOf(line, classes)
    classes = end
    const y = MARGIN + row * CELL.height
    return runs.map(({ text, column, classes: names }) => {
      const width = widthOf(text)
      columns = Math.max(columns, column + width)
      const x = MARGIN + column * CELL.width
      const isInverse = names.includes('inverse')
      const box = isInverse
        ? `<rect class="mark" x="${x.toFixed(1)}" y="${y}" width="${(width * CELL.width).toFixed(1)}" height="${CELL.height}"/>`
        : ''
      const bare = text.trim()
      if (bare === '') return box
      // Spaces at the ends are drawn by nobody, and moved by some.
      const left = x + (text.length - text.trimStart().length) * CELL.width
      const shown = isInverse ? ['inverse', ...names.filter(name => name === 'bold')] : names
      return `${box}<text x="${left.toFixed(1)}" y="${y + 13}" textLength="${(widthOf(bare) * CELL.width).toFixed(1)}"${shown.length === 0 ? '' : ` class="${shown.join(' ')}"`}>${escaped(bare)}</text>`
    })
  })
  const width = Math.ceil(2 * MARGIN + columns * CELL.width)
  const height = 2 * MARGIN + lines.length * CELL.height
  return `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
<title>${escaped(title)}</title>
<style>${STYLE}
</style>
<rect class="back" width="${width}" height="${height}" rx="8"/>
${drawn.filter(text => text !== '').join('\n')}
</svg>
`
}

if (import.meta.main)
  process.stdout.write(captureToSvg(readFileSync(0, 'utf8'), process.argv[2] ?? 'vex dashboard'))
