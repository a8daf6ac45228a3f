/** The voters of an epoch: power, quorum, and who stands in a certificate's bitmap. */
import type { Validator } from './validator.ts'
import { bytesEqual } from './primitives.ts'
import { type Certificate, voteMessage } from './vote.ts'

export interface ValidatorSet {
  readonly validators: readonly Validator[]
  readonly totalPower: bigint
  /** More than two thirds of the total: any two quorums share more than a third. */
  isQuorum(power: bigint): boolean
  powerOf(signers: Iterable<number>): bigint
  /** Bit i, least significant first within a byte, is validator i. */
  toBitmap(signers: Iterable<number>): Uint8Array
  /** `undefined` unless it has exactly one bit per validator and none beyond. */
  fromBitmap(bitmap: Uint8Array): number[] | undefined
  indexOf(voteKey: Uint8Array): number | undefined
}

export const createValidatorSet = (validators: readonly Validator[]): ValidatorSet => {
  const totalPower = validators.reduce((sum, { power }) => sum + power, 0n)
  if (totalPower <= 0n) throw new RangeError('a validator set needs some power')
  const bitmapBytes = Math.ceil(validators.length / 8)
  return {
    validators,
    totalPower,
    isQuorum: power => 3n * power > 2n * totalPower,
    powerOf(signers) {
      let power = 0n
      for (const i of signers) power += validators[i]?.power ?? 0n
      return power
    },
    toBitmap(signers) {
      const bitmap = new Uint8Array(bitmapBytes)
      for (const i of signers) bitmap[i >> 3]! |= 1 << (i & 7)
      return bitmap
    },
    fromBitmap(bitmap) {
      if (bitmap.length !== bitmapBytes) return undefined
      const signers: number[] = []
      for (let i = 0; i < bitmapBytes * 8; i++) {
        if (((bitmap[i >> 3]! >> (i & 7)) & 1) === 0) continue
        if (i >= validators.length) return undefined
        signers.push(i)
      }
      return signers
    },
    indexOf(voteKey) {
      const index = validators.findIndex(validator => bytesEqual(validator.voteKey, voteKey))
      return index < 0 ? undefined : index
    },
  }
}

/** Verifies one signature over one message by many keys at once: crypto/bls.ts, or its portable twin. */
export type VerifyAggregate = (
  publicKeys: readonly Uint8Array[],
  message: Uint8Array,
  signature: Uint8Array,
) => boolean

/** What is wrong with a certificate of this set: form, signers, power, signature. About 1 ms with blst. */
export const certificateProblem = (
  chainId: string,
  set: ValidatorSet,
  certificate: Certificate,
  verifyAggregate: VerifyAggregate,
): string | undefined => {
  // A nullify names no block; the others name one.
  if ((certificate.kind === 'nullify') !== (certificate.hash === undefined))
    return `a ${certificate.kind} certificate ${certificate.hash === undefined ? 'without' : 'with'} a block`
  const signers = set.fromBitmap(certificate.signers)
  if (signers === undefined) return 'the certificate names signers who are not in the set'
  const power = set.powerOf(signers)
  if (!set.isQuorum(power)) return `its signers have ${power} of ${set.totalPower} power: no quorum`
  const keys = signers.map(signer => (set.validators[signer] as Validator).voteKey)
  return verifyAggregate(keys, voteMessage(chainId, certificate), certificate.signature)
    ? undefined
    : "the signature is not the signers'"
}
