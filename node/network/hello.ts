/**
 * What two nodes tell each other first, and when they refuse each other. Noise has proven the peer ids; a hello adds the
 * chain and the version of what they speak, and ties a vote key to the peer id that speaks for it: its holder signs
 *
 *   tag | genesis hash | peer id
 *
 * Nobody else can use such a proof, for nobody else has that peer id's key.
 */
import { concatBytes } from '#bytes'
import { blsSign, blsVerify } from '../crypto/bls.ts'
import { type Tag, TAGS, tagPrefix } from '../crypto/hash.ts'
import { createCodec, fixedBytes, nameOf, option, struct, text, u16, u64, union } from '../types/codec.ts'
import { bytesEqual, type Hash, hashType, type Height, toHex } from '../types/primitives.ts'
import { BLS_PUBLIC_KEY_BYTES, BLS_SIGNATURE_BYTES } from '../types/validator.ts'
import { NODE_KINDS, type NodeKind } from './ports.ts'

/** Nodes with another number do not talk to each other. Raised when a message's bytes or meaning change. */
export const PROTOCOL_VERSION = 2

const AGENT_BYTES = 64
const REASON_BYTES = 256

export interface VoteKeyProof {
  voteKey: Uint8Array
  signature: Uint8Array
}

/** What changes while they talk, and is told again. */
export interface Status {
  height: Height
  hash: Hash
  keptFrom: Height
}

export interface Hello extends Status {
  protocol: number
  genesisHash: Hash
  kind: NodeKind
  /** Name and version of the software, for people. */
  agent: string
  voteKeyProof: VoteKeyProof | undefined
}

export type HelloAnswer =
  | { kind: 'welcome'; hello: Hello }
  /** For the other side's log. */
  | { kind: 'refused'; reason: string }

const statusFields = { height: u64, hash: hashType, keptFrom: u64 }

export const voteKeyProofType = struct('VoteKeyProof', {
  voteKey: fixedBytes(BLS_PUBLIC_KEY_BYTES),
  signature: fixedBytes(BLS_SIGNATURE_BYTES),
})

const helloType = struct('Hello', {
  protocol: u16,
  genesisHash: hashType,
  kind: nameOf('NodeKind', NODE_KINDS),
  agent: text(AGENT_BYTES),
  ...statusFields,
  voteKeyProof: option(voteKeyProofType),
})

export const MAX_HELLO_BYTES = 1024

export const statusCodec = createCodec<Status>(struct('Status', statusFields), 128)
/** The protocol comes first for ever, so that it can be read when the rest has changed. */
export const helloCodec = createCodec<Hello>(helloType, MAX_HELLO_BYTES)
export const helloAnswerCodec = createCodec<HelloAnswer>(
  union<HelloAnswer>('HelloAnswer', {
    welcome: struct('Welcome', { hello: helloType }),
    refused: struct('Refused', { reason: text(REASON_BYTES) }),
  }),
  MAX_HELLO_BYTES,
)

/** What the holder of a vote key signs about a peer id. */
export const voteKeyStatement = (tag: Tag, genesisHash: Hash, peerId: string): Uint8Array =>
  concatBytes(tagPrefix(tag), genesisHash, new TextEncoder().encode(peerId))

const proofMessage = (genesisHash: Hash, peerId: string): Uint8Array =>
  voteKeyStatement(TAGS.peer, genesisHash, peerId)

export const proveVoteKey = (
  { secretKey, voteKey }: { readonly secretKey: Uint8Array; readonly voteKey: Uint8Array },
  genesisHash: Hash,
  peerId: string,
): VoteKeyProof => ({ voteKey, signature: blsSign(secretKey, proofMessage(genesisHash, peerId)) })

/** Why a node on the chain of `genesisHash` refuses whoever said `hello` as `peerId`; `undefined`: it does not. */
export const helloProblem = (hello: Hello, genesisHash: Hash, peerId: string): string | undefined => {
  const { protocol, genesisHash: theirs, voteKeyProof } = hello
  if (protocol !== PROTOCOL_VERSION)
    return `it speaks version ${protocol} of the protocol, this node version ${PROTOCOL_VERSION}`
  if (!bytesEqual(theirs, genesisHash))
    return `it is on another chain: its genesis has the hash ${toHex(theirs)}, ours ${toHex(genesisHash)}`
  if (
    voteKeyProof !== undefined &&
    !blsVerify(voteKeyProof.voteKey, proofMessage(genesisHash, peerId), voteKeyProof.signature)
  )
    return `it does not hold the vote key ${toHex(voteKeyProof.voteKey)} that it claims`
  return undefined
}

/** The protocol's number alone, from bytes that this version may not be able to decode. */
export const protocolOf = (bytes: Uint8Array): number | undefined =>
  bytes.length < 2 ? undefined : (bytes[0] as number) | ((bytes[1] as number) << 8)
