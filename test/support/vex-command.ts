/**
 * The `vex` command as a user runs it: a process of its own, in a folder of its own. What it prints with `--json` is
 * held against its schema.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { checkOutput } from './checked-output.ts'

const VEX = join(import.meta.dirname, '../../cli/vex.ts')

export interface Finished {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface VexProcess {
  readonly child: ChildProcessWithoutNullStreams
  readonly finished: Promise<Finished>
}

export type Environment = Readonly<Record<string, string>>

export const startVex = (
  folder: string,
  args: readonly string[],
  environment: Environment = {},
): VexProcess => {
  const { VEX_URL: _, VEX_KEY: __, VEX_DEBUG: ___, VEX_WALLET_PASSWORD: ____, ...inherited } = process.env
  const child = spawn(process.execPath, [VEX, ...args], {
    cwd: folder,
    // Nobody's own wallet.
    env: { ...inherited, NO_COLOR: '1', VEX_WALLET: join(folder, 'wallet.json'), ...environment },
  })
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  child.stdout.on('data', (chunk: Buffer) => chunks.stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.stderr.push(chunk))
  const finished = once(child, 'close').then(([exitCode]) => {
    const ended = {
      exitCode: exitCode as number | null,
      stdout: Buffer.concat(chunks.stdout).toString(),
      stderr: Buffer.concat(chunks.stderr).toString(),
    }
    // Of a reader that went away nobody knows what it would have read.
    if (!child.stdout.readableAborted) checkOutput(args, ended)
    return ended
  })
  return { child, finished }
}

export const runVex = (
  folder: string,
  args: readonly string[],
  environment?: Environment,
): Promise<Finished> => startVex(folder, args, environment).finished

/** The first line of stdout that `accepts`; rejects if the process ends without one. */
export const waitForLine = (
  { child, finished }: VexProcess,
  accepts: (line: string) => boolean,
): Promise<string> =>
  new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout })
    lines.on('line', line => {
      if (!accepts(line)) return
      resolve(line)
      lines.close()
      // Closing the reader pauses the stream for everybody.
      child.stdout.resume()
    })
    void finished.then(({ exitCode, stderr }) => {
      reject(new Error(`vex ended with ${exitCode} before it said what was waited for: ${stderr}`))
    })
  })
