#!/usr/bin/env node
/** `vex`: the command. Keeps what Node makes of the source, so that the second start is quicker. */
import { enableCompileCache } from 'node:module'

enableCompileCache()

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

const { run } = await import('./program.ts')
process.exitCode = await run(process.argv.slice(2))
