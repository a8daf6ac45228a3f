import { describe, expect, it } from 'vitest'
import { type CpuProfile, formatProfile, summariseProfile } from '../../bench/profile.ts'

const frame = (id: number, functionName: string, url = '', lineNumber = -1, children: number[] = []) => ({
  id,
  children,
  callFrame: { functionName, url, lineNumber },
})

const ROOT = 'file:///repo/'

const PROFILE: CpuProfile = {
  nodes: [
    frame(1, '(root)', '', -1, [2, 3, 4, 5, 6, 7]),
    frame(2, '(idle)'),
    frame(3, '(garbage collector)'),
    frame(4, '(program)'),
    frame(5, 'encode', 'file:///repo/node/types/codec.ts', 9, [8]),
    frame(6, '', 'file:///repo/node_modules/ws/lib/sender.js', 0),
    // The same function, called from elsewhere.
    frame(7, 'encode', 'file:///repo/node/types/codec.ts', 9),
    frame(8, 'writev'),
  ],
  samples: [5, 6, 2, 3, 7, 4, 8, 1],
  timeDeltas: [900, 1_000, 2_000, 4_000, 500, 3_000, 250, 125],
}

describe('the summary of a CPU profile', () => {
  const summary = summariseProfile(PROFILE, ROOT, 10)

  it('gives each sample the time until the next, and adds up a function’s', () => {
    expect(summary.functions).toEqual([
      { name: 'encode node/types/codec.ts:10', selfMs: 4 },
      { name: '(anonymous) ws/lib/sender.js:1', selfMs: 2 },
      { name: 'writev < encode node/types/codec.ts:10', selfMs: 0.125 },
    ])
  })

  it('counts waiting, garbage collection and V8 itself apart', () => {
    expect(summary).toMatchObject({ idleMs: 4, gcMs: 0.5, programMs: 0.25, totalMs: 10.875 })
  })

  it('names no more functions than asked for', () => {
    expect(summariseProfile(PROFILE, ROOT, 1).functions).toHaveLength(1)
  })

  it('does not count time twice where the clock went back', () => {
    const { totalMs } = summariseProfile(
      { ...PROFILE, samples: [5, 6, 2], timeDeltas: [0, -300, 1_000] },
      ROOT,
      10,
    )
    expect(totalMs).toBe(1)
  })

  it('is shown with shares of the whole', () => {
    const lines = formatProfile(summary).split('\n')
    expect(lines).toHaveLength(7)
    expect(lines[1]).toContain('36.8 %  (idle)')
  })
})
