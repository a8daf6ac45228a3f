/** Plays seeds on several threads. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { PlayerData } from './children/player.ts'
import type { Played } from './play.ts'

const PLAYER = new URL('children/player.ts', import.meta.url)

/** One thread; `play` one seed at a time. */
export class Player {
  readonly #worker: Worker

  constructor(data: PlayerData) {
    this.#worker = new Worker(PLAYER, { workerData: data })
  }

  /** Rejects if the thread dies. */
  async play(seed: number): Promise<Played> {
    const answer = once(this.#worker, 'message')
    this.#worker.postMessage(seed)
    const [played] = (await answer) as [Played]
    return played
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}

/** `onPlayed` is called in the order of completion. */
export const playSeeds = async (options: {
  from: number
  seeds: number
  jobs: number
  scenario: string | undefined
  onPlayed: (played: Played) => void
}): Promise<void> => {
  const { from, seeds, jobs, scenario, onPlayed } = options
  let next = from
  const run = async (): Promise<void> => {
    const player = new Player({ scenario, mutation: undefined })
    try {
      while (next < from + seeds) onPlayed(await player.play(next++))
    } finally {
      await player.close()
    }
  }
  await Promise.all(Array.from({ length: Math.min(jobs, seeds) }, run))
}
