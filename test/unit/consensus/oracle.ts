/** What may never happen, written without the code under test: slashable pairs, and two chains. */
import type { BlockRef } from '../../../node/consensus/block-ref.ts'
import { toHex } from '../../../node/types/primitives.ts'
import type { VoteStatement } from '../../../node/types/vote.ts'

/** Throws when one signer says two things that exclude each other, in any of its lives. */
export class SignerOracle {
  readonly #said = new Map<string, string>()

  see(signer: number, { kind, epoch, view, hash }: VoteStatement): void {
    const place = `${signer}/${epoch}/${view}`
    const name = hash === undefined ? '-' : toHex(hash)
    const before = this.#said.get(`${place}/${kind}`)
    if (before !== undefined && before !== name) throw new Error(`${place}: two ${kind} votes`)
    this.#said.set(`${place}/${kind}`, name)
    if (this.#said.has(`${place}/nullify`) && this.#said.has(`${place}/finalize`))
      throw new Error(`${place}: nullify and finalize`)
  }
}

/** Throws unless each is a prefix of the longest, and each block stands on the one before. */
export const assertOneChain = (chains: readonly (readonly BlockRef[])[]): void => {
  const longest = chains.reduce((a, b) => (b.length > a.length ? b : a), [])
  for (const [node, chain] of chains.entries())
    for (const [i, block] of chain.entries()) {
      if (toHex(block.hash) !== toHex(longest[i]!.hash))
        throw new Error(`node ${node} is alone at height ${i + 1}`)
      const parent = chain[i - 1]
      if (block.height !== BigInt(i + 1) || (parent && toHex(parent.hash) !== toHex(block.parentHash)))
        throw new Error(`node ${node} has no chain at height ${i + 1}`)
    }
}
