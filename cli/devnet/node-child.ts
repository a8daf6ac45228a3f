/** One node of a devnet: `vex node start` in a process of its own, and what its log says. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A line of the node's log. */
export interface NodeLine {
  readonly level: number
  readonly msg: string
  readonly [field: string]: unknown
}

export interface NodeChild {
  readonly name: string
  readonly pid: number | undefined
  readonly isRunning: boolean
  /** Of the last final block it told of. */
  readonly height: bigint
  /** Of its API; rejects if it ends before it is ready. */
  readonly ready: Promise<string>
  /** What it was ended by, in words. */
  readonly exited: Promise<string>
  /** In order, then SIGKILL after `limitMs`. */
  stop(limitMs: number): Promise<void>
  kill(): void
}

export interface NodeChildOptions {
  readonly name: string
  /** Starts `vex`, such as `[process.execPath, 'cli/vex.ts']`. */
  readonly command: readonly [string, ...string[]]
  readonly dataDirectory: string
  readonly environment: Readonly<Record<string, string>>
  readonly onLine: (line: NodeLine) => void
}

/** As pino counts. */
const ERROR_LEVEL = 50

const toLine = (text: string, isError: boolean): NodeLine => {
  if (!isError && text.startsWith('{'))
    try {
      return JSON.parse(text) as NodeLine
    } catch {
      // Cut off by a kill.
    }
  return { level: isError ? ERROR_LEVEL : 30, msg: text }
}

const describeEnd = (code: number | null, signal: string | null): string =>
  signal === null ? `exit code ${code}` : signal

export const startNodeChild = (options: NodeChildOptions): NodeChild => {
  const { name, command, dataDirectory, environment, onLine } = options
  const [file, ...args] = command
  const child: ChildProcess = spawn(file, [...args, 'node', 'start', '--data-dir', dataDirectory, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
    // A Ctrl-C in the terminal is for the devnet, which stops its nodes in order.
    detached: true,
  })
  const ready = Promise.withResolvers<string>()
  ready.promise.catch(() => undefined)
  let height = 0n
  let isRunning = true
  let lastWord = ''
  const hear = (line: NodeLine): void => {
    if (line.level >= ERROR_LEVEL) lastWord = `: ${line.msg}`
    if (line.msg === 'ready') ready.resolve(line['url'] as string)
    if (typeof line['height'] === 'string' && (line.msg === 'final block' || line.msg === 'ready'))
      height = BigInt(line['height'])
    onLine(line)
  }
  if (child.stdout !== null)
    createInterface({ input: child.stdout }).on('line', text => hear(toLine(text, false)))
  if (child.stderr !== null)
    createInterface({ input: child.stderr }).on('line', text => hear(toLine(text, true)))
  child.on('error', error => ready.reject(error))
  const exited = once(child, 'close').then(([code, signal]) => {
    isRunning = false
    const how = describeEnd(code as number | null, signal as string | null)
    ready.reject(new Error(`${name} ended (${how}) before it was ready${lastWord}`))
    return how
  })
  return {
    name,
    pid: child.pid,
    get isRunning() {
      return isRunning
    },
    get height() {
      return height
    },
    ready: ready.promise,
    exited,
    async stop(limitMs) {
      if (!isRunning) return
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), limitMs)
      await exited
      clearTimeout(timer)
    },
    kill: () => void child.kill('SIGKILL'),
  }
}
