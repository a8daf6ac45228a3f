/**
 * Where the numbers of the host function `randomness` come from, and who may ask for them.
 *
 * A block's randomness is a hash of its `eta`, which its proposer's VRF proof fixed together with all proofs before
 * it. Nobody else knows it before the block is there. A proposer cannot choose it. What it can do: leave a draw out of
 * its block, or give up its turn and the reward; either way the next proposer's number counts.
 *
 * A contract's n-th number in a block is a hash of the block's randomness, the contract, and n; who sent the
 * transaction is no part of it, or else the proposer could try senders until one suits. Draws of failed transactions
 * do not count, for the same reason: their numbers are drawn again.
 *
 * Whoever can undo a draw can repeat it until it suits. So a contract may draw only when an account calls it (or
 * deploys or upgrades it) by itself: in a batch a later action could fail on purpose, and so could a contract that
 * called it. What is left is the account's gas limit and balance: a contract that spends as much whatever the number
 * is leaves no choice there, either. Such a one keeps the number, and acts on it in a later call.
 */
import { TAGS, taggedHash } from '../crypto/hash.ts'
import { type Address, type Hash, toHex } from '../types/primitives.ts'

export const blockRandomness = (eta: Hash): Hash => taggedHash(TAGS.blockRandomness, eta)

export const contractRandomness = (draw: {
  blockRandomness: Hash
  contract: Address
  /** How many the contract has drawn in the block. */
  index: number
}): Hash => {
  const index = new Uint8Array(4)
  new DataView(index.buffer).setUint32(0, draw.index)
  return taggedHash(TAGS.contractRandomness, draw.blockRandomness, draw.contract, index)
}

/** How many numbers each contract has drawn in a block's transactions, those that failed left out. */
export class BlockDraws {
  readonly #counts = new Map<string, number>()

  of(contract: Address): number {
    return this.#counts.get(toHex(contract)) ?? 0
  }

  add(contract: Address, count: number): void {
    this.#counts.set(toHex(contract), this.of(contract) + count)
  }
}
