/** The client script of a project: one process at a time, whose lines go to whoever started it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A script that does not end when it is asked to. */
const PATIENCE_MS = 1_000

export interface ScriptEvents {
  onLine(line: string): void
  /** It ended by itself. */
  onEnd(reason: { readonly exitCode: number | null; readonly signal: NodeJS.Signals | null }): void
}

export interface Script {
  /** Resolves when the old process is gone and the new one has been started. */
  restart(path: string): Promise<void>
  stop(): Promise<void>
}

export const createScript = (
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
  events: ScriptEvents,
): Script => {
  let running: { readonly child: ChildProcess; readonly ended: Promise<void> } | undefined

  const stop = async (): Promise<void> => {
    if (running === undefined) return
    const { child, ended } = running
    running = undefined
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
    await ended
    clearTimeout(timer)
  }

  const start = (path: string): void => {
    const child = spawn(process.execPath, [path], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', line => events.onLine(line))
    child.on('error', error => events.onLine(error.message))
    const ended = new Promise<void>(resolve => {
      child.on('close', (exitCode, signal) => {
        const isOwnEnd = running?.child === child
        if (isOwnEnd) running = undefined
        resolve()
        if (isOwnEnd) events.onEnd({ exitCode, signal })
      })
    })
    running = { child, ended }
  }

  return {
    async restart(path) {
      await stop()
      start(path)
    },
    stop,
  }
}
