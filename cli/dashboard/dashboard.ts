/**
 * The dashboard on a terminal: a session, and the screen that shows it. The terminal is given back however this ends: by a
 * key, by a signal, by a fault; what there is to say is said after that.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { AdminApi } from '../../node/api/admin-client.ts'
import type { Connection } from '../connect.ts'
import type { Output } from '../output.ts'
import { drawFrame } from './frame.ts'
import type { ViewId } from './keys.ts'
import { createPacer } from './pacer.ts'
import { runPlain } from './plain.ts'
import { openScreen, type Screen, type Streams } from './screen.ts'
import { type Session, startSession } from './session.ts'
import { paintLine, type Theme } from './theme.ts'

export interface DashboardOptions {
  readonly connection: Connection
  readonly admin: AdminApi | undefined
  readonly own: string | undefined
  readonly view: ViewId
  readonly isReadonly: boolean
  /** Belongs to another command, which has lent its terminal. */
  readonly isAttached: boolean
  readonly lockAfterMs: number
  readonly logFile: string | undefined
  readonly theme: Theme
  readonly output: Output
  readonly streams: Streams
}

/** How the user left: `stop` ends what the screen belongs to. */
export type Left = 'detached' | 'stop'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const
type Signal = (typeof SIGNALS)[number]
/** For kill: every process of the job, as the terminal does it where it reads Ctrl-Z itself. */
const GROUP = 0
const SIGNAL_MS = 50

/** The clipboard of the terminal, over any number of ssh and tmux between. */
const osc52 = (text: string): string => `\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`

const sizeOf = ({ columns, rows }: { columns?: number; rows?: number }) => ({
  columns: columns || 80,
  rows: rows || 24,
})

/** Ink has asked for text. */
const readText = (stdin: NodeJS.ReadStream): string | null => stdin.read() as string | null

interface Ending {
  readonly how: Left
  readonly signal?: Signal
  readonly error?: unknown
}

