/**
 * When there are colours, and which. NO_COLOR, TERM=dumb or a stream that is no terminal: none. FORCE_COLOR: always,
 * but never against NO_COLOR. What a colour means stands beside it as a sign, for those who do not see it: only
 * cyan, magenta, blue, bold and dim, which mean nothing by themselves, may stand alone.
 */
import { styleText } from 'node:util'

/** What means nothing by itself. */
export type Format = 'bold' | 'dim' | 'cyan' | 'magenta' | 'blue'

type Stream = Pick<NodeJS.WriteStream, 'isTTY'>
type Environment = Readonly<Record<string, string | undefined>>

const isSet = (value: string | undefined): boolean => value !== undefined && value !== ''

export const hasColour = (stream: Stream, environment: Environment = process.env): boolean => {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment
  if (isSet(NO_COLOR)) return false
  if (isSet(FORCE_COLOR)) return FORCE_COLOR !== '0'
  return stream.isTTY ? TERM !== 'dumb' : false
}

const style = (format: Parameters<typeof styleText>[0], text: string, stream: Stream): string =>
  hasColour(stream) ? styleText(format, text, { validateStream: false }) : text

export const paint = (format: Format, text: string, stream: Stream = process.stdout): string =>
  style(format, text, stream)

/** What a line says of its subject, with its colour. */
const SIGNS = {
  good: ['green', '✓'],
  bad: ['red', '✗'],
  refused: ['yellow', '✗'],
  warning: ['yellow', '!'],
  added: ['green', '+'],
} as const

export type Sign = keyof typeof SIGNS

/** The sign, and the words after it in its colour. */
export const mark = (sign: Sign, text = '', stream: Stream = process.stdout): string => {
  const [format, symbol] = SIGNS[sign]
  return style(format, text === '' ? symbol : `${symbol} ${text}`, stream)
}

/** Words that say what they mean: `error:`. */
export const alarm = (text: string, stream: Stream): string => style('red', text, stream)
