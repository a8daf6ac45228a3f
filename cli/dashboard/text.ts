/** Lines of styled text, as wide as they are on a terminal. Pure. */
import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'

/** What a text means; theme.ts says how that looks. */
export type Style = 'plain' | 'dim' | 'bold' | 'good' | 'warn' | 'bad' | 'accent'

export interface Span {
  readonly text: string
  readonly style: Style
}

export interface Line {
  readonly spans: readonly Span[]
  /** The row that keys act on; `dim`: it would, if its panel had the focus. */
  readonly mark?: 'selected' | 'dim' | undefined
}

const ELLIPSIS = '…'
/** Letters and the signs that frames are made of: one column each, and nothing that steers. */
const PRINTABLE = /^[\x20-\x7e…·–’“”×←-↓─-╿▀-▟✓✗▸●]*$/
const CONTROL = /\p{Cc}|\p{Cf}/gu

/** In columns: a Chinese character takes two. */
export const widthOf = (text: string): number => (PRINTABLE.test(text) ? text.length : stringWidth(text))

/** What a contract, a peer or a log has said, as one line that steers no terminal. */
export const harmlessLine = (text: string): string =>
  PRINTABLE.test(text)
    ? text
    : stripVTControlCharacters(text)
        .replaceAll('\t', '  ')
        .replaceAll(/\s*\n\s*/g, ' ')
        .replaceAll(CONTROL, '·')

/** The first columns of it, with `…` if there was more. */
export const cut = (text: string, width: number): string => {
  if (width <= 0) return ''
  if (widthOf(text) <= width) return text
  if (PRINTABLE.test(text)) return `${text.slice(0, width - 1)}${ELLIPSIS}`
  let kept = ''
  let used = 0
  for (const char of text) {
    const next = widthOf(char)
    if (used + next > width - 1) break
    kept += char
    used += next
  }
  return `${kept}${ELLIPSIS}`
}

export const padEnd = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - widthOf(text)))
export const padStart = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - widthOf(text))) + text

export const span = (text: string, style: Style = 'plain'): Span => ({ text: harmlessLine(text), style })

/** Strings are plain. */
export const line = (...parts: readonly (string | Span)[]): Line => ({
  spans: parts.map(part => (typeof part === 'string' ? span(part) : part)),
})

export const EMPTY: Line = { spans: [] }

export const lineWidth = ({ spans }: Line): number => spans.reduce((sum, { text }) => sum + widthOf(text), 0)

/** Exactly `width` columns. */
export const fitLine = (given: Line, width: number): Line => {
  const spans: Span[] = []
  let left = width
  for (const [i, each] of given.spans.entries()) {
    if (left <= 0) break
    const { text } = each
    const isMore = given.spans.slice(i + 1).some(next => next.text !== '')
    const wide = widthOf(text)
    const shown =
      wide > left || (wide === left && isMore)
        ? cut(`${text}${isMore && wide === left ? ' ' : ''}`, left)
        : text
    // With the mark that a panel beside another has left on it.
    spans.push({ ...each, text: shown })
    left -= widthOf(shown)
  }
  if (left > 0) spans.push({ text: ' '.repeat(left), style: 'plain' })
  return { ...given, spans }
}

/** Exactly so many lines of that width. */
export const fitLines = (lines: readonly Line[], width: number, height: number): Line[] =>
  Array.from({ length: Math.max(0, height) }, (_, i) => fitLine(lines[i] ?? EMPTY, width))

/** Words on lines of at most `width` columns; a longer word is cut into pieces. */
export const wrap = (text: string, columns: number): string[] => {
  const width = Math.max(1, columns)
  const lines: string[] = []
  let current = ''
  for (const word of harmlessLine(text).split(' ')) {
    let rest = word
    for (; widthOf(rest) > width; rest = rest.slice(width)) {
      if (current !== '') lines.push(current)
      current = ''
      lines.push(rest.slice(0, width))
    }
    const joined = current === '' ? rest : `${current} ${rest}`
    if (widthOf(joined) <= width) current = joined
    else {
      lines.push(current)
      current = rest
    }
  }
  return [...lines, current]
}

/** Side by side, with a rule between them. Both have as many lines, each as wide as the others of its side. */
export const beside = (left: readonly Line[], right: readonly Line[], rule = '│ '): Line[] =>
  left.map((each, i) => {
    const other = right[i] ?? EMPTY
    return { spans: [...markSpans(each), { text: rule, style: 'dim' }, ...markSpans(other)] }
  })

/** Joined lines keep each side's own mark: it becomes part of the spans. */
export interface MarkedSpan extends Span {
  readonly mark?: Line['mark']
}
const markSpans = ({ spans, mark }: Line): readonly MarkedSpan[] =>
  mark === undefined ? spans : spans.map(each => ({ ...each, mark }))
