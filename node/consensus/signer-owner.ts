/** What stands for a chain and a vote key wherever this machine has to tell whose something is. */
import { TAGS, taggedHash } from '../crypto/hash.ts'
import { LIMITS } from '../params.ts'
import { createCodec, fixedBytes, struct, text } from '../types/codec.ts'
import type { Hash } from '../types/primitives.ts'
import { BLS_PUBLIC_KEY_BYTES } from '../types/validator.ts'

const ownerCodec = createCodec<{ chainId: string; voteKey: Uint8Array }>(
  struct('SignerOwner', {
    chainId: text(LIMITS.chainIdBytes),
    voteKey: fixedBytes(BLS_PUBLIC_KEY_BYTES),
  }),
)

export const signerOwner = (chainId: string, voteKey: Uint8Array): Hash =>
  taggedHash(TAGS.signer, ownerCodec.encode({ chainId, voteKey }))
