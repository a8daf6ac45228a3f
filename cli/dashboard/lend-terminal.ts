/**
 * `vex dev` and `npm start` lend their terminal to a dashboard, which is a process of its own: if it breaks, the chain goes
 * on. While it shows, what this process would write goes to a file, which the dashboard's view Logs reads.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, writeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ListenOptions } from '../options.ts'
import { canOpenScreen } from './can-open.ts'
import type { ViewId } from './keys.ts'

const VEX = fileURLToPath(new URL('../vex.ts', import.meta.url))
/** The ordinary screen, a cursor, no marks around what is pasted: what a screen that was killed has left. */
const RESTORE = '\u001b[?1049l\u001b[?25h\u001b[?2004l'
/** For a dashboard that was asked to end. */
const PATIENCE_MS = 3_000
/** MiB. Frames are short-lived: with the engine’s own limit they take 100 MiB more, and draw no sooner. */
const YOUNG_SPACE = '--max-semi-space-size=8'
const MAX_LOG_BYTES = 16 * 1024 * 1024

/** In the chain’s folder, of this start: what was said while the dashboard showed. */
export const DEV_LOG = 'dev.log'

export interface TuiOptions {
  readonly tui: boolean
}

export const wantsDashboard = ({
  tui,
  json,
  quiet,
}: TuiOptions & Pick<ListenOptions, 'json' | 'quiet'>): boolean =>
  tui && json !== true && quiet !== true && canOpenScreen(process, process.env)

/** `detached`: go on with lines. `stop`: Ctrl-C was pressed there. */
export type HowItEnded = 'detached' | 'stop'

export interface TerminalLoan {
  /** A line of the node's log. True: it is in the file; nobody else need show it. */
  readonly takeLog: (line: string) => boolean
  /** Until the dashboard is left, or `signal` aborts. `logPath` begins anew. */
  readonly lend: (options: LendOptions) => Promise<HowItEnded>
  /** Resolves when the terminal is this process’s own, so that a last word is seen. */
  readonly returned: () => Promise<void>
}

export interface LendOptions {
  readonly url: string
  readonly adminUrl: string | undefined
  readonly logPath: string
  readonly view?: ViewId
  readonly signal: AbortSignal
}

interface LogFile {
  write(text: string): void
  close(): void
}

/** What cannot be written is lost: a log is no reason to stop a chain. */
const openLog = (path: string): LogFile => {
  let file: number | undefined
  let size = 0
  try {
    file = openSync(path, 'w', 0o600)
  } catch {
    // The view stays empty, and says why.
  }
  return {
    write(text) {
      if (file === undefined || size > MAX_LOG_BYTES) return
      try {
        size += writeSync(file, text)
      } catch {
        // See above.
      }
    },
    close() {
      if (file !== undefined) closeSync(file)
      file = undefined
    },
  }
}

/** Everything that is written to stdout and stderr goes to `log`. Returns how to end that. */
const holdOutput = (log: LogFile): (() => void) => {
  const ends = [process.stdout, process.stderr].map(stream => {
    const write = stream.write.bind(stream)
    stream.write = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
      log.write(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())
      const finished = typeof encoding === 'function' ? encoding : done
      if (typeof finished === 'function') process.nextTick(() => void finished())
      return true
    }
    return () => {
      stream.write = write
    }
  })
  return () => ends.forEach(end => end())
}

const argumentsFor = ({ url, adminUrl, logPath, view }: LendOptions): string[] => [
  ...process.execArgv,
  YOUNG_SPACE,
  VEX,
  'dashboard',
  '--attached',
  '--url',
  url,
  ...(adminUrl === undefined ? [] : ['--admin-url', adminUrl]),
  '--log-file',
  logPath,
  ...(view === undefined ? [] : ['--view', view]),
]

/** `undefined`: it has ended without a word, and may have left the terminal as it was for drawing. */
const runChild = async (options: LendOptions): Promise<HowItEnded | undefined> => {
  const { signal } = options
  const child = spawn(process.execPath, argumentsFor(options), {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  let left: HowItEnded | undefined
  child.on('message', message => {
    left = (message as { readonly type: HowItEnded }).type
  })
  let alarm: NodeJS.Timeout | undefined
  const kill = (): void => {
    child.kill('SIGTERM')
    alarm = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  }
  signal.addEventListener('abort', kill, { once: true })
  const [, killedBy] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  clearTimeout(alarm)
  signal.removeEventListener('abort', kill)
  // It gives the terminal back itself when it is asked to end.
  return signal.aborted && killedBy !== 'SIGKILL' ? 'stop' : left
}

export const createTerminalLoan = (): TerminalLoan => {
  let log: LogFile | undefined
  let lent: Promise<unknown> = Promise.resolve()
  const show = async (options: LendOptions): Promise<HowItEnded> => {
    if (options.signal.aborted) return 'stop'
    const opened = openLog(options.logPath)
    log = opened
    const release = holdOutput(opened)
    let left: HowItEnded | undefined
    try {
      left = await runChild(options)
    } finally {
      release()
      opened.close()
      log = undefined
    }
    if (left !== undefined) return left
    process.stdout.write(RESTORE)
    spawnSync('stty', ['sane'], { stdio: 'inherit' })
    process.stderr.write('notice: the dashboard has ended by itself; the chain goes on\n')
    return 'detached'
  }
  return {
    takeLog(line) {
      log?.write(line)
      return log !== undefined
    },
    lend(options) {
      const ended = show(options)
      lent = ended.catch(() => undefined)
      return ended
    },
    async returned() {
      await lent
    },
  }
}

/** What comes after `work`, a last word or an error, is written when the terminal is there for it. */
export const withTerminal = async <T>(loan: TerminalLoan | undefined, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } finally {
    await loan?.returned()
  }
}
