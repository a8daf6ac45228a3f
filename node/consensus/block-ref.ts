/** What consensus knows of a block: its place in the chain. What it contains is the application's. */
import { type BlockHeader, blockHash } from '../types/block.ts'
import { type Hash, hashType, type Height } from '../types/primitives.ts'
import { struct, u64 } from '../types/codec.ts'

export interface BlockRef {
  readonly hash: Hash
  readonly height: Height
  readonly epoch: bigint
  /** In which it was built. It may be certified in a later one, if it is the last of its epoch (machine.ts). */
  readonly view: bigint
  readonly parentHash: Hash
  /** In which its parent was certified; 0 if the parent is not of this epoch. */
  readonly parentView: bigint
}

export const blockRefType = struct('BlockRef', {
  hash: hashType,
  height: u64,
  epoch: u64,
  view: u64,
  parentHash: hashType,
  parentView: u64,
})

export const headerToBlockRef = (header: BlockHeader): BlockRef => ({
  hash: blockHash(header),
  height: header.height,
  epoch: header.epoch,
  view: header.view,
  parentHash: header.parentHash,
  parentView: header.parentView,
})
