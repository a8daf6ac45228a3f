/**
 * `vex test --watch`: a round of building and testing at the start and after each change. The runners' own watching
 * is of no use here: contracts are no modules that a test imports, and one of them looks into `.vex` as well, where a
 * chain that runs beside writes all the time.
 */
import { relative, sep } from 'node:path'
import { describeFailure } from '../errors.ts'
import { type Output, writeFailure } from '../output.ts'
import { paint } from '../terminal/colour.ts'
import { watchProject } from '../project/watch.ts'

export interface WatchedTests {
  /** What it throws is shown, and the next change begins another. It ends soon when its signal aborts. */
  readonly round: (signal: AbortSignal) => Promise<void>
  /** The folder that rounds write to. */
  readonly out: string
  readonly output: Output
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Aborts with the first signal; the next one does what it always does. */
const signalled = (): AbortSignal => {
  const controller = new AbortController()
  for (const name of SIGNALS) process.once(name, () => controller.abort())
  return controller.signal
}

/** Until Ctrl-C. A change cuts the round that runs short: its answer is about what is no longer there. */
export const watchTests = async ({ round, out, output }: WatchedTests): Promise<void> => {
  const stop = signalled()
  const outPath = `${relative('', out)}${sep}`
  let changed: readonly string[] | undefined = []
  let current = new AbortController()
  let wake = (): void => undefined

  const interrupt = (): void => {
    current.abort()
    wake()
  }
  const watching = await watchProject('.', paths => {
    const counting = [...paths].filter(path => !path.startsWith(outPath))
    if (counting.length === 0) return
    changed = [...new Set([...(changed ?? []), ...counting])]
    interrupt()
  })
  stop.addEventListener('abort', interrupt)

  try {
    while (!stop.aborted) {
      if (changed === undefined) {
        await new Promise<void>(resolve => (wake = resolve))
        continue
      }
      if (changed.length > 0) output.say(paint('dim', `\n${changed.join(', ')} changed`))
      changed = undefined
      current = new AbortController()
      try {
        await round(current.signal)
      } catch (error) {
        if (!current.signal.aborted) writeFailure(describeFailure(error), output.isJson)
      }
      if (!current.signal.aborted) output.say(paint('dim', 'runs again with the next change; Ctrl-C ends it'))
    }
  } finally {
    watching.close()
  }
}
