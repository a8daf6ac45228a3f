/**
 * Where a command's words go.
 *
 * - stdout holds results and nothing else: text for people, or with `--json` one JSON document a line;
 * - stderr holds notices (people only) and the error, with `--json` as one line `{"error":{code,message,…}}`.
 *
 * Amounts, gas and heights in JSON are decimal strings, as in the API. What a contract or a peer has said cannot steer
 * the terminal: see {@link harmless}.
 */
import { alarm } from './terminal/colour.ts'
import { columnsOf, wrap } from './terminal/layout.ts'
import { clearProgress } from './terminal/progress.ts'

export interface Output {
  readonly isJson: boolean
  /** Results and errors, nothing around them. */
  readonly isQuiet: boolean
  /** One result. `text` is only called for people. */
  result(json: unknown, text: () => string): void
  /** A result that only programs can use. */
  record(json: unknown): void
  /** Words around the results, for people only, on stdout. */
  say(text: string): void
  /** Progress and warnings, for people only, on stderr. */
  notice(text: string): void
}

const ESCAPE = '\u001b'
/** A colour, which is all that this program writes; or any other control character but a line break and a tab. */
const CONTROL = new RegExp(`${ESCAPE}\\[(?:\\d{1,2}(?:;\\d{1,2})*)?m|[^\\P{Cc}\\n\\t]`, 'gu')

const spelled = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Text that moves no cursor, clears no screen and sets no title: such characters are shown as `\u001b`. */
export const harmless = (text: string): string =>
  text.replaceAll(CONTROL, found => (found.length > 1 ? found : spelled(found)))

const jsonLine = (value: unknown): string =>
  `${JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner))}\n`

const fitting = (text: string, stream: NodeJS.WriteStream): string => wrap(harmless(text), columnsOf(stream))

export interface OutputOptions {
  readonly json?: boolean | undefined
  readonly quiet?: boolean | undefined
}

export const createOutput = ({ json: isJson = false, quiet: isQuiet = false }: OutputOptions): Output => {
  const write = (stream: NodeJS.WriteStream, text: string): void => {
    clearProgress()
    stream.write(text)
  }
  const isForPeople = !isJson && !isQuiet
  return {
    isJson,
    isQuiet,
    result(json, text) {
      write(process.stdout, isJson ? jsonLine(json) : `${harmless(text())}\n`)
    },
    record(json) {
      if (isJson) write(process.stdout, jsonLine(json))
    },
    say(text) {
      if (isForPeople) write(process.stdout, `${fitting(text, process.stdout)}\n`)
    },
    notice(text) {
      if (isForPeople) write(process.stderr, `${fitting(text, process.stderr)}\n`)
    },
  }
}

export interface Failure {
  readonly code: string
  readonly message: string
  /** Further fields of the JSON form. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
  /** For people, under the message. */
  readonly lines?: readonly string[] | undefined
}

export const writeFailure = ({ code, message, details, lines = [] }: Failure, isJson: boolean): void => {
  clearProgress()
  if (isJson) {
    process.stderr.write(jsonLine({ error: { code, message, ...details } }))
    return
  }
  const label = alarm('error:', process.stderr)
  const text = [wrap(`${label} ${message}`, columnsOf(process.stderr)), ...lines].join('\n')
  process.stderr.write(`${harmless(text)}\n`)
}
