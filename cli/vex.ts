#!/usr/bin/env node
/** `vex`: the command. Keeps what Node makes of the source, so that the second start is quicker. */
import { enableCompileCache } from 'node:module'

enableCompileCache()

// A reader that has seen enough (`vex tx … | head -1`) is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })
}

const { run } = await import('./program.ts')
process.exitCode = await run(process.argv.slice(2))
