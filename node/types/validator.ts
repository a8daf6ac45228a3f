/** Who votes, with what power. The set is fixed by the genesis until staking can change it. */
import { LIMITS } from '../params.ts'
import { TAGS, taggedHash } from '../crypto/hash.ts'
import { createCodec, fixedBytes, list, struct, u64 } from './codec.ts'
import { type Address, addressType, type Hash } from './primitives.ts'

export const BLS_PUBLIC_KEY_BYTES = 48
export const BLS_SIGNATURE_BYTES = 96

export interface Validator {
  /** Receives the tips of the blocks it proposes. */
  address: Address
  /** BLS12-381, min-pk, compressed; validated before it enters a set. */
  voteKey: Uint8Array
  power: bigint
}

export const validatorType = struct('Validator', {
  address: addressType,
  voteKey: fixedBytes(BLS_PUBLIC_KEY_BYTES),
  power: u64,
})

const validatorsCodec = createCodec<Validator[], Validator[]>(list(validatorType, LIMITS.validators) as never)

export const validatorsHash = (validators: Validator[]): Hash =>
  taggedHash(TAGS.validators, validatorsCodec.encode(validators))
