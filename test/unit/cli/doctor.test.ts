import { describe, expect, it } from 'vitest'
import { checkClock, checkNodeVersion, checkSpace } from '../../../cli/doctor/environment.ts'
import { examine, quoted, Wrong } from '../../../cli/doctor/finding.ts'

describe('a check', () => {
  it('takes its repair from what was thrown, and only the first line of what went wrong', async () => {
    const act = (error: Error) => () => {
      throw error
    }
    expect(await examine('x', 'usual', act(new Error('bad\n at somewhere')))).toEqual({
      check: 'x',
      status: 'wrong',
      message: 'bad',
      repair: 'usual',
    })
    expect(await examine('x', 'usual', act(new Wrong('bad', 'special')))).toMatchObject({ repair: 'special' })
    expect(await examine('x', 'usual', () => 'good')).toEqual({ check: 'x', status: 'ok', message: 'good' })
  })

  it('refuses an old Node, a clock before Vex was made, a disk that is almost full', () => {
    expect(() => checkNodeVersion('22.19.0')).toThrow(/too old/)
    expect(checkNodeVersion('24.0.0')).toBe('Node 24.0.0')
    expect(() => checkClock(Date.UTC(1970, 0, 1))).toThrow(/before this version/)
    expect(checkClock(Date.UTC(2027, 0, 1))).toContain('2027-01-01')
    expect(() => checkSpace(256 * 1024 * 1024 - 1, '/d')).toThrow(/only 255 MiB/)
    expect(checkSpace(256 * 1024 * 1024, '/d')).toContain('256 MiB')
  })

  it('writes paths so that a shell takes them', () => {
    expect(quoted('/a/b-c.d')).toBe('/a/b-c.d')
    expect(quoted(`it's here`)).toBe(`'it'\\''s here'`)
  })
})
