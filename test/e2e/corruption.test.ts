import { describe, expect, it } from 'vitest'
import { runCorruption } from '../chaos/corruption.ts'

/** Ten files, each damaged once: a few seconds. `npm run corrupt` is the long form, in every way and at many places. */
const ROUNDS = 10
const SEED = 2
/** On a busy machine. */
const LIMIT_MS = 240_000

describe('a damaged data directory', () => {
  it(
    'becomes a working node that lost nothing final, or is refused with a sentence and a command',
    async () => {
      const { failures, counts } = await runCorruption({ rounds: ROUNDS, seed: SEED, log: () => {} })
      expect(failures).toEqual([])
      expect(counts.works + counts.refuses + counts.unseen).toBe(ROUNDS)
      expect(Math.min(counts.works, counts.refuses)).toBeGreaterThan(0)
    },
    LIMIT_MS,
  )
})
