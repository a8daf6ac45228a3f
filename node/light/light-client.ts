/**
 * A light client: follows the chain by one header an epoch, and believes nothing else that a node says without a proof.
 *
 *   start      a genesis, or a header that the user trusts with the validators of its epoch
 *   hand-over  the last header of the epoch, C[F] by the epoch's set, the next set with the hash that the header names
 *   verify     any header of the epoch, or of the last few before, with its C[F]
 *   included   a transaction and its receipt, by Merkle proofs under that header's roots or an ancestor's (inclusion.ts)
 *   account,   values of the state at a verified header, by an ICS-23 proof (ics23.ts); or that there is none
 *   storage
 *
 * Why that is enough: the set of epoch e + 1 is named by every header of e, and a header of e is final only with the
 * votes of more than two thirds of set e. Two final blocks of one height therefore have signers in common, with more
 * than a third of the power, whom both certificates convict: the client refuses the second and hands out both.
 *
 * Trust ends after the trusting period, counted from the newest verified header's time: validators who have taken
 * their stakes back have nothing to lose. It must be shorter than the time for which stakes stay liable.
 *
 * Pure: the time comes in. No Node in here or below: a browser runs it.
 */
import { portableBls } from '../crypto/bls-portable.ts'
import { accountKey, storageKey } from '../state/keys.ts'
import { type Account, accountCodec } from '../types/account.ts'
import { type BlockHeader, blockHash } from '../types/block.ts'
import { type CommitmentProof, decodeCommitmentProof, ProofFormatError } from '../types/commitment-proof.ts'
import { epochOf, lastHeight } from '../types/epoch.ts'
import { type Genesis, genesisHash, genesisValidators } from '../types/genesis.ts'
import type { FinalHeader, HandOver } from '../types/hand-over.ts'
import type { Inclusion } from '../types/inclusion.ts'
import { LruMap } from '../types/lru-map.ts'
import { type Address, bytesEqual, type Hash, type Height, type TimeMs, toHex } from '../types/primitives.ts'
import { type Validator, validatorsHash } from '../types/validator.ts'
import {
  certificateProblem,
  createValidatorSet,
  type ValidatorSet,
  type VerifyAggregate,
} from '../types/validator-set.ts'
import { LightClientError, type LightClientErrorCode } from './error.ts'
import { type IncludedTransaction, verifyInclusion } from './inclusion.ts'
import { ProofError, STATE_TREE, verifyAbsence, verifyPresence } from './ics23.ts'

/** Headers ahead of the device's clock by less are accepted. */
const CLOCK_DRIFT_MS = 10_000n
/** Of the last verified headers, to notice a fork. */
const REMEMBERED_HEADERS = 1024
/** Of those that have ended, to verify what a node said a moment before, and to notice a fork of them. */
const REMEMBERED_EPOCHS = 8n

export interface LightClientOptions {
  /** From the newest verified header's time on. */
  readonly trustingPeriodMs: bigint
  /** For chains in tests; by default the portable BLS verification. */
  readonly verifyAggregate?: VerifyAggregate
}

/** What the user trusts, wherever from. */
export interface Checkpoint {
  readonly chainId: string
  /** L of the chain's genesis. */
  readonly epochBlocks: bigint
  readonly header: BlockHeader
  /** Of the header's epoch. */
  readonly validators: readonly Validator[]
}

/** A header that this client has verified. */
export interface VerifiedHeader {
  readonly header: BlockHeader
  readonly hash: Hash
}

interface KnownEpoch {
  readonly set: ValidatorSet
  readonly hash: Hash
  /** Its last block's time, once that is verified: from then on its validators may take their stakes back. */
  readonly endedMs: TimeMs | undefined
}

const refuse = (code: LightClientErrorCode, message: string): never => {
  throw new LightClientError(code, message)
}

export class LightClient {
  readonly #chainId: string
  readonly #epochBlocks: bigint
  readonly #options: LightClientOptions
  readonly #verified = new WeakSet<VerifiedHeader>()
  readonly #byHeight = new LruMap<Height, FinalHeader>(REMEMBERED_HEADERS)
  readonly #epochs = new Map<bigint, KnownEpoch>()
  #epoch: bigint
  #trustedMs: TimeMs
  /** Nothing else may be final at its height. */
  readonly #trusted: { readonly height: Height; readonly hash: Hash }

