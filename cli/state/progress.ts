import type { Output } from '../output.ts'

/** Between two lines. */
const INTERVAL_MS = 2000

/** Tells people now and then how far long work has come. The function takes the part that is done, from 0 to 1. */
export const createProgress = (output: Output): ((done: number) => void) => {
  let lastAtMs = performance.now()
  return done => {
    if (performance.now() - lastAtMs < INTERVAL_MS) return
    lastAtMs = performance.now()
    output.notice(`  ${Math.floor(done * 100)} %`)
  }
}
