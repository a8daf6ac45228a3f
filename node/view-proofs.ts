/** The VRF proofs of one validator's views. One takes about 3 ms: it can be made before it is needed. */
import { ecvrfProve } from './crypto/ecvrf.ts'
import { vrfInput } from './crypto/vrf.ts'
import { LruMap } from './types/lru-map.ts'
import type { Hash } from './types/primitives.ts'

const REMEMBERED = 16

interface Epoch {
  readonly epoch: bigint
  readonly nonce: Hash
}

export interface ViewProofs {
  of(epoch: Epoch, view: bigint): Uint8Array
  /** Makes it now, so that asking for it later takes nothing. */
  prepare(epoch: Epoch, view: bigint): void
}

export const createViewProofs = (chainId: string, secretKey: Uint8Array): ViewProofs => {
  const known = new LruMap<string, Uint8Array>(REMEMBERED)
  const of = ({ epoch, nonce }: Epoch, view: bigint): Uint8Array => {
    const key = `${epoch}/${view}`
    let proof = known.get(key)
    if (proof === undefined)
      known.set(key, (proof = ecvrfProve(secretKey, vrfInput({ chainId, nonce, epoch, view }))))
    return proof
  }
  return { of, prepare: (epoch, view) => void of(epoch, view) }
}