  private constructor(
    start: Omit<Checkpoint, 'header'> & { epoch: bigint; timeMs: TimeMs; height: Height; hash: Hash },
    options: LightClientOptions,
  ) {
    this.#chainId = start.chainId
    this.#epochBlocks = start.epochBlocks
    this.#options = options
    this.#epoch = start.epoch
    this.#enter(start.validators)
    this.#trustedMs = start.timeMs
    this.#trusted = { height: start.height, hash: start.hash }
  }

  /** `expectedHash` is what the user trusts: the genesis may come from anybody. */
  static fromGenesis(genesis: Genesis, expectedHash: Hash, options: LightClientOptions): LightClient {
    const hash = genesisHash(genesis)
    if (!bytesEqual(hash, expectedHash))
      refuse('wrong_chain', `the genesis has the hash ${toHex(hash)}, and ${toHex(expectedHash)} is trusted`)
    const { chainId, timeMs, params } = genesis
    const validators = genesisValidators(genesis)
    const start = {
      chainId,
      epochBlocks: params.epochBlocks,
      validators,
      epoch: 0n,
      timeMs,
      height: 0n,
      hash,
    }
    return new LightClient(start, options)
  }

  static fromCheckpoint(checkpoint: Checkpoint, options: LightClientOptions): LightClient {
    const { header, chainId, epochBlocks, validators } = checkpoint
    if (header.chainId !== chainId) refuse('wrong_chain', `the header is of chain ${header.chainId}`)
    if (!bytesEqual(validatorsHash([...validators]), header.validatorsHash))
      refuse(
        'wrong_set',
        `these are not the validators of epoch ${header.epoch}, whose hash the header names`,
      )
    const { epoch, timeMs, height } = header
    return new LightClient(
      { chainId, epochBlocks, validators, epoch, timeMs, height, hash: blockHash(header) },
      options,
    )
  }

  /** The newest whose headers can be verified; those of the last few before can be too. */
  get epoch(): bigint {
    return this.#epoch
  }

  /** Time of the newest verified header. */
  get trustedMs(): TimeMs {
    return this.#trustedMs
  }

