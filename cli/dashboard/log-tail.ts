/** The end of a log file, and what is added to it: lines of pino's JSON, or of anything. A file that shrinks begins anew. */
import { open, stat } from 'node:fs/promises'
import { pino } from 'pino'
import { stripVTControlCharacters } from 'node:util'
import type { LogRow } from './model.ts'

const LOOK_MS = 250
/** Of a file that is there already, and of one look. */
const MAX_BYTES = 256 * 1024
const WARN = 40
const ERROR = 50
const INFO = 30

const levelOf = (level: number): LogRow['level'] =>
  level >= ERROR ? 'error' : level >= WARN ? 'warn' : level >= INFO ? 'info' : 'debug'

const OTHER: ReadonlySet<string> = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'error', 'failure'])

/** A line of the log as a row; `nowMs` dates what has no time. */
export const parseLogLine = (text: string, nowMs: number): LogRow | undefined => {
  const plain = stripVTControlCharacters(text).trimEnd()
  if (plain === '') return undefined
  if (plain.startsWith('{')) {
    try {
      const parsed = JSON.parse(plain) as {
        level?: number
        time?: string | number
        msg?: string
        error?: { message?: string }
      }
      const time = new Date(parsed.time ?? nowMs).getTime()
      const fields = Object.entries(parsed)
        .filter(([name]) => !OTHER.has(name))
        .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
      const why = parsed.error?.message === undefined ? [] : [parsed.error.message]
      return {
        timeMs: Number.isNaN(time) ? nowMs : time,
        level: levelOf(parsed.level ?? pino.levels.values['info'] ?? INFO),
        text: [[parsed.msg ?? '', ...why].join(': '), ...fields].join('  '),
        source: 'log',
      }
    } catch {
      // No JSON after all.
    }
  }
  const level = /^(warning|error):/.exec(plain)?.[1]
  return {
    timeMs: nowMs,
    level: level === 'warning' ? 'warn' : level === 'error' ? 'error' : 'info',
    text: plain,
    source: 'log',
  }
}

export interface LogTail {
  stop(): void
}

export const startLogTail = (
  path: string,
  nowMs: () => number,
  onRows: (rows: readonly LogRow[]) => void,
): LogTail => {
  let offset: number | undefined
  let rest = ''
  let timer: NodeJS.Timeout | undefined
  let isStopped = false

  const look = async (): Promise<void> => {
    const { size } = await stat(path)
    if (offset !== undefined && size < offset) offset = 0
    const from = Math.max(offset ?? 0, size - MAX_BYTES)
    if (from === size) return
    // A beginning in the middle of a line is none.
    const isCut = from > (offset ?? 0)
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from)
      offset = from + bytesRead
      const lines = (rest + buffer.toString('utf8', 0, bytesRead)).split('\n')
      rest = (lines.pop() ?? '').slice(-MAX_BYTES)
      const rows = lines.slice(isCut ? 1 : 0).flatMap(line => parseLogLine(line, nowMs()) ?? [])
      if (rows.length > 0) onRows(rows)
    } finally {
      await file.close()
    }
  }
  let isReported = false
  const turn = async (): Promise<void> => {
    try {
      await look()
      isReported = false
    } catch (error) {
      if (!isReported)
        onRows([
          {
            timeMs: nowMs(),
            level: 'warn',
            text: `the log cannot be read: ${(error as Error).message}`,
            source: 'screen',
          },
        ])
      isReported = true
    }
    if (!isStopped) timer = setTimeout(() => void turn(), LOOK_MS)
  }
  void turn()
  return {
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
