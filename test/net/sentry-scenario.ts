/** A validator that hides behind sentries, over real processes. */
import { setTimeout as sleep } from 'node:timers/promises'
import { claimHidden, type Deeds, deedsOf } from './hidden.ts'
import { latency, type Scenario } from './scenario.ts'
import { underLoad } from './under-load.ts'
import { claim, ClaimError, inWorld, PROGRESS_MS } from './world.ts'

const ALL = [0, 1, 2, 3] as const
/** Places of the validator that hides, and of its sentries. */
const HIDDEN = 3
const SENTRIES = [4, 5] as const

export const sentries: Scenario = {
  name: 'sentries',
  what: 'a validator behind two sentries, under load: it votes and leads, with one sentry too, and nobody else knows it',
  run: scale =>
    inWorld({ sentries: 2, epochBlocks: 40n }, async world => {
      const { devnet } = world
      const deeds = (above: bigint, upTo: bigint) => deedsOf(world, { asked: 0, place: HIDDEN, above, upTo })
      let open: Deeds | undefined
      let alone: Deeds | undefined
      const figures = await underLoad(world, [0, 1], 100, async () => {
        await world.untilHeight(HIDDEN, 5n, PROGRESS_MS)
        const from = world.height(0)
        await sleep(20_000 * scale)
        open = await deeds(from, world.height(0))
        await claimHidden(world, HIDDEN)
        devnet.child(SENTRIES[0]).kill()
        await devnet.child(SENTRIES[0]).exited
        // Of four validators three are needed from now on: without the hidden one nothing becomes final.
        devnet.child(2).kill()
        await devnet.child(2).exited
        await sleep(2_000)
        const at = world.height(0)
        const upTo = at + BigInt(Math.ceil(30 * scale))
        await world.untilHeight(0, upTo, 3 * PROGRESS_MS)
        alone = await deeds(at, upTo)
        await claimHidden(world, HIDDEN)
        for (const place of [2, SENTRIES[0]]) {
          devnet.start(place)
          await devnet.url(place)
        }
        for (const place of [2, HIDDEN, ...SENTRIES])
          await world.untilHeight(place, world.height(0), PROGRESS_MS)
      })
      if (open === undefined || alone === undefined) throw new ClaimError('the scenario was not played')
      claim(open.signed > 0, `none of ${open.blocks} certificates has the hidden validator's vote`)
      claim(open.proposed + alone.proposed > 0, 'the hidden validator made no block')
      claim(
        alone.signed === alone.blocks,
        `with one sentry the hidden validator's vote is in ${alone.signed} of ${alone.blocks} certificates that need it`,
      )
      await claimHidden(world, HIDDEN)
      return {
        'blocks with all': open.blocks,
        'of them with its vote': open.signed,
        'made by it': open.proposed,
        'blocks that needed its vote': alone.blocks,
        ...latency(figures),
        'heights compared': await world.audit([...ALL, ...SENTRIES]),
      }
    }),
}
