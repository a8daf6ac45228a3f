/**
 * How styles look: the terminal's own foreground and background, and the 16 ANSI colours, which its owner has chosen to
 * be readable on it. Nothing is said by a colour alone: a symbol stands beside it. Pure.
 */
import type { Line, MarkedSpan, Style } from './text.ts'
import { widthOf } from './text.ts'

export interface Theme {
  readonly hasColour: boolean
  /** Nothing but ASCII. */
  readonly isAscii: boolean
}

const ESCAPE = '\u001b['
const CODES: Readonly<Record<Style, string>> = {
  plain: '',
  dim: '2',
  bold: '1',
  good: '32',
  warn: '33',
  bad: '31',
  accent: '36',
}
/** Without colours the weight of the letters is left. */
const COLOURLESS: Readonly<Record<Style, string>> = { ...CODES, good: '', warn: '1', bad: '1', accent: '' }
const INVERSE = '7'
const UNDERLINE = '4'

const ASCII: Readonly<Record<string, string>> = {
  '✓': '+',
  '✗': 'x',
  '…': '~',
  '│': '|',
  '├': '|',
  '└': '`',
  '─': '-',
  '·': '.',
  '→': '>',
  '↓': 'v',
  '↑': '^',
  '’': "'",
  '“': '"',
  '”': '"',
  '×': 'x',
  '▁': '_',
  '▂': '.',
  '▃': '-',
  '▄': ':',
  '▅': '=',
  '▆': '+',
  '▇': '*',
  '█': '#',
  '▸': '>',
  '●': 'o',
}

/** As wide as before. */
export const toAscii = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text)
    ? text
    : Array.from(text, char => (char <= '~' ? char : (ASCII[char] ?? '?'.repeat(widthOf(char))))).join('')

const paintSpan = ({ text, style, mark }: MarkedSpan, theme: Theme, lineMark: Line['mark']): string => {
  const shown = theme.isAscii ? toAscii(text) : text
  const marked = mark ?? lineMark
  const codes = [(theme.hasColour ? CODES : COLOURLESS)[style]]
  if (marked === 'selected') codes.push(INVERSE)
  if (marked === 'dim') codes.push(UNDERLINE)
  const set = codes.filter(Boolean).join(';')
  return set === '' || shown === '' ? shown : `${ESCAPE}${set}m${shown}${ESCAPE}0m`
}

/** Without the spaces at its end: whoever draws looks at every character, and the terminal has them anyway. */
export const paintLine = ({ spans, mark }: Line, theme: Theme): string =>
  spans
    .map(each => paintSpan(each, theme, mark))
    .join('')
    .trimEnd()

interface Environment {
  readonly [name: string]: string | undefined
}

/** NO_COLOR wins over FORCE_COLOR, as everywhere in Vex; a terminal without UTF-8 gets ASCII. */
export const themeOf = (environment: Environment, options: { readonly ascii?: true | undefined }): Theme => {
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || ''
  const isForced = !['', '0', 'false', undefined].includes(environment['FORCE_COLOR'])
  return {
    hasColour: (environment['NO_COLOR'] ?? '') === '' && (isForced || environment['FORCE_COLOR'] !== '0'),
    isAscii: options.ascii === true || environment['TERM'] === 'linux' || !/utf-?8/i.test(locale),
  }
}
