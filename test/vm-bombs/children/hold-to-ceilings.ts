/**
 * Measures every bomb as a node meets it, and prints each as a line of JSON: in a process of its own, since a test runner
 * makes the code of its modules five times slower. Takes more attempts only at what is above its ceiling.
 */
import { setFlagsFromString } from 'node:v8'
import { instrumentWithProbe } from '../../../vm/instrument.ts'
import { ACCEPTED } from '../accepted.ts'
import { CEILING_MS, measure, OBSERVED_CEILING_MS } from '../measure.ts'
import { REFUSED } from '../refused.ts'

/** What counts is the fastest: other processes run beside this one. */
const ATTEMPTS = 12

// Compiles when the module is made, all of it, in this thread's time.
setFlagsFromString('--no-wasm-lazy-compilation')
setFlagsFromString('--liftoff-only')

const print = (kind: string, name: string, measured: ReturnType<typeof measure>): void => {
  process.stdout.write(`${JSON.stringify({ kind, name, ...measured })}\n`)
}

for (const [name, { make }] of Object.entries(REFUSED))
  print('refused', name, measure(make(), { attempts: ATTEMPTS, enoughMs: CEILING_MS }))
for (const [name, make] of Object.entries(ACCEPTED)) {
  print('accepted', name, measure(make(), { attempts: ATTEMPTS, enoughMs: CEILING_MS }))
  const observed = measure(make(), {
    attempts: ATTEMPTS,
    enoughMs: OBSERVED_CEILING_MS,
    meter: module => instrumentWithProbe(module).wasm,
  })
  print('observed', name, observed)
}
