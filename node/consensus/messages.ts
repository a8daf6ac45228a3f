/** What validators send each other. Every list and byte string has a limit; a message is decoded whole or refused. */
import { LIMITS } from '../params.ts'
import { byteString, createCodec, fixedBytes, list, struct, u64, union } from '../types/codec.ts'
import { type Hash, hashType, type Height } from '../types/primitives.ts'
import { BLS_SIGNATURE_BYTES } from '../types/validator.ts'
import type { BlockRef } from './block-ref.ts'
import { type Certificate, certificateType, type Vote, voteType } from '../types/vote.ts'

/** Certificates, and votes, of one standstill message. */
export const STANDSTILL_ITEMS = 64
/** Blocks of one answer; a responder may send fewer. */
export const FETCH_BLOCKS = 64

/** A block is its bytes on the wire, its place in the chain (`BlockRef`) for the replica. */
export type Message<Block> =
  /** From the leader of `view` in the block's epoch. `signature` is its N vote for the block in that view. */
  | { kind: 'proposal'; view: bigint; block: Block; signature: Uint8Array; justification: Certificate[] }
  /** The sender's own; or a leader's, to be held against another of its (witnesses.ts). */
  | { kind: 'vote'; vote: Vote }
  | { kind: 'certificates'; certificates: Certificate[] }
  /** Sent when nothing becomes final: what the sender has, above the view it has finalised. */
  | { kind: 'standstill'; epoch: bigint; finalView: bigint; certificates: Certificate[]; votes: Vote[] }
  /** The block and as many of its ancestors above a height as one answer takes. */
  | { kind: 'blocksWanted'; hash: Hash; above: Height }
  /** The block asked for, then its parent, and so on. None: the sender does not have it either. */
  | { kind: 'blocks'; hash: Hash; blocks: Block[] }
  /** Of views in (above, upTo]. */
  | { kind: 'certificatesWanted'; epoch: bigint; above: bigint; upTo: bigint }

export type WireMessage = Message<Uint8Array>

/** That it speaks of, if it says so. */
export const epochOfMessage = (message: Message<BlockRef>): bigint | undefined => {
  switch (message.kind) {
    case 'proposal':
      return message.block.epoch
    case 'vote':
      return message.vote.epoch
    case 'certificates':
      return message.certificates[0]?.epoch
    case 'standstill':
    case 'certificatesWanted':
      return message.epoch
    case 'blocks':
      return message.blocks[0]?.epoch
    case 'blocksWanted':
      return undefined
  }
}

/** The final block's certificate, and a full list. */
const certificates = list(certificateType, STANDSTILL_ITEMS + 1)
const block = byteString(LIMITS.blockBytes)

/** Positions are on the wire: append only. */
export const messageCodec = createCodec<WireMessage>(
  union<WireMessage>('ConsensusMessage', {
    proposal: struct('Proposal', {
      view: u64,
      block,
      signature: fixedBytes(BLS_SIGNATURE_BYTES),
      justification: certificates,
    }),
    vote: struct('VoteMessage', { vote: voteType }),
    certificates: struct('Certificates', { certificates }),
    standstill: struct('Standstill', {
      epoch: u64,
      finalView: u64,
      certificates,
      votes: list(voteType, STANDSTILL_ITEMS),
    }),
    blocksWanted: struct('BlocksWanted', { hash: hashType, above: u64 }),
    blocks: struct('Blocks', { hash: hashType, blocks: list(block, FETCH_BLOCKS) }),
    certificatesWanted: struct('CertificatesWanted', { epoch: u64, above: u64, upTo: u64 }),
  }),
  LIMITS.blockBytes + 64 * 1024,
)
