/**
 * The epochs as a block's state has them: who votes, who leads, and whether a header's votes and proof hold.
 *
 * The leader's VRF proof takes longer to verify than the rest of most blocks. It is not verified again of a block that a
 * finality certificate has proved final before it is executed (`isFinal`), and the state is the same:
 * - the output is a function of the proof's bytes alone (its point Gamma, RFC 9381 5.2), computed in the same way of a proof
 *   that is verified and of one that is not;
 * - those bytes are in the header, and the header's hash is what the certificate is of: under the hash of a block that was
 *   voted for nobody can bring another proof;
 * - a certificate of finality stands on one of notarization for the same block. Each is of more than two thirds of the power.
 *   With less than a third of it dishonest, honest validators have notarized the block, after they verified its proof.
 * Beyond that third nothing is claimed. Two thirds that sign a false proof, which nobody honest does, get it past a node that
 * syncs, and with it a nonce that they chose; they get nothing else, since all else of the block is checked as ever.
 */
import { ecvrfVerify } from '#ecvrf'
import { blsVerifyAggregate } from '../crypto/bls.ts'
import { ecvrfProofToHash } from '../crypto/ecvrf.ts'
import { vrfInput } from '../crypto/vrf.ts'
import type { StateReader } from '../state/view.ts'
import { readEpoch } from '../transition/epoch-records.ts'
import { InvalidBlock } from '../transition/invalid-block.ts'
import { createLeaders, type Leaders } from '../transition/leaders.ts'
import type { BlockHeader } from '../types/block.ts'
import { epochOf, firstHeight, lastHeight } from '../types/epoch.ts'
import type { Genesis } from '../types/genesis.ts'
import { LruMap } from '../types/lru-map.ts'
import { bytesEqual, type Hash, type Height } from '../types/primitives.ts'
import type { Validator } from '../types/validator.ts'
import { certificateProblem, createValidatorSet, type ValidatorSet } from '../types/validator-set.ts'

/** All that is fixed before an epoch begins. */
export interface EpochInfo {
  readonly epoch: bigint
  readonly firstHeight: Height
  readonly lastHeight: Height
  readonly validators: readonly Validator[]
  readonly nonce: Hash
}

/** `undefined` if the state does not have it yet, or has forgotten it. */
export const epochInfo = (
  { params: { epochBlocks } }: Genesis,
  state: Pick<StateReader, 'get'>,
  epoch: bigint,
): EpochInfo | undefined => {
  const record = readEpoch(state, epoch)
  if (record?.nonce === undefined) return undefined
  return {
    epoch,
    firstHeight: firstHeight(epoch, epochBlocks),
    lastHeight: lastHeight(epoch, epochBlocks),
    validators: record.validators,
    nonce: record.nonce,
  }
}

/** Of an epoch that the state must know: the next block's. */
export const knownEpoch = (genesis: Genesis, state: Pick<StateReader, 'get'>, epoch: bigint): EpochInfo => {
  const info = epochInfo(genesis, state, epoch)
  if (info === undefined) throw new Error(`the state does not say who votes in epoch ${epoch}`)
  return info
}

interface Voters {
  readonly info: EpochInfo
  readonly set: ValidatorSet
  readonly leaders: Leaders
}

/** The epoch of a block, of its parent, and of one that competes. */
const REMEMBERED_EPOCHS = 4

/** Throws {@link InvalidBlock} for what a header claims and nobody voted or proved. */
export class HeaderRules {
  readonly #genesis: Genesis
  readonly #voters = new LruMap<bigint, Voters>(REMEMBERED_EPOCHS)

  constructor(genesis: Genesis) {
    this.#genesis = genesis
  }

  /** `state`: of the block's parent, which stands on the last block of the epoch before, or is it: final, therefore one. */
  #votersOf(epoch: bigint, state: Pick<StateReader, 'get'>): Voters {
    const known = this.#voters.get(epoch)
    if (known !== undefined) return known
    const info = knownEpoch(this.#genesis, state, epoch)
    const { validators, nonce } = info
    const set = createValidatorSet(validators)
    const leaders = createLeaders({ chainId: this.#genesis.chainId, epoch, nonce, validators })
    const voters = { info, set, leaders }
    this.#voters.set(epoch, voters)
    return voters
  }

  /**
   * The place in the chain, the parent's certificate and, unless the block is proved final, the leader's proof. Returns the
   * proof's output.
   */
  check(
    header: BlockHeader,
    parent: { hash: Hash; header: BlockHeader },
    state: Pick<StateReader, 'get'>,
    isFinal: boolean,
  ): Uint8Array {
    const { height, epoch, view, proposer, vrfProof } = header
    const { chainId, params } = this.#genesis
    const refuse = (why: string): never => {
      throw new InvalidBlock(`block ${height} ${why}`)
    }
    if (height !== parent.header.height + 1n) refuse(`does not stand on block ${height - 1n}`)
    const expected = epochOf(height, params.epochBlocks)
    if (epoch !== expected) refuse(`is of epoch ${expected}, not ${epoch}`)
    if (header.timeMs < parent.header.timeMs + params.minBlockIntervalMs)
      refuse('comes too soon after its parent')
    this.#checkParentCertificate(header, parent, state, refuse)
    const { leaders, info } = this.#votersOf(epoch, state)
    const leader = info.validators[leaders.of(view)] as Validator
    if (!bytesEqual(leader.address, proposer)) refuse(`is by somebody who does not lead view ${view}`)
    if (isFinal) return ecvrfProofToHash(vrfProof) ?? refuse('has a VRF proof that is none')
    const input = vrfInput({ chainId, nonce: info.nonce, epoch, view })
    const verified = ecvrfVerify(leader.vrfKey, input, vrfProof)
    return verified.ok
      ? verified.output
      : refuse(`has a VRF proof that is not its leader's (${verified.refusal})`)
  }

  #checkParentCertificate(
    { parentCertificate: certificate, parentView, epoch }: BlockHeader,
    parent: { hash: Hash; header: BlockHeader },
    state: Pick<StateReader, 'get'>,
    refuse: (why: string) => never,
  ): void {
    const { height, epoch: parentEpoch, view } = parent.header
    if (height === 0n) {
      if (certificate !== undefined || parentView !== 0n) refuse('claims votes for the genesis block')
      return
    }
    if (certificate === undefined) return refuse("holds no certificate of its parent's")
    const { kind, hash } = certificate
    if (kind === 'nullify' || hash === undefined || !bytesEqual(hash, parent.hash))
      refuse('holds a certificate of something else than its parent')
    if (certificate.epoch !== parentEpoch || certificate.view < view)
      refuse(
        `holds a certificate of epoch ${certificate.epoch}, view ${certificate.view}: its parent was not there`,
      )
    if (parentView !== (parentEpoch === epoch ? certificate.view : 0n))
      refuse('names another view of its parent')
    const { set } = this.#votersOf(parentEpoch, state)
    const problem = certificateProblem(this.#genesis.chainId, set, certificate, blsVerifyAggregate)
    if (problem !== undefined) refuse(`holds a certificate that does not count: ${problem}`)
  }
}
