/**
 * Text in a width: the terminal's, or any where there is none, so that a pipe or a file gets everything. Nothing here
 * ever leaves it to the terminal to break a line.
 */
import { stripVTControlCharacters } from 'node:util'

/** Narrower, nothing can be shown. */
const MIN_COLUMNS = 20
const ELLIPSIS = '…'

export const columnsOf = ({ isTTY, columns }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): number =>
  isTTY && columns > 0 ? Math.max(columns, MIN_COLUMNS) : Number.POSITIVE_INFINITY

const segmenter = new Intl.Segmenter()

/** As people count them, without what sets colours. */
const charactersOf = (text: string): string[] =>
  Array.from(segmenter.segment(stripVTControlCharacters(text)), ({ segment }) => segment)

const PLAIN = /^[ -~]*$/

export const widthOf = (text: string): number => (PLAIN.test(text) ? text.length : charactersOf(text).length)

export const padTo = (text: string, width: number, side: 'left' | 'right' = 'left'): string => {
  const blank = ' '.repeat(Math.max(0, width - widthOf(text)))
  return side === 'left' ? text + blank : blank + text
}

/** Begin and end stay: `vex1qqqs…hdz9mw`. Loses its colours where it loses characters. */
export const shorten = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text
  const characters = charactersOf(text)
  const kept = Math.max(width - 1, 1)
  const end = Math.floor(kept / 2)
  return [...characters.slice(0, kept - end), ELLIPSIS, ...characters.slice(characters.length - end)].join('')
}

/** Broken between words; a word that is longer than a line is shortened. */
const fill = (text: string, width: number): string[] => {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').map(each => shorten(each, width))) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

const INDENT = 4

/**
 * `label` and what stands beside it. Where it does not fit it goes on under itself; a word such as a hash, too long for that,
 * stands on lines of its own, and is shortened only where those are too narrow as well.
 */
export const layOut = (label: string, value: string, columns: number): string => {
  const start = widthOf(label)
  if (start + widthOf(value) <= columns) return label + value
  const longest = Math.max(...value.split(' ').map(widthOf))
  const isBeside = longest <= columns - start
  const indent = isBeside ? start : INDENT
  const [first = '', ...rest] = fill(value, columns - indent).map(line => ' '.repeat(indent) + line)
  return (isBeside ? [label + first.slice(indent), ...rest] : [label.trimEnd(), first, ...rest]).join('\n')
}
