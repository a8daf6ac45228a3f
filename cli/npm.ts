/** npm, as a child process on this Node; an old one would leave out packages that ask for more. */
import { spawn } from 'node:child_process'
import { dirname, delimiter } from 'node:path'
import { CliError } from './errors.ts'
import { findNpm } from './setup/npm.mjs'

const npmScript = (): string => {
  try {
    return findNpm()
  } catch (cause) {
    throw new CliError('no_npm', 'npm was not found: install Node.js with its npm', { cause })
  }
}

export interface NpmRun {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** No package needs its install script; npm's own notices say nothing about the project. */
const FLAGS = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']

export const assertNpm = (): void => void npmScript()

/** Resolves however npm ends; `onText` gets what it prints as it comes. */
export const runNpm = (
  args: readonly string[],
  cwd: string,
  onText: (text: string) => void = () => undefined,
): Promise<NpmRun> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [npmScript(), ...args, ...FLAGS], {
      cwd,
      env: { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const texts = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (chunk: Buffer) => {
        texts[name] += chunk.toString()
        onText(chunk.toString())
      })
    child.on('error', reject)
    child.on('close', exitCode => resolve({ exitCode: exitCode ?? 1, ...texts }))
  })
