/**
 * The VRF proofs of one validator's views. A proof takes about 5 ms, and its input is known as soon as the epoch's
 * nonce is: it can be made while nobody waits for it.
 */
import type { EpochInfo } from './chain/epochs.ts'
import { ecvrfProve } from './crypto/ecvrf.ts'
import { vrfInput } from './crypto/vrf.ts'
import { createLeaders, type Leaders } from './transition/leaders.ts'
import { LruMap } from './types/lru-map.ts'
import { type Address, bytesEqual } from './types/primitives.ts'

const REMEMBERED_PROOFS = 16
const REMEMBERED_EPOCHS = 2
/** How far ahead an own view is looked for. */
const VIEWS_AHEAD = 16n

export interface ViewProofs {
  of(epoch: EpochInfo, view: bigint): Uint8Array
  /** Makes the proof of the first own view from `view` on, so that asking for it later takes nothing. */
  prepare(epoch: EpochInfo, view: bigint): void
}

export const createViewProofs = (
  chainId: string,
  { address, vrfSecretKey }: { readonly address: Address; readonly vrfSecretKey: Uint8Array },
): ViewProofs => {
  const known = new LruMap<string, Uint8Array>(REMEMBERED_PROOFS)
  const leaders = new LruMap<bigint, Leaders>(REMEMBERED_EPOCHS)
  const leadersOf = (info: EpochInfo): Leaders => {
    let found = leaders.get(info.epoch)
    if (found === undefined) leaders.set(info.epoch, (found = createLeaders({ chainId, ...info })))
    return found
  }
  const of = ({ epoch, nonce }: EpochInfo, view: bigint): Uint8Array => {
    const key = `${epoch}/${view}`
    let proof = known.get(key)
    if (proof === undefined)
      known.set(key, (proof = ecvrfProve(vrfSecretKey, vrfInput({ chainId, nonce, epoch, view }))))
    return proof
  }
  return {
    of,
    prepare(info, from) {
      for (let view = from; view < from + VIEWS_AHEAD; view++) {
        const leader = info.validators[leadersOf(info).of(view)]
        if (leader === undefined || !bytesEqual(leader.address, address)) continue
        of(info, view)
        return
      }
    },
  }
}
