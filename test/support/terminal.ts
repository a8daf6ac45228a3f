/** A command on a terminal of its own, typed to: util-linux's script(1) makes the terminal. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const VEX = join(import.meta.dirname, '../../cli/vex.ts')
const DEADLINE_MS = 60_000

export interface Typed {
  readonly exitCode: number | null
  /** All that stood on the screen, with what the terminal echoed. */
  readonly screen: string
}

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** What is typed, or done, after the screen has shown something. */
export type Answer = readonly [shown: string, keys: string | (() => void)]

/**
 * `answers`: after what the screen shows, what is typed. The shell says at the end how the terminal is set; Ctrl-C
 * reaches it as well as the command, and not every shell outlives that by itself.
 */
export const typeTo = async (
  folder: string,
  args: readonly string[],
  answers: readonly Answer[],
  environment: Readonly<Record<string, string>> = {},
  size?: { readonly columns: number; readonly rows: number },
): Promise<Typed> => {
  const sized = size === undefined ? '' : `stty cols ${size.columns} rows ${size.rows}; `
  const command = `${sized}${[process.execPath, VEX, ...args].map(quote).join(' ')}`
  const child = spawn(
    'script',
    [
      '-qec',
      `trap : INT; ${command}; code=$?; stty -a | tr ' ' '\\n' | grep -x -e echo -e -echo; exit $code`,
      '/dev/null',
    ],
    {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1', VEX_WALLET: join(folder, 'wallet.json'), ...environment },
    },
  )
  let screen = ''
  let seen = 0
  const waiting = [...answers]
  const alarm = setTimeout(() => child.kill(), DEADLINE_MS)
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString()
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const at = screen.indexOf(next[0], seen)
      if (at < 0) return
      seen = at + next[0].length
      waiting.shift()
      if (typeof next[1] === 'string') child.stdin.write(next[1])
      else next[1]()
    }
  })
  const [exitCode] = (await once(child, 'close')) as [number | null]
  clearTimeout(alarm)
  return { exitCode, screen }
}