/** Throws what broke the screen, after the terminal is as it was. */
export const runDashboard = async (options: DashboardOptions): Promise<Left> => {
  const { streams, theme, connection, output } = options
  const { stdin, stdout } = streams
  const pacer = createPacer()
  let screen: Screen | undefined
  let frameTimer: NodeJS.Timeout | undefined
  let frameAtMs = 0
  let plain: AbortController | undefined
  let plainEnded = Promise.resolve()
  let end: (ending: Ending) => void = () => undefined
  const ended = new Promise<Ending>(resolve => {
    end = resolve
  })

  const frame = (session: Session): string[] => drawFrame(session.state).map(each => paintLine(each, theme))

  const drawNow = (session: Session): void => {
    frameTimer = undefined
    if (screen === undefined) return
    pacer.drawn(performance.now())
    screen.draw(frame(session))
  }

  const plan = (session: Session, isUrgent: boolean): void => {
    if (screen === undefined) return
    const nowMs = performance.now()
    const atMs = nowMs + pacer.waitMs(nowMs, isUrgent)
    if (frameTimer !== undefined && frameAtMs <= atMs) return
    clearTimeout(frameTimer)
    frameAtMs = atMs
    if (atMs <= nowMs) drawNow(session)
    else frameTimer = setTimeout(() => drawNow(session), atMs - nowMs)
  }

  const session = startSession({
    ...options,
    size: sizeOf(stdout),
    nowMs: Date.now,
    onChange: isUrgent => {
      try {
        plan(session, isUrgent)
      } catch (error) {
        end({ how: 'detached', error })
      }
    },
    onEffect(effect) {
      if (effect.type === 'leave') end({ how: effect.isStop ? 'stop' : 'detached' })
      else if (effect.type === 'copy') stdout.write(osc52(effect.text))
      else if (effect.type === 'suspend') void suspend(GROUP)
      else if (screen !== undefined) void showPlain()
    },
  })

  const openOn = (): void => {
    stderr.hold(text =>
      session.dispatch({
        type: 'logged',
        rows: [{ timeMs: Date.now(), level: 'warn', text, source: 'screen' }],
      }),
    )
    session.dispatch({ type: 'resized', ...sizeOf(stdout) })
    const opened = openScreen(frame(session), streams, {
      onKeys: names => session.dispatch({ type: 'keys', names }),
      onPaste: text => session.dispatch({ type: 'pasted', text }),
    })
    screen = opened
    pacer.drawn(performance.now())
    opened.ended.then(
      () => undefined,
      (error: unknown) => end({ how: 'detached', error }),
    )
  }
  /** Ink gives the terminal back in its next turn. */
  const closeScreen = async (): Promise<void> => {
    clearTimeout(frameTimer)
    frameTimer = undefined
    const closing = screen
    screen = undefined
    closing?.close()
    await closing?.ended.catch(() => undefined)
    await sleep(0)
    stderr.release()
  }

  /** Lines as they come, on the ordinary screen, until `s` or `q` is typed. */
  const showPlain = async (): Promise<void> => {
    await closeScreen()
    if (isOver) return
    const stop = new AbortController()
    plain = stop
    output.say('Plain lines: s goes back, q leaves.')
    const suspendPlain = (): void => {
      stdin.setRawMode(false)
      process.off('SIGTSTP', onSuspend)
      process.kill(GROUP, 'SIGTSTP')
      setTimeout(() => {
        process.on('SIGTSTP', onSuspend)
        if (plain === stop) stdin.setRawMode(true)
      }, SIGNAL_MS)
    }
    // As Ink reads: a stream that has flowed is read by nobody who waits for `readable`.
    const onReadable = (): void => {
      let typed = ''
      // To the end: otherwise nothing says that there is more.
      for (let chunk = readText(stdin); chunk !== null; chunk = readText(stdin)) typed += chunk
      for (const key of typed) {
        if (key === 's' || key === '\u001b') stop.abort()
        else if (key === '\u001a') suspendPlain()
        else if (key === 'q' || key === '\u0003') end({ how: key === 'q' ? 'detached' : 'stop' })
      }
    }
    stdin.ref()
    stdin.setRawMode(true)
    stdin.on('readable', onReadable)
    plainEnded = runPlain({ connection, output, signal: stop.signal })
      .catch((error: unknown) => end({ how: 'detached', error }))
      .finally(() => {
        stdin.off('readable', onReadable)
        stdin.setRawMode(false)
        stdin.unref()
        plain = undefined
        if (!isOver) openOn()
      })
  }

  /** Until SIGCONT; where there is no shell to go back to, the system stops nobody, and the screen is there again. */
  const suspend = async (whom: number): Promise<void> => {
    if (isSuspended || screen === undefined) return
    isSuspended = true
    await closeScreen()
    process.off('SIGTSTP', onSuspend)
    if (!isOver) process.kill(whom, 'SIGTSTP')
    // It is on its way; no timer runs meanwhile.
    await sleep(SIGNAL_MS)
    process.on('SIGTSTP', onSuspend)
    isSuspended = false
    if (!isOver) openOn()
  }
  const onSuspend = (): void => void suspend(process.pid)
  /** After a SIGSTOP, of which nobody hears: the shell has drawn and set its own modes meanwhile. */
  const onContinue = async (): Promise<void> => {
    if (isSuspended || screen === undefined) return
    isSuspended = true
    await closeScreen()
    isSuspended = false
    if (!isOver) openOn()
  }

  let isSuspended = false
  let isOver = false
  const onResize = (): void => session.dispatch({ type: 'resized', ...sizeOf(stdout) })
  const onSignal = (signal: Signal): void => end({ how: 'stop', signal })
  const onFault = (error: unknown): void => end({ how: 'detached', error })
  const onInputEnd = (): void => end({ how: 'detached' })
  // Before Ink's own listener: the new frame is there when it looks.
  stdout.prependListener('resize', onResize)
  for (const signal of SIGNALS) process.on(signal, onSignal)
  process.on('SIGTSTP', onSuspend)
  process.on('SIGCONT', onContinue)
  process.on('uncaughtException', onFault)
  process.on('unhandledRejection', onFault)
  // Whoever has lent the terminal is gone.
  process.once('disconnect', onInputEnd)
  stdin.once('end', onInputEnd)
  stdin.once('error', onInputEnd)
  try {
    openOn()
    const { how, signal, error } = await ended
    isOver = true
    plain?.abort()
    await plainEnded
    await closeScreen()
    if (error !== undefined) throw error
    if (signal !== undefined) await endBy(signal)
    return how
  } finally {
    isOver = true
    await closeScreen()
    session.stop()
    stdout.off('resize', onResize)
    for (const signal of SIGNALS) process.off(signal, onSignal)
    process.off('SIGTSTP', onSuspend)
    process.off('SIGCONT', onContinue)
    process.off('uncaughtException', onFault)
    process.off('unhandledRejection', onFault)
    process.off('disconnect', onInputEnd)
    stdin.off('end', onInputEnd)
    stdin.off('error', onInputEnd)
  }
}

/** As the signal would have ended it. */
const endBy = async (signal: Signal): Promise<void> => {
  for (const each of SIGNALS) process.removeAllListeners(each)
  process.kill(process.pid, signal)
  // It is on its way.
  await sleep(1_000)
}

/** What is written to stderr while the screen is open would stand in it. */
const stderr = (() => {
  const write = process.stderr.write.bind(process.stderr)
  return {
    hold(onLine: (text: string) => void): void {
      process.stderr.write = (chunk: string | Uint8Array): boolean => {
        for (const text of String(chunk).split('\n')) if (text.trim() !== '') onLine(text)
        return true
      }
    },
    release(): void {
      process.stderr.write = write
    },
  }
})()
