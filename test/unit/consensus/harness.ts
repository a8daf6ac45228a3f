/** A machine alone, event by event: four validators of equal power, the leader of view v being v % 4. */
import { sha256 } from '../../../node/crypto/hash.ts'
import type { BlockRef } from '../../../node/consensus/block-ref.ts'
import type { FinalBlock } from '../../../node/consensus/ledger.ts'
import { Machine, type MachineConfig } from '../../../node/consensus/machine.ts'
import type { Effect, Event, LogRecord } from '../../../node/consensus/protocol.ts'
import { toAddress, ZERO_HASH } from '../../../node/types/primitives.ts'
import { createValidatorSet } from '../../../node/types/validator-set.ts'
import type { Certificate, VoteKind } from '../../../node/types/vote.ts'

export const SIGNATURE = new Uint8Array(96)
export const validators = createValidatorSet(
  [0, 1, 2, 3].map(i => ({
    address: toAddress(new Uint8Array(32).fill(i)),
    voteKey: new Uint8Array(48).fill(i),
    vrfKey: new Uint8Array(32).fill(i),
    power: 1n,
  })),
)
export const GENESIS: BlockRef = {
  hash: sha256(Buffer.from('genesis')),
  height: 0n,
  epoch: 0n,
  view: 0n,
  parentHash: ZERO_HASH,
  parentView: 0n,
}
const PACING = { networkDelayMs: 100, standstillMs: 1000, paceMs: 50 }

export const block = (view: bigint, parent: BlockRef, name = 'a'): BlockRef => ({
  hash: sha256(Buffer.from(`${view}/${name}`)),
  height: parent.height + 1n,
  epoch: 0n,
  view,
  parentHash: parent.hash,
  parentView: parent.view,
})

export const certificate = (kind: VoteKind, view: bigint, of?: BlockRef): Certificate => ({
  kind,
  epoch: 0n,
  view,
  hash: of?.hash,
  signers: Uint8Array.of(0b0111),
  signature: SIGNATURE,
})

export class Harness {
  readonly machine: Machine
  readonly log: LogRecord[] = []
  readonly #given: Partial<MachineConfig & FinalBlock>
  now = 0
  effects: Effect[] = []

  constructor(
    self: number | undefined,
    records: readonly LogRecord[] = [],
    given: Partial<MachineConfig & FinalBlock> = {},
  ) {
    const { ref = GENESIS, view = 0n, certificate } = given
    const config = {
      epoch: 0n,
      validators,
      self,
      leaderOf: (view: bigint) => Number(view % 4n),
      lastHeight: 1000n,
      sealedView: 0n,
      pacing: PACING,
      ...given,
    }
    this.#given = given
    this.machine = new Machine(config, { ref, view, certificate }, records)
    this.give({ kind: 'start' })
  }

  give(...events: Event[]): Effect[] {
    this.effects = events.flatMap(event => this.machine.step(event, this.now))
    for (const effect of this.effects) if (effect.kind === 'append') this.log.push(effect.record)
    return this.effects
  }

  /** A proposal by the view's leader, found valid, as are all blocks that have to be checked for it. */
  propose(ref: BlockRef, view = ref.view): void {
    this.give({ kind: 'proposal', from: Number(view % 4n), view, block: ref })
    for (let [check] = this.of('check'); check !== undefined; [check] = this.of('check'))
      this.give({ kind: 'checked', hash: check.block.hash, verdict: 'valid' })
  }

  vote(kind: VoteKind, signer: number, view: bigint, of?: BlockRef): void {
    const vote = { kind, epoch: 0n, view, hash: of?.hash, signer, signature: SIGNATURE }
    this.give({ kind: 'vote', vote })
  }

  certify(kind: VoteKind, view: bigint, of?: BlockRef): void {
    this.give({ kind: 'certificate', certificate: certificate(kind, view, of) })
  }

  tickAfter(ms: number): void {
    this.now += ms
    this.give({ kind: 'tick' })
  }

  of<K extends Effect['kind']>(kind: K): Extract<Effect, { kind: K }>[] {
    return this.effects.filter((effect): effect is Extract<Effect, { kind: K }> => effect.kind === kind)
  }

  get casts(): string[] {
    return this.of('cast').map(({ statement }) => `${statement.kind} ${statement.view}`)
  }

  /** The node as it comes back from its log. */
  restart(self: number): Harness {
    return new Harness(self, this.log, this.#given)
  }
}
