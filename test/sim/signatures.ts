/**
 * The simulation's cryptography: a register of who signed what. A vote that is not in it is forged, and so is a
 * certificate whose signers did not all sign. Identities are numbers that stay the same across epochs; positions
 * are those of an epoch's set.
 */
import { toHex } from '../../node/types/primitives.ts'
import type { Certificate, Vote, VoteStatement } from '../../node/types/vote.ts'
import type { Committee } from './committee.ts'

const SIGNATURE_BYTES = 96
export const GOOD = new Uint8Array(SIGNATURE_BYTES).fill(1)
export const BAD = new Uint8Array(SIGNATURE_BYTES)

export const statementKey = ({ kind, epoch, view, hash }: VoteStatement): string =>
  `${kind}/${epoch}/${view}/${hash === undefined ? '' : toHex(hash)}`

/** More than two thirds, by a rule of its own. */
const isQuorum = ({ set: { validators } }: Committee, signers: Iterable<number>): boolean => {
  const total = validators.reduce((sum, { power }) => sum + power, 0n)
  const missing = [...new Set(signers)].reduce(
    (left, signer) => left - (validators[signer]?.power ?? 0n),
    total,
  )
  return 3n * missing < total
}

export class Signatures {
  readonly #signed = new Map<string, Set<number>>()
  readonly #quorums = new Set<string>()
  readonly #verified = new WeakSet<Certificate>()
  readonly #committeeOf: (epoch: bigint) => Committee | undefined
  readonly #onQuorum: (statement: VoteStatement) => void

  constructor(options: {
    committeeOf: (epoch: bigint) => Committee | undefined
    /** More than two thirds have now signed it: its certificate can exist from here on. */
    onQuorum: (statement: VoteStatement) => void
  }) {
    this.#committeeOf = options.committeeOf
    this.#onQuorum = options.onQuorum
  }

  /** Throws if the identity has no place in the epoch: honest nodes do not vote there, others would not be heard. */
  sign(identity: number, statement: VoteStatement): Vote {
    const committee = this.#committeeOf(statement.epoch)
    const signer = committee?.positionOf(identity)
    if (committee === undefined || signer === undefined)
      throw new RangeError(`identity ${identity} signs in epoch ${statement.epoch}, where it has no vote`)
    const key = statementKey(statement)
    let signers = this.#signed.get(key)
    if (signers === undefined) this.#signed.set(key, (signers = new Set()))
    if (!signers.has(signer)) {
      signers.add(signer)
      if (!this.#quorums.has(key) && isQuorum(committee, signers)) {
        this.#quorums.add(key)
        this.#onQuorum(statement)
      }
    }
    return { ...statement, signer, signature: GOOD }
  }

  isGood({ signature }: Vote): boolean {
    return signature[0] === GOOD[0]
  }

  /** Whether a certificate for it can have been made. */
  hasQuorum(statement: VoteStatement): boolean {
    return this.#quorums.has(statementKey(statement))
  }

  /** From everyone who signed; `undefined` without a quorum. */
  assemble(statement: VoteStatement): Certificate | undefined {
    const key = statementKey(statement)
    const committee = this.#committeeOf(statement.epoch)
    const signers = this.#signed.get(key)
    if (committee === undefined || signers === undefined || !this.#quorums.has(key)) return undefined
    return { ...statement, signers: committee.set.toBitmap(signers), signature: GOOD }
  }

  isValidCertificate(certificate: Certificate): boolean {
    if (this.#verified.has(certificate)) return true
    const { kind, epoch, hash, signature } = certificate
    const committee = this.#committeeOf(epoch)
    const signers = committee?.set.fromBitmap(certificate.signers)
    const signed = this.#signed.get(statementKey(certificate))
    const isValid =
      committee !== undefined &&
      signers !== undefined &&
      signed !== undefined &&
      signature[0] === GOOD[0] &&
      (kind === 'nullify') === (hash === undefined) &&
      isQuorum(committee, signers) &&
      signers.every(signer => signed.has(signer))
    if (isValid) this.#verified.add(certificate)
    return isValid
  }
}
