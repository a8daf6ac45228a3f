/** The thread that makes VRF proofs (view-proofs.ts): inputs in, proofs out, in order. */
import { parentPort, workerData } from 'node:worker_threads'
import { ecvrfProve } from './crypto/ecvrf.ts'
import { giveBackStartMemory } from './execution/start-memory.ts'

const port = parentPort
if (port === null) throw new Error('view-proofs-worker.ts runs as a worker thread only')
const { vrfSecretKey } = workerData as { vrfSecretKey: Uint8Array }

port.on('message', ({ key, input }: { key: string; input: Uint8Array }) => {
  port.postMessage({ key, proof: ecvrfProve(vrfSecretKey, input) })
})
giveBackStartMemory()
