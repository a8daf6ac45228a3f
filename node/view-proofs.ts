/**
 * The VRF proofs of one validator's views. A proof takes some milliseconds, and its input is known as soon as the
 * epoch's nonce is: a thread of its own makes those of the next own views ahead of time.
 */
import { Worker } from 'node:worker_threads'
import type { EpochInfo } from './chain/epochs.ts'
import { ecvrfProve } from './crypto/ecvrf.ts'
import { vrfInput } from './crypto/vrf.ts'
import { createLeaders, type Leaders } from './transition/leaders.ts'
import { LruMap } from './types/lru-map.ts'
import { type Address, bytesEqual } from './types/primitives.ts'

/** Of own views, those next. */
const PROOFS_AHEAD = 8
/** How far ahead own views are looked for. */
const VIEWS_AHEAD = 64n
const REMEMBERED_PROOFS = 4 * PROOFS_AHEAD
const REMEMBERED_EPOCHS = 2

export interface ViewProofs {
  /** At once if it was prepared; else when it is made. */
  of(epoch: EpochInfo, view: bigint): Promise<Uint8Array>
  /** Has the proofs of the first own views from `view` on made. */
  prepare(epoch: EpochInfo, view: bigint): void
  close(): Promise<void>
}

/** A proof is made of numbers that are thrown away at once. */
const HEAP_MIB = 32
const YOUNG_MIB = 3

type Proof = PromiseWithResolvers<Uint8Array> & { readonly input: Uint8Array }

export const createViewProofs = (
  chainId: string,
  { address, vrfSecretKey }: { readonly address: Address; readonly vrfSecretKey: Uint8Array },
): ViewProofs => {
  const known = new LruMap<string, Proof>(REMEMBERED_PROOFS)
  const waiting = new Map<string, Proof>()
  const leaders = new LruMap<bigint, Leaders>(REMEMBERED_EPOCHS)
  const worker = new Worker(new URL('view-proofs-worker.ts', import.meta.url), {
    workerData: { vrfSecretKey },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB, maxYoungGenerationSizeMb: YOUNG_MIB },
  })
  worker.unref()
  let isAlive = true

  const made = (key: string, proof: Uint8Array): void => {
    waiting.get(key)?.resolve(proof)
    waiting.delete(key)
  }
  worker.on('message', ({ key, proof }: { key: string; proof: Uint8Array }) => made(key, proof))
  // What it leaves undone is done here: late, and never wrong.
  worker.on('error', () => {
    isAlive = false
    for (const [key, { input }] of waiting) made(key, ecvrfProve(vrfSecretKey, input))
  })

  const leadersOf = (info: EpochInfo): Leaders => {
    let found = leaders.get(info.epoch)
    if (found === undefined) leaders.set(info.epoch, (found = createLeaders({ chainId, ...info })))
    return found
  }
  const ask = ({ epoch, nonce }: EpochInfo, view: bigint): Proof => {
    const key = `${epoch}/${view}`
    const before = known.get(key)
    if (before !== undefined) return before
    const proof = { ...Promise.withResolvers<Uint8Array>(), input: vrfInput({ chainId, nonce, epoch, view }) }
    known.set(key, proof)
    waiting.set(key, proof)
    if (isAlive) worker.postMessage({ key, input: proof.input })
    else made(key, ecvrfProve(vrfSecretKey, proof.input))
    return proof
  }
  return {
    of: (info, view) => ask(info, view).promise,
    prepare(info, from) {
      let left = PROOFS_AHEAD
      for (let view = from; view < from + VIEWS_AHEAD && left > 0; view++) {
        const leader = info.validators[leadersOf(info).of(view)]
        if (leader === undefined || !bytesEqual(leader.address, address)) continue
        ask(info, view)
        left--
      }
    },
    async close() {
      isAlive = false
      await worker.terminate()
    },
  }
}
