/** A thread that plays the seeds it is sent, perhaps with one guard of the node's code broken. */
import { parentPort, workerData } from 'node:worker_threads'
import { installMutation } from '../mutate.ts'
import { MUTATIONS } from '../mutations.ts'

export interface PlayerData {
  readonly scenario: string | undefined
  readonly mutation: string | undefined
}

const { scenario, mutation: name } = workerData as PlayerData
const mutation = MUTATIONS.find(known => known.name === name)
if (mutation !== undefined) installMutation(mutation)
// After the hook: this is what loads the code that it breaks.
const { play } = await import('../play.ts')

parentPort?.on('message', (seed: number) => parentPort?.postMessage(play(seed, scenario)))
