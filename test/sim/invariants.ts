/** What must hold whatever happens; a violation throws with the seed's story in its message. */
import { toHex } from '../../node/types/primitives.ts'
import type { Certificate, VoteStatement } from '../../node/types/vote.ts'
import type { BlockRef } from '../../node/consensus/block-ref.ts'

export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

const hashOf = ({ hash }: VoteStatement): string => (hash === undefined ? '' : toHex(hash))

export class Invariants {
  /** Height -> the one final block. */
  readonly #final = new Map<bigint, string>()
  readonly #votes = new Map<string, string>()
  readonly #certificates = new Map<string, string>()

  /** No honest validator signs a slashable pair, in any of its lives. */
  onHonestCast(validator: number, statement: VoteStatement): void {
    const { kind, view } = statement
    const key = (kind: string) => `${validator}/${kind}/${view}`
    const before = this.#votes.get(key(kind))
    const hash = hashOf(statement)
    if (before !== undefined && before !== hash)
      throw new InvariantError(`validator ${validator} signed two ${kind} votes in view ${view}`)
    const rival = kind === 'nullify' ? 'finalize' : kind === 'finalize' ? 'nullify' : undefined
    if (rival !== undefined && this.#votes.has(key(rival)))
      throw new InvariantError(`validator ${validator} signed nullify and finalize in view ${view}`)
    this.#votes.set(key(kind), hash)
  }

  onCertificate(certificate: Certificate): void {
    const { kind, view } = certificate
    const key = `${kind}/${view}`
    const before = this.#certificates.get(key)
    const hash = hashOf(certificate)
    if (before !== undefined && before !== hash)
      throw new InvariantError(`two ${kind} certificates in view ${view}`)
    this.#certificates.set(key, hash)
    const isTorn = this.#certificates.has(`nullify/${view}`) && this.#certificates.has(`finalize/${view}`)
    if (isTorn) throw new InvariantError(`view ${view} is both nullified and final`)
  }

  /** `chain` is all that the node has finalised. */
  onFinal(node: number, chain: readonly BlockRef[], added: number): void {
    for (const block of chain.slice(chain.length - added)) {
      const parent = chain[Number(block.height) - 2]
      if (
        chain[Number(block.height) - 1] !== block ||
        (parent && toHex(parent.hash) !== toHex(block.parentHash))
      )
        throw new InvariantError(`node ${node} finalised height ${block.height} out of order`)
      const before = this.#final.get(block.height)
      if (before !== undefined && before !== toHex(block.hash))
        throw new InvariantError(`two blocks are final at height ${block.height}`)
      this.#final.set(block.height, toHex(block.hash))
    }
  }
}
