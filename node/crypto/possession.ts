/** What a vote key signs to prove that somebody holds it: see bls.ts. */
import { concatBytes } from '#bytes'
import { TAGS, tagPrefix } from './hash.ts'

export const possessionMessage = (publicKey: Uint8Array): Uint8Array =>
  concatBytes(tagPrefix(TAGS.possession), publicKey)
