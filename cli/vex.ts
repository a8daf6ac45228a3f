#!/usr/bin/env node
/** `vex`: the command. */
import { join } from 'node:path'
import { bundled, keepCompiled } from './loading.mjs'

keepCompiled()

// npm runs a script in the package's folder; paths on the command line are meant from where npm was started.
const { npm_lifecycle_event: npmScript, INIT_CWD: userFolder } = process.env
const isMovedByNpm = npmScript !== undefined && process.cwd() === join(import.meta.dirname, '..')
if (isMovedByNpm && userFolder !== undefined) process.chdir(userFolder)

// A reader that has seen enough (`vex tx … | head -1`) is no error. What runs until it is stopped, stops.
let isReaderGone = false
const onOutputError = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EPIPE') throw error
  if (isReaderGone) return
  isReaderGone = true
  if (!process.emit('SIGTERM', 'SIGTERM')) process.exit()
}
process.stdout.on('error', onOutputError)
process.stderr.on('error', onOutputError)

const [first, ...words] = process.argv.slice(2)
// Somebody has pressed Tab, and waits: the commands themselves take too long to load.
if (first === '__complete') (await import('./completion/answer.ts')).answer(words)
else {
  // Help and the version are there sooner than the bundle is found to be up to date.
  const address = first === undefined || first.startsWith('-') ? undefined : bundled('program')
  const { run } = (
    address === undefined ? await import('./program.ts') : await import(address)
  ) as typeof import('./program.ts')
  process.exitCode = await run(process.argv.slice(2))
}
