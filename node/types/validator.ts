/** Who votes, with what power: one set an epoch (epoch.ts). */
import { LIMITS } from '../params.ts'
import { TAGS, taggedHash } from '../crypto/hash.ts'
import { createCodec, fixedBytes, list, struct, u64 } from './codec.ts'
import { type Address, addressType, type Hash } from './primitives.ts'

export const BLS_PUBLIC_KEY_BYTES = 48
export const BLS_SIGNATURE_BYTES = 96
/** Ed25519 points, compressed (crypto/ecvrf.ts). */
export const VRF_PUBLIC_KEY_BYTES = 32
export const VRF_PROOF_BYTES = 80

export interface Validator {
  /** Its operator's, who receives the tips of the blocks it proposes. */
  address: Address
  /** BLS12-381, min-pk, compressed; validated before it enters a set. */
  voteKey: Uint8Array
  /** Proves whose turn it is, and adds to the chain's randomness. */
  vrfKey: Uint8Array
  power: bigint
}

export const validatorType = struct('Validator', {
  address: addressType,
  voteKey: fixedBytes(BLS_PUBLIC_KEY_BYTES),
  vrfKey: fixedBytes(VRF_PUBLIC_KEY_BYTES),
  power: u64,
})

export const validatorsCodec = createCodec<Validator[]>(list(validatorType, LIMITS.validators))

export const validatorsHash = (validators: Validator[]): Hash =>
  taggedHash(TAGS.validators, validatorsCodec.encode(validators))
