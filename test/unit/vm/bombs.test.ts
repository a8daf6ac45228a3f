import { setFlagsFromString } from 'node:v8'
import { beforeAll, describe, expect, test } from 'vitest'
import { decodeAndValidate } from '../../../vm/decode.ts'
import { HOST_IMPORT_TYPES } from '../../../vm/host-table.ts'
import { instrument, instrumentWithProbe } from '../../../vm/instrument.ts'
import { ProfileError } from '../../../vm/profile.ts'
import { ACCEPTED } from '../../vm-bombs/accepted.ts'
import { CEILING_MS, measure, totalMs } from '../../vm-bombs/measure.ts'
import { REFUSED } from '../../vm-bombs/refused.ts'

/** Nothing of a block waits for it. */
const OBSERVED_CEILING_MS = 3 * CEILING_MS
/** What counts is the fastest: other tests run beside these. */
const ATTEMPTS = 12

/** Compiles when the module is made, all of it, in this thread's time. */
beforeAll(() => {
  setFlagsFromString('--no-wasm-lazy-compilation')
  setFlagsFromString('--liftoff-only')
})

describe('bombs are refused, each by its limit and before they cost anything', () => {
  test.each(Object.entries(REFUSED))('%s', (_, { make, reason }) => {
    const code = make()
    expect(totalMs(measure(code, { attempts: ATTEMPTS, enoughMs: CEILING_MS }))).toBeLessThan(CEILING_MS)
    const refused = (): void => void instrument(decodeAndValidate(code, HOST_IMPORT_TYPES))
    expect(refused).toThrow(ProfileError)
    expect(refused).toThrow(
      expect.objectContaining({ code: 'limit', message: expect.stringContaining(reason) }),
    )
  })
})

describe('what stays just inside the limits is compiled in time', () => {
  test.each(Object.entries(ACCEPTED))('%s', (_, make) => {
    const found = measure(make(), { attempts: ATTEMPTS, enoughMs: CEILING_MS })
    expect(found.refusal).toBeUndefined()
    expect(found.compileMs).toBeGreaterThan(0)
    expect(totalMs(found)).toBeLessThan(CEILING_MS)
  })

  test.each(Object.entries(ACCEPTED))('for an observed call, that of one person, too: %s', (_, make) => {
    const enoughMs = OBSERVED_CEILING_MS
    const found = measure(make(), {
      attempts: ATTEMPTS,
      enoughMs,
      meter: module => instrumentWithProbe(module).wasm,
    })
    expect(found.refusal).toBeUndefined()
    expect(totalMs(found)).toBeLessThan(enoughMs)
  })
})
