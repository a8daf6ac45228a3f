/**
 * For whom a node speaks that is not the holder of the vote key: a sentry, for the validators that hide behind it. A hidden
 * validator signs with its vote key, for each of its sentries,
 *
 *   tag | genesis hash | peer id of the sentry
 *
 * and gives it to that sentry alone, over their connection. The sentry takes it if it is good and its operator has named
 * the validator's peer id, then shows it to everybody. Nobody learns the validator's peer id or address by it: only its
 * vote key, which the chain has anyway. Nobody else can use it, for nobody else has the sentry's peer id; nor on another
 * chain. It has no end: whoever dismisses a sentry takes its own name out of it, and what a sentry that was dismissed, or
 * taken over, can do is said in sentry-relay.ts.
 *
 * A hidden validator believes the sentries that its operator has chosen without a delegation, whoever they speak for.
 */
import { blsSign, blsVerify } from '../crypto/bls.ts'
import { TAGS } from '../crypto/hash.ts'
import { type Codec, CodecError, createCodec, list } from '../types/codec.ts'
import { bytesEqual, type Hash, toHex } from '../types/primitives.ts'
import { type VoteKeyProof, voteKeyProofType, voteKeyStatement } from './hello.ts'
import type { Entry, PeerTable } from './peer-table.ts'
import { MAX_DELEGATIONS, type NodeKind, type Offence } from './ports.ts'

/** Over one connection: each costs a verification. */
const MAX_SHOWN = 2 * MAX_DELEGATIONS

export const delegationsCodec: Codec<VoteKeyProof[]> = createCodec<VoteKeyProof[]>(
  list(voteKeyProofType, MAX_DELEGATIONS),
  4 * 1024,
)

export interface DelegationOptions {
  readonly table: PeerTable
  readonly peerId: string
  readonly kind: NodeKind
  readonly genesisHash: Hash
  /** Of a validator. */
  readonly voteKeys: { readonly secretKey: Uint8Array; readonly voteKey: Uint8Array } | undefined
  /** Of a sentry: it serves this one. */
  readonly isPrivate: (peer: string) => boolean
  /** Of a hidden node: its operator has chosen this one. */
  readonly isChosen: (peer: string) => boolean
}

export interface DelegationProblem {
  readonly offence: Offence
  readonly reason: string
}

const invalid = (reason: string): DelegationProblem => ({ offence: 'invalid', reason })

export class Delegations {
  readonly #options: DelegationOptions

  constructor(options: DelegationOptions) {
    this.#options = options
  }

  /** Whether a node hides behind this peer. */
  isOwnSentry({ id, hello }: Entry): boolean {
    return hello.kind === 'sentry' && this.#options.isChosen(id)
  }

  /** What a hidden validator gives its sentry. */
  toGive(entry: Entry): Uint8Array | undefined {
    const { voteKeys, genesisHash } = this.#options
    if (voteKeys === undefined || !this.isOwnSentry(entry)) return undefined
    const signature = blsSign(voteKeys.secretKey, voteKeyStatement(TAGS.sentry, genesisHash, entry.id))
    return delegationsCodec.encode([{ voteKey: voteKeys.voteKey, signature }])
  }

  /** What a sentry shows to everybody. */
  toShow(): Uint8Array | undefined {
    const all = this.#served().flatMap(({ given }) => given ?? [])
    return all.length === 0 ? undefined : delegationsCodec.encode(all)
  }

  /** From a validator that wants to hide behind this node. `undefined`: it does from now on. */
  takeGiven(entry: Entry, body: Uint8Array): DelegationProblem | undefined {
    const { kind, peerId, isPrivate } = this.#options
    const [given, ...more] = this.#decode(body) ?? []
    if (given === undefined || more.length > 0) return invalid('a delegation that cannot be decoded')
    const proven = entry.hello.voteKeyProof?.voteKey
    if (proven === undefined || !bytesEqual(proven, given.voteKey))
      return invalid('a delegation of another vote key')
    if (entry.given !== undefined) return undefined
    if (kind !== 'sentry' || !isPrivate(entry.id) || this.#served().length >= MAX_DELEGATIONS)
      return {
        offence: 'useless',
        reason: `it wants to hide behind this node, which passes nothing on for it: a node of the kind sentry does, for up to ${MAX_DELEGATIONS} validators in its network.privatePeers`,
      }
    if (!this.#isGood(given, peerId)) return invalid('a delegation with a bad signature')
    entry.given = given
    return undefined
  }

  /** From a sentry: it may speak for these too. */
  takeShown({ id, hello, speaksFor }: Entry, body: Uint8Array): DelegationProblem | undefined {
    if (hello.kind !== 'sentry') return invalid('delegations of a node that is no sentry')
    const shown = this.#decode(body)
    if (shown === undefined) return invalid('delegations that cannot be decoded')
    for (const delegation of shown) {
      const name = toHex(delegation.voteKey)
      if (speaksFor.has(name)) continue
      if (speaksFor.size >= MAX_SHOWN)
        return { offence: 'useless', reason: 'it speaks for more validators than the limit' }
      if (!this.#isGood(delegation, id)) return invalid('a delegation with a bad signature')
      speaksFor.add(name)
    }
    return undefined
  }

  /** Whether the peer may say what the holder of the vote key says. */
  maySpeakFor(entry: Entry, voteKey: Uint8Array): boolean {
    return entry.speaksFor.has(toHex(voteKey)) || this.isOwnSentry(entry)
  }

  #served(): Entry[] {
    return this.#options.table.all().filter(({ given }) => given !== undefined)
  }

  #isGood({ voteKey, signature }: VoteKeyProof, sentry: string): boolean {
    return blsVerify(voteKey, voteKeyStatement(TAGS.sentry, this.#options.genesisHash, sentry), signature)
  }

  #decode(body: Uint8Array): VoteKeyProof[] | undefined {
    try {
      return delegationsCodec.decode(body)
    } catch (error) {
      if (error instanceof CodecError) return undefined
      throw error
    }
  }
}
