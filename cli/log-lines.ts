/** Lines of pino's log for people. What a peer has said in one cannot steer the terminal. */
import { pino } from 'pino'
import type { Failure } from '../node/diagnostics/failure.ts'
import { formatFailure } from '../node/diagnostics/format-failure.ts'
import { failureStyle } from './call-failure.ts'
import { harmless } from './output.ts'

interface LogLine {
  readonly level: number
  readonly msg: string
  readonly time: string
  readonly error?: { readonly message?: string }
  readonly failure?: Failure
}

const WARN = 40

const sentence = ({ msg, error }: LogLine): string =>
  error?.message === undefined ? msg : `${msg}: ${error.message}`

/** What it says, and why; of a failed call, where. */
export const logToText = (text: string): string => {
  const line = JSON.parse(text) as LogLine
  const head = `${line.level >= WARN ? 'warning' : 'node'}: ${sentence(line)}`
  return harmless([head, ...formatFailure(line.failure ?? [], failureStyle(process.stderr)), ''].join('\n'))
}

/** Of every line, or shown in another way. */
const OTHER_FIELDS: ReadonlySet<string> = new Set([
  'level',
  'time',
  'pid',
  'hostname',
  'msg',
  'error',
  'failure',
])

const showField = ([name, value]: readonly [string, unknown]): string =>
  `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`

/** The same with the time before it and the other fields after it. */
export const logToDatedText = (text: string): string => {
  const line = JSON.parse(text) as LogLine
  const fields = Object.entries(line).filter(([name]) => !OTHER_FIELDS.has(name))
  const head = [
    line.time,
    (pino.levels.labels[line.level] ?? '').padEnd(5),
    sentence(line),
    ...fields.map(showField),
  ]
  return harmless(
    [head.join('  '), ...formatFailure(line.failure ?? [], failureStyle(process.stdout)), ''].join('\n'),
  )
}
