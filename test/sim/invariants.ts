/**
 * What must hold whatever happens. Each is checked where the step happens that could break it; a violation throws.
 * The rules are written anew here, from the spec, over what all nodes together have signed.
 */
import { bytesEqual, toHex } from '../../node/types/primitives.ts'
import type { VoteStatement } from '../../node/types/vote.ts'
import type { BlockRef } from '../../node/consensus/block-ref.ts'
import type { SimChain } from './chain.ts'
import { type Signatures, statementKey } from './signatures.ts'

export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

const hashOf = ({ hash }: VoteStatement): string => (hash === undefined ? '' : toHex(hash))

export class Invariants {
  readonly #chain: SimChain
  readonly #signatures: () => Signatures
  /** Height -> the one final block. */
  readonly #final = new Map<bigint, string>()
  /** Of honest validators: identity/kind/epoch/view -> hash. */
  readonly #votes = new Map<string, string>()
  /** kind/epoch/view -> hash. */
  readonly #quorums = new Map<string, string>()

  constructor(chain: SimChain, signatures: () => Signatures) {
    this.#chain = chain
    this.#signatures = signatures
    this.#final.set(0n, toHex(chain.genesis.hash))
  }

  isFinal({ height, hash }: BlockRef): boolean {
    return this.#final.get(height) === toHex(hash)
  }

  /** Views that were both notarized and nullified. */
  get tornViews(): number {
    return [...this.#quorums.keys()].filter(
      key => key.startsWith('notarize/') && this.#quorums.has(key.replace('notarize', 'nullify')),
    ).length
  }

  get finalHeight(): number {
    return this.#final.size - 1
  }