  /** Throws a {@link LightClientError}. */
  verify(final: FinalHeader, nowMs: TimeMs): VerifiedHeader {
    const { header, certificate } = final
    const { height, epoch, timeMs } = header
    this.#checkTrust(this.#trustedMs, nowMs)
    if (header.chainId !== this.#chainId)
      refuse(
        'wrong_chain',
        `the header is of chain ${JSON.stringify(header.chainId)}, not ${JSON.stringify(this.#chainId)}`,
      )
    const known = this.#knownEpoch(header)
    if (known.endedMs !== undefined) this.#checkTrust(known.endedMs, nowMs)
    if (!bytesEqual(header.validatorsHash, known.hash))
      refuse('wrong_set', `block ${height} names other validators than epoch ${epoch} has`)
    const hash = blockHash(header)
    if (
      certificate.kind !== 'finalize' ||
      certificate.hash === undefined ||
      !bytesEqual(certificate.hash, hash)
    )
      refuse('not_final', `the certificate is not of the finality of block ${height}`)
    if (certificate.epoch !== epoch)
      refuse('not_final', `the certificate of block ${height} is of epoch ${certificate.epoch}`)
    const verifyAggregate = this.#options.verifyAggregate ?? portableBls.verifyAggregate
    const problem = certificateProblem(this.#chainId, known.set, certificate, verifyAggregate)
    if (problem !== undefined) refuse('not_final', `block ${height}: ${problem}`)
    if (timeMs > nowMs + CLOCK_DRIFT_MS)
      refuse(
        'from_the_future',
        `block ${height} is of a time that is not yet, by ${timeMs - nowMs} ms. Check the clock`,
      )
    this.#checkFork(final, hash)
    // An epoch that has ended cannot prolong trust: its validators may be gone.
    if (known.endedMs === undefined && timeMs > this.#trustedMs) this.#trustedMs = timeMs
    const verified: VerifiedHeader = { header, hash }
    this.#verified.add(verified)
    return verified
  }

  /** From the epoch to the next. Throws a {@link LightClientError}, and stays where it is. */
  handOver(handOver: HandOver, nowMs: TimeMs): VerifiedHeader {
    const { header, nextValidators } = handOver
    const boundary = lastHeight(this.#epoch, this.#epochBlocks)
    const hash = validatorsHash(nextValidators)
    if (header.height !== boundary)
      refuse('wrong_epoch', `epoch ${this.#epoch} ends with block ${boundary}, not ${header.height}`)
    const verified = this.verify(handOver, nowMs)
    if (!bytesEqual(hash, header.nextValidatorsHash))
      refuse('wrong_set', `these are not the validators that block ${header.height} names for the next epoch`)
    this.#epochs.set(this.#epoch, { ...this.#knownEpoch(header), endedMs: header.timeMs })
    this.#epoch += 1n
    this.#enter(nextValidators)
    return verified
  }

  /** The account at that block; `undefined`: proven that there is none. `proof` is what the API's `light.account` gives. */
  account(at: VerifiedHeader, address: Address, proof: Uint8Array): Account | undefined {
    const value = this.#value(at, accountKey(address), proof)
    return value === undefined ? undefined : accountCodec.decode(value)
  }

  /** The transaction `id` and its receipt, in the block of `at` or in one that it stands on. */
  included(at: VerifiedHeader, id: Hash, inclusion: Inclusion): IncludedTransaction {
    this.#assertVerified(at)
    return verifyInclusion(at.hash, id, inclusion)
  }

  /** What a contract has stored under a key, slot and all; `undefined`: proven that it has nothing there. */
  storage(at: VerifiedHeader, contract: Address, key: Uint8Array, proof: Uint8Array): Uint8Array | undefined {
    return this.#value(at, storageKey(contract, key), proof)
  }

  #assertVerified(at: VerifiedHeader): void {
    if (!this.#verified.has(at))
      throw new TypeError('a proof is checked against a header that this client verified')
  }

  #value(at: VerifiedHeader, key: Uint8Array, proof: Uint8Array): Uint8Array | undefined {
    this.#assertVerified(at)
    const { stateRoot, height } = at.header
    try {
      const commitment: CommitmentProof = decodeCommitmentProof(proof)
      if (commitment.kind === 'nonexist') {
        verifyAbsence(STATE_TREE, stateRoot, commitment, key)
        return undefined
      }
      const { value } = commitment.proof
      verifyPresence(STATE_TREE, stateRoot, commitment, key, value)
      return value
    } catch (cause) {
      if (!(cause instanceof ProofError) && !(cause instanceof ProofFormatError)) throw cause
      throw new LightClientError('proof_refused', `block ${height}: ${cause.message}`, { cause })
    }
  }

  #enter(validators: readonly Validator[]): void {
    this.#epochs.set(this.#epoch, {
      set: createValidatorSet(validators),
      hash: validatorsHash([...validators]),
      endedMs: undefined,
    })
    this.#epochs.delete(this.#epoch - REMEMBERED_EPOCHS - 1n)
  }

  #knownEpoch({ height, epoch }: BlockHeader): KnownEpoch {
    if (epochOf(height, this.#epochBlocks) !== epoch)
      refuse('wrong_epoch', `block ${height} says that it is of epoch ${epoch}, where it cannot be`)
    return (
      this.#epochs.get(epoch) ??
      refuse('wrong_epoch', `block ${height} is of epoch ${epoch}, and the client is in epoch ${this.#epoch}`)
    )
  }

  #checkTrust(sinceMs: TimeMs, nowMs: TimeMs): void {
    const ageMs = nowMs - sinceMs
    if (ageMs > this.#options.trustingPeriodMs)
      refuse(
        'expired_trust',
        `what this would be believed by is ${ageMs} ms old, and trust lasts ${this.#options.trustingPeriodMs} ms: start from a newer checkpoint`,
      )
  }

  #checkFork(final: FinalHeader, hash: Hash): void {
    const { height } = final.header
    const before = this.#byHeight.get(height)
    if (before !== undefined && !bytesEqual(blockHash(before.header), hash))
      throw new LightClientError('fork', `two blocks are final at height ${height}: trust neither node`, {
        evidence: [before, final],
      })
    if (height === this.#trusted.height && !bytesEqual(this.#trusted.hash, hash))
      refuse('fork', `block ${height} is not the trusted one`)
    this.#byHeight.set(height, final)
  }
}
