/** A `vex` command that is measured, in a process of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Readable } from 'node:stream'
import { atExit } from './cleanup.ts'
import { BenchError } from './error.ts'
import type { RunOptions } from './session.ts'

const VEX = fileURLToPath(new URL('../../cli/vex.ts', import.meta.url))
const USAGE = new URL('./command-usage.ts', import.meta.url).href

/** What a command's process tells when it ends (command-usage.ts). */
export interface CommandUsage {
  readonly cpuSeconds: number
  readonly peakRssBytes: number
}

export interface MeasuredCommand extends CommandUsage {
  readonly seconds: number
  /** Its one result. */
  readonly json: unknown
}

/** `scratch`: a folder for the profile. Throws a {@link BenchError} if the command fails. */
export const runMeasured = async (
  args: readonly string[],
  { signal, onProfile }: RunOptions,
  scratch: string,
): Promise<MeasuredCommand> => {
  const profiles = join(scratch, `profile-${args.slice(0, 2).join('-')}`)
  if (onProfile !== undefined) await mkdir(profiles, { recursive: true })
  const flags = onProfile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profiles]
  const startMs = performance.now()
  const child = spawn(process.execPath, [...flags, '--import', USAGE, VEX, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  })
  const done = atExit(() => child.kill('SIGKILL'))
  const [stdout, stderr, usage, [code]] = await Promise.all([
    text(child.stdout as Readable),
    text(child.stderr as Readable),
    text(child.stdio[3] as Readable),
    once(child, 'close') as Promise<[number | null]>,
  ])
  done()
  const seconds = (performance.now() - startMs) / 1e3
  if (code !== 0) throw new BenchError('node_failed', `vex ${args.join(' ')} ended with ${code}: ${stderr}`)
  for (const name of onProfile === undefined ? [] : await readdir(profiles))
    await onProfile?.(args.slice(0, 2).join('-'), await readFile(join(profiles, name), 'utf8'))
  return { seconds, json: JSON.parse(stdout), ...(JSON.parse(usage) as CommandUsage) }
}
