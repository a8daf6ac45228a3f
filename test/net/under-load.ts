/** A load on some nodes of a world while something is done to it. */
import { type LoadFigures, runLoad } from './load.ts'
import type { World } from './world.ts'

/** The load's figures come when `play` is over. */
export const underLoad = async (
  world: World,
  places: readonly number[],
  perSecond: number,
  play: () => Promise<void>,
): Promise<LoadFigures> => {
  const stop = new AbortController()
  const load = runLoad(
    await Promise.all(places.map(place => world.devnet.url(place))),
    perSecond,
    stop.signal,
  )
  try {
    await play()
  } finally {
    stop.abort()
  }
  return load
}
