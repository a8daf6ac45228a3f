/**
 * Where the numbers of the host function `randomness` come from.
 *
 * A block's randomness is a hash of its `eta`, which its proposer's VRF proof fixed together with all proofs before
 * it. A proposer has no choice of it but one: not to propose, which costs the block's reward and moves the turn to
 * another. Nobody else knows it before the block is there.
 *
 * A contract's n-th number in a transaction is a hash of the block's randomness, the sender and its nonce, the
 * contract, and n. Numbers that a reverted call drew are drawn again, and no other contract can use up a contract's
 * numbers: asking again until one suits does not work within a transaction.
 */
import { TAGS, taggedHash } from '../crypto/hash.ts'
import type { Address, Hash } from '../types/primitives.ts'

export const blockRandomness = (eta: Hash): Hash => taggedHash(TAGS.blockRandomness, eta)

export const contractRandomness = (draw: {
  blockRandomness: Hash
  sender: Address
  nonce: bigint
  contract: Address
  /** How many the contract has drawn in the transaction. */
  index: number
}): Hash => {
  const numbers = new Uint8Array(12)
  const view = new DataView(numbers.buffer)
  view.setBigUint64(0, draw.nonce)
  view.setUint32(8, draw.index)
  return taggedHash(TAGS.contractRandomness, draw.blockRandomness, draw.sender, draw.contract, numbers)
}
