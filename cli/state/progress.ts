import type { Output } from '../output.ts'

/** Between two lines. */
const INTERVAL_MS = 2000

const asPercent = (done: number): string => `${Math.floor(done * 100)} %`

/** Tells people now and then how far long work has come: by default the part that is done, from 0 to 1. */
export const createProgress = (output: Output, tell = asPercent): ((done: number) => void) => {
  let lastAtMs = performance.now()
  return done => {
    if (performance.now() - lastAtMs < INTERVAL_MS) return
    lastAtMs = performance.now()
    output.notice(`  ${tell(done)}`)
  }
}
