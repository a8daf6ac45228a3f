/** What consensus knows of a block: its place in the chain. What it contains is the application's. */
import { type BlockHeader, blockHash } from '../types/block.ts'
import { type Hash, hashType, type Height } from '../types/primitives.ts'
import { struct, u64 } from '../types/codec.ts'

export interface BlockRef {
  readonly hash: Hash
  readonly height: Height
  readonly view: bigint
  readonly parentHash: Hash
  readonly parentView: bigint
}

export const blockRefType = struct('BlockRef', {
  hash: hashType,
  height: u64,
  view: u64,
  parentHash: hashType,
  parentView: u64,
})

export const headerToBlockRef = (header: BlockHeader): BlockRef => ({
  hash: blockHash(header),
  height: header.height,
  view: header.view,
  parentHash: header.parentHash,
  parentView: header.parentView,
})
