import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { decodeAndValidate } from '../../../vm/decode.ts'
import { HOST_IMPORT_TYPES } from '../../../vm/host-table.ts'
import { instrument } from '../../../vm/instrument.ts'
import { ProfileError } from '../../../vm/profile.ts'
import { ACCEPTED } from '../../vm-bombs/accepted.ts'
import { CEILING_MS, type Measured, OBSERVED_CEILING_MS, totalMs } from '../../vm-bombs/measure.ts'
import { REFUSED } from '../../vm-bombs/refused.ts'

const CHILD = fileURLToPath(new URL('../../vm-bombs/children/hold-to-ceilings.ts', import.meta.url))

const measured = new Map<string, Measured>()
const found = (kind: 'refused' | 'accepted' | 'observed', name: string): Measured => {
  const result = measured.get(`${kind} ${name}`)
  if (result === undefined) throw new Error(`nothing was measured of ${kind} ${name}`)
  return result
}

beforeAll(async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD], { maxBuffer: 16 * 1024 * 1024 })
  for (const line of stdout.trim().split('\n')) {
    const { kind, name, ...result } = JSON.parse(line) as Measured & { kind: string; name: string }
    measured.set(`${kind} ${name}`, result)
  }
})

describe('bombs are refused, each by its limit and before they cost anything', () => {
  test.each(Object.entries(REFUSED))('%s', (name, { make, reason }) => {
    const result = found('refused', name)
    expect(result.refusal).toContain(reason)
    expect(totalMs(result)).toBeLessThan(CEILING_MS)
    const code = make()
    const refused = (): void => void instrument(decodeAndValidate(code, HOST_IMPORT_TYPES))
    expect(refused).toThrow(ProfileError)
    expect(refused).toThrow(
      expect.objectContaining({ code: 'limit', message: expect.stringContaining(reason) }),
    )
  })
})

describe('what stays just inside the limits is compiled in time', () => {
  test.each(Object.keys(ACCEPTED))('%s', name => {
    const result = found('accepted', name)
    expect(result.refusal).toBeUndefined()
    expect(result.compileMs).toBeGreaterThan(0)
    expect(totalMs(result)).toBeLessThan(CEILING_MS)
  })

  test.each(Object.keys(ACCEPTED))('for an observed call, that of one person, too: %s', name => {
    const result = found('observed', name)
    expect(result.refusal).toBeUndefined()
    expect(totalMs(result)).toBeLessThan(OBSERVED_CEILING_MS)
  })
})