  /** No honest validator signs a slashable pair, in any of its lives; what it votes for is justified. False: it did so before. */
  onHonestVote(identity: number, statement: VoteStatement): boolean {
    const { kind, epoch, view } = statement
    const key = (name: string) => `${identity}/${name}/${epoch}/${view}`
    const before = this.#votes.get(key(kind))
    const hash = hashOf(statement)
    if (before === hash) return false
    if (before !== undefined)
      throw new InvariantError(`validator ${identity} signed two ${kind} votes in view ${epoch}/${view}`)
    const rival = kind === 'nullify' ? 'finalize' : kind === 'finalize' ? 'nullify' : undefined
    if (rival !== undefined && this.#votes.has(key(rival)))
      throw new InvariantError(`validator ${identity} signed nullify and finalize in view ${epoch}/${view}`)
    if (kind === 'notarize' && this.#votes.has(key('nullify')))
      throw new InvariantError(`validator ${identity} signed notarize in view ${epoch}/${view} after nullify`)
    this.#votes.set(key(kind), hash)
    if (kind === 'notarize') this.#checkNotarize(identity, statement)
    if (kind === 'finalize' && !this.#signatures().hasQuorum({ ...statement, kind: 'notarize' }))
      throw new InvariantError(
        `validator ${identity} signed finalize in ${epoch}/${view} before a notarization`,
      )
    return true
  }

  /** So many have signed that a certificate can be made. */
  onQuorum(statement: VoteStatement): void {
    const { kind, epoch, view } = statement
    const key = (name: string) => `${name}/${epoch}/${view}`
    const hash = hashOf(statement)
    const before = this.#quorums.get(key(kind))
    if (before !== undefined && before !== hash)
      throw new InvariantError(`two ${kind} certificates in view ${epoch}/${view}`)
    this.#quorums.set(key(kind), hash)
    if (this.#quorums.has(key('nullify')) && this.#quorums.has(key('finalize')))
      throw new InvariantError(`view ${epoch}/${view} can be certified as nullified and as final`)
    const notarized = this.#quorums.get(key('notarize'))
    const finalized = this.#quorums.get(key('finalize'))
    if (notarized !== undefined && finalized !== undefined && notarized !== finalized)
      throw new InvariantError(`view ${epoch}/${view} notarized one block and finalized another`)
  }

  /** A node finalises `blocks`, oldest first, on top of `below`. */
  onFinal(node: number, below: BlockRef, blocks: readonly BlockRef[]): void {
    let parent = below
    for (const block of blocks) {
      if (block.height !== parent.height + 1n || !bytesEqual(block.parentHash, parent.hash))
        throw new InvariantError(`node ${node} finalised height ${block.height} on height ${parent.height}`)
      const before = this.#final.get(block.height)
      if (before !== undefined && before !== toHex(block.hash))
        throw new InvariantError(`two blocks are final at height ${block.height}`)
      if (!this.#chain.block(block.hash).isValid)
        throw new InvariantError(`node ${node} finalised an invalid block at height ${block.height}`)
      this.#final.set(block.height, toHex(block.hash))
      parent = block
    }
  }

  /** tryNotarize: by the leader, on a certified parent, with every view between nullified. */
  #checkNotarize(identity: number, { epoch, view, hash }: VoteStatement): void {
    const fail = (what: string): never => {
      throw new InvariantError(`validator ${identity} notarized a block of ${epoch}/${view} ${what}`)
    }
    if (hash === undefined) return fail('that it did not name')
    const { ref, builder, isValid } = this.#chain.block(hash)
    const committee = this.#chain.committeeOf(epoch)
    if (committee === undefined || ref.epoch !== epoch) return fail('of another epoch')
    if (!isValid) return fail('that is invalid')
    if (builder !== committee.identityAt(committee.info.leaderOf(ref.view)))
      fail('that its leader did not build')
    // A boundary block is proposed again in later views; then its own certificate is what it stands on.
    const base = ref.view < view ? this.#certifiedView(ref, epoch, view) : ref.parentView
    if (ref.view > view || base === undefined) return fail(`that belongs to view ${ref.view}`)
    if (ref.view === view) this.#checkParent(ref, epoch, fail)
    for (let u = base + 1n; u < view; u++)
      if (!this.#signatures().hasQuorum({ kind: 'nullify', epoch, view: u, hash: undefined }))
        fail(`over view ${u}, which was not nullified`)
  }

  #checkParent(ref: BlockRef, epoch: bigint, fail: (what: string) => never): void {
    const { parentView, parentHash, height } = ref
    const parent = this.#chain.block(parentHash).ref
    if (height !== parent.height + 1n) fail('whose height does not follow its parent')
    if (parentView >= ref.view) fail('whose parent is of a later view')
    const isFirst = (height - 1n) % this.#chain.epochBlocks === 0n
    if (isFirst !== (parentView === 0n)) fail(`at height ${height} with parent view ${parentView}`)
    if (isFirst ? !this.isFinal(parent) : !this.#isCertified(epoch, parentView, parentHash))
      fail('whose parent is not certified')
  }

  #certifiedView(ref: BlockRef, epoch: bigint, below: bigint): bigint | undefined {
    if (ref.height % this.#chain.epochBlocks !== 0n) return undefined
    for (let u = below - 1n; u >= ref.view; u--) if (this.#isCertified(epoch, u, ref.hash)) return u
    return undefined
  }

  #isCertified(epoch: bigint, view: bigint, hash: BlockRef['hash']): boolean {
    return (['notarize', 'finalize'] as const).some(kind =>
      this.#signatures().hasQuorum({ kind, epoch, view, hash }),
    )
  }
}

/** What an honest node has sent must be in its log before, and must come back from it. */
export class SentVotes {
  readonly #sent = new Map<string, VoteStatement>()

  add(statement: VoteStatement): void {
    this.#sent.set(statementKey(statement), statement)
  }

  /** `isPast`: of a view that is final on the node. */
  checkRecovered(
    node: number,
    recovered: readonly VoteStatement[],
    isPast: (sent: VoteStatement) => boolean,
  ): void {
    const known = new Set(recovered.map(statementKey))
    for (const [key, statement] of this.#sent) {
      if (isPast(statement)) this.#sent.delete(key)
      else if (!known.has(key)) throw new InvariantError(`node ${node} forgot that it sent ${key}`)
    }
  }
}
