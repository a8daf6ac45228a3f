/** What the simulated nodes agree on: the application's side of consensus, shared by all of them. */
import type { BlockRef } from '../../node/consensus/block-ref.ts'
import type { Certificate } from '../../node/types/vote.ts'
import type { Committee } from './committee.ts'

export interface BuildRequest {
  readonly epoch: bigint
  readonly view: bigint
  /** What the block claims to stand on; an adversary may claim what is not so. */
  readonly parent: Pick<BlockRef, 'hash' | 'height'>
  readonly parentView: bigint
  readonly certificate: Certificate | undefined
  /** The builder's identity. */
  readonly builder: number
  /** By the builder's clock. */
  readonly wallMs: number
  /** Bytes that only look like a block: nobody finds it valid. */
  readonly isNonsense?: boolean
}

export interface SimBlock {
  readonly ref: BlockRef
  readonly builder: number
  readonly timeMs: number
  readonly isValid: boolean
}

export interface SimChain {
  readonly genesis: BlockRef
  /** L. */
  readonly epochBlocks: bigint
  voteKeyOf(identity: number): Uint8Array
  build(request: BuildRequest): BlockRef
  /** Of what was built here. */
  block(hash: BlockRef['hash']): SimBlock
  /** What `node` finds when it executes the block. Throws if that differs from what others found. */
  check(node: number, hash: BlockRef['hash']): boolean
  /** Known from the commit of the last block before the epoch on. */
  committeeOf(epoch: bigint): Committee | undefined
  /** A node has made the block final; blocks come in order of height. Throws if what it learns differs from the others'. */
  commit(node: number, ref: BlockRef): void
}
