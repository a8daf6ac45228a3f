/** What validators send each other. Every list and byte string has a limit; a message is decoded whole or refused. */
import { LIMITS } from '../params.ts'
import { byteString, createCodec, fixedBytes, list, option, struct, u64, union } from '../types/codec.ts'
import { type Hash, hashType } from '../types/primitives.ts'
import { BLS_SIGNATURE_BYTES } from '../types/validator.ts'
import { type Certificate, certificateType, type Vote, voteType } from '../types/vote.ts'
import { STANDSTILL_ITEMS } from './protocol.ts'

export type Message =
  /** From the leader. `signature` is its N vote for the block, whose view and hash the block tells. */
  | { kind: 'proposal'; block: Uint8Array; signature: Uint8Array; justification: Certificate[] }
  | { kind: 'vote'; vote: Vote }
  | { kind: 'certificates'; certificates: Certificate[] }
  /** Sent when nothing becomes final: what the sender has, above the view it has finalised. */
  | { kind: 'standstill'; finalView: bigint; certificates: Certificate[]; votes: Vote[] }
  | { kind: 'blockWanted'; hash: Hash }
  /** Without a block: the sender does not have it either. */
  | { kind: 'block'; hash: Hash; block: Uint8Array | undefined }
  /** Of views in (above, upTo]. */
  | { kind: 'certificatesWanted'; above: bigint; upTo: bigint }

/** The final block's certificate, and a full list. */
const certificates = list(certificateType, STANDSTILL_ITEMS + 1)
const block = byteString(LIMITS.blockBytes)

/** Positions are on the wire: append only. */
export const messageCodec = createCodec<Message, Message>(
  union<Message>('ConsensusMessage', {
    proposal: struct('Proposal', {
      block,
      signature: fixedBytes(BLS_SIGNATURE_BYTES),
      justification: certificates,
    }) as never,
    vote: struct('VoteMessage', { vote: voteType }) as never,
    certificates: struct('Certificates', { certificates }) as never,
    standstill: struct('Standstill', {
      finalView: u64,
      certificates,
      votes: list(voteType, STANDSTILL_ITEMS),
    }) as never,
    blockWanted: struct('BlockWanted', { hash: hashType }) as never,
    block: struct('BlockMessage', { hash: hashType, block: option(block) }) as never,
    certificatesWanted: struct('CertificatesWanted', { above: u64, upTo: u64 }) as never,
  }),
  LIMITS.blockBytes + 64 * 1024,
)
