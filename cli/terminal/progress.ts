/**
 * How far long work has come, on stderr: a bar in a terminal, a line now and then elsewhere (and in CI, and with
 * TERM=dumb), nothing with `--json` or `--quiet`. One at a time; whatever else is written takes its line first.
 */
import { shorten } from './layout.ts'

/** Of the outputs that may show one (output.ts). */
export interface ProgressTarget {
  readonly isJson: boolean
  readonly isQuiet: boolean
}

export interface Measure {
  /** Of `total`, or of nobody knows how many. */
  readonly done: number
  readonly total?: number | undefined
  readonly elapsedMs: number
}

export interface ProgressOptions {
  /** What is done: `Verifying`. */
  readonly what: string
  /** What is counted: `keys`. Without it `done` is a part of 1. */
  readonly unit?: string
}

export interface Progress {
  set(done: number, total?: number): void
  /** Takes the bar off the screen. */
  end(): void
}

const BAR_INTERVAL_MS = 100
const LINE_INTERVAL_MS = 5_000
/** Sooner a rate says nothing. */
const MIN_ELAPSED_MS = 500
const MAX_BAR = 30
const MIN_BAR = 8

const grouped = (count: number): string => String(Math.floor(count)).replace(/\B(?=(\d{3})+$)/g, ',')

const duration = (ms: number): string => {
  const seconds = Math.ceil(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** `43 %`, `1,200 keys`, `600 keys/s`, `2 s left`: what is known, the most important first. */
const partsOf = ({ unit }: ProgressOptions, { done, total, elapsedMs }: Measure): string[] => {
  const all = unit === undefined ? 1 : total
  const part = all === undefined || all <= 0 ? undefined : Math.min(done / all, 1)
  const isMeasured = elapsedMs >= MIN_ELAPSED_MS && done > 0
  const parts: string[] = []
  if (part !== undefined) parts.push(`${Math.floor(part * 100)} %`)
  if (unit !== undefined)
    parts.push(
      total === undefined ? `${grouped(done)} ${unit}` : `${grouped(done)} of ${grouped(total)} ${unit}`,
    )
  if (isMeasured && part !== undefined && part < 1)
    parts.push(`${duration((elapsedMs / part) * (1 - part))} left`)
  if (isMeasured && unit !== undefined && done / elapsedMs >= 1 / 1_000)
    parts.push(`${grouped((done / elapsedMs) * 1_000)} ${unit}/s`)
  return parts
}

/** `Verifying: 43 %, 2 s left`. */
export const progressLine = (options: ProgressOptions, measure: Measure): string =>
  `${options.what}: ${partsOf(options, measure).join(', ')}`

/** `Verifying  ████████░░░░░░░  43 %  2 s left`; in a narrow terminal without what is least. */
export const progressBar = (options: ProgressOptions, measure: Measure, columns: number): string => {
  const all = options.unit === undefined ? 1 : measure.total
  const parts = partsOf(options, measure)
  const build = (bar: string): string => [options.what, bar, ...parts].filter(text => text !== '').join('  ')
  if (all === undefined || all <= 0) {
    while (parts.length > 1 && build('').length > columns) parts.pop()
    return shorten(build(''), columns)
  }
  while (parts.length > 1 && build('').length + 2 + MIN_BAR > columns) parts.pop()
  const width = Math.min(MAX_BAR, columns - build('').length - 2)
  if (width < MIN_BAR) return shorten(build(''), columns)
  const filled = Math.floor(Math.min(measure.done / all, 1) * width)
  return build('█'.repeat(filled) + '░'.repeat(width - filled))
}

/** What stands in the terminal's last line; whoever writes there clears it first. */
let isShown = false

const CLEAR = '\r\u001B[K'

export const clearProgress = (): void => {
  if (!isShown) return
  isShown = false
  process.stderr.write(CLEAR)
}

const isDrawn = ({ CI, TERM }: Readonly<Record<string, string | undefined>>): boolean =>
  process.stderr.isTTY && TERM !== 'dumb' && (CI ?? '') === ''

export const NO_PROGRESS: Progress = { set: () => undefined, end: () => undefined }

export const createProgress = (target: ProgressTarget, options: ProgressOptions): Progress => {
  if (target.isJson || target.isQuiet) return NO_PROGRESS
  const startedMs = performance.now()
  const hasBar = isDrawn(process.env)
  let lastMs = hasBar ? -BAR_INTERVAL_MS : startedMs
  return {
    set(done, total) {
      const nowMs = performance.now()
      if (nowMs - lastMs < (hasBar ? BAR_INTERVAL_MS : LINE_INTERVAL_MS)) return
      lastMs = nowMs
      const measure = { done, total, elapsedMs: nowMs - startedMs }
      if (!hasBar) return void process.stderr.write(`  ${progressLine(options, measure)}\n`)
      // A terminal that is written to its last column may go on to the next line.
      const bar = progressBar(options, measure, (process.stderr.columns || 80) - 1)
      process.stderr.write(CLEAR + bar)
      isShown = true
    },
    end: clearProgress,
  }
}

/** Work that cannot say how far it is: in a terminal its name stands there meanwhile. */
export const whileShown = async <T>(
  target: ProgressTarget,
  what: string,
  work: () => Promise<T>,
): Promise<T> => {
  if (!target.isJson && !target.isQuiet && isDrawn(process.env)) {
    process.stderr.write(`${CLEAR}${shorten(`${what} …`, (process.stderr.columns || 80) - 1)}`)
    isShown = true
  }
  try {
    return await work()
  } finally {
    clearProgress()
  }
}
