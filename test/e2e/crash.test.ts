import { describe, expect, it } from 'vitest'
import { runKillLoop } from '../chaos/kill-loop.ts'

/** Its plan holds kills at all three moments; a stop may be faster than its kill. `npm run chaos` is the long form. */
const SEED = 26
/** On a busy machine. */
const LIMIT_MS = 240_000

describe('a node that is killed', () => {
  it(
    'loses and moves nothing that it reported final, and goes on',
    async () => {
      const { failures, killsAt, finalTransactions } = await runKillLoop({
        kills: 6,
        seed: SEED,
        log: () => {},
      })
      expect(failures).toEqual([])
      expect(Math.min(killsAt.start, killsAt.load, killsAt.stop)).toBeGreaterThan(0)
      expect(finalTransactions).toBeGreaterThan(100)
    },
    LIMIT_MS,
  )
})
