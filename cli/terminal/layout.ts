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

const PLAIN = /^[ -~]*$/

/** Made when a text needs it: it takes 17 ms. */
let segmenter: Intl.Segmenter | undefined

/** As people count them, without what sets colours. */
const charactersOf = (text: string): string[] => {
  const bare = stripVTControlCharacters(text)
  if (PLAIN.test(bare)) return bare.split('')
  segmenter ??= new Intl.Segmenter()
  return Array.from(segmenter.segment(bare), ({ segment }) => segment)
}

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
  const [head, tail] = [characters.slice(0, kept - end), characters.slice(characters.length - end)]
  // It may have been shortened before.
  return [...head, ELLIPSIS, ...tail].join('').replace(/…{2,}/, ELLIPSIS)
}

/** Broken between words. */
const fill = (words: readonly string[], width: number): string[] => {
  const lines: string[] = []
  let line = ''
  for (const word of words) {
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
  const [first = '', ...rest] = fill(
    value.split(' ').map(word => shorten(word, columns - indent)),
    columns - indent,
  ).map(line => ' '.repeat(indent) + line)
  return (isBeside ? [label + first.slice(indent), ...rest] : [label.trimEnd(), first, ...rest]).join('\n')
}

/** Sentences: every line broken between words where it is too long, and indented as it was. Nothing is shortened. */
export const wrap = (text: string, columns: number): string =>
  columns === Number.POSITIVE_INFINITY
    ? text
    : text
        .split('\n')
        .map(line => {
          const [indent = ''] = /^ */.exec(line) ?? []
          if (widthOf(line) <= columns) return line
          return fill(line.trimStart().split(' '), columns - indent.length)
            .map(part => indent + part)
            .join('\n')
        })
        .join('\n')
