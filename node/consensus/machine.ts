/**
 * Stake-weighted Simplex as a pure machine: `step(event, now) -> effects`. No clock, disk, socket, randomness
 * or cryptography in here; the same events give the same effects. (Chan & Pass, "Simplex Consensus", 2023.)
 *
 * In each view one leader proposes a block; validators vote N (notarize) for it or L (nullify) to give the
 * view up. A quorum is more than two thirds of the power; its votes make a certificate C[kind, view]. C[N] or
 * C[L] ends the view. Who sees C[N] without having voted L votes F (finalize); C[F] makes the block, and with
 * it all its ancestors, final.
 *
 *   durable: S[view] = {n?, l?, f?} own votes;  C[kind, view];  blocks;  fin = the last final block
 *   enter(v): if v <= view return; view = v; start the leader and the advance timer (pacing.ts)
 *   base(v): walk u = v-1 down: u == fin.view or C[N|F, u] -> that block; else require C[L, u], or ask for it
 *   tryPropose: leader(v) == me, no S[v].l; if S[v].n propose THAT block again; else build on base(v);
 *     S[v].n = hash; send the block, my N vote, and why it may be built there (C of the parent, every C[L] between)
 *   onProposal: from leader(v) only; its certificates were taken in before; the first one per view counts
 *   tryNotarize(v): v == view, no S.n, no S.l, parent certified, every view between holds C[L], ancestors here,
 *     block valid -> S.n = hash; send N.   It can never become valid -> nullify.   Data missing -> wait, ask.
 *   onCertificate: put once; relay once; C[F] -> finalise what is here, fetch the rest; view >= mine -> enter(view + 1)
 *   tryFinalize(v): C[N, v], block durable, no S.l, no S.f -> S.f = hash; send F      (also after leaving v)
 *   nullify: no S[view].f -> stop the timers; S.l = true; send L
 *   leader timer, advance timer, the leader's own L -> nullify
 *   no finality for long -> standstill: send again what others may lack, ask again for what is missing here
 *   restart: S, C and blocks come from the log; enter(max certificate view + 1); standstill; own votes count again
 *
 * Invariants, and why they hold while less than a third of the power is faulty:
 * 1. Two C[N] of a view are for one block: their quorums share an honest voter, and S[v].n is set once.
 * 2. C[F, v] and C[L, v] exclude each other: an honest voter never signs both (tryFinalize and nullify each
 *    test for the other), also across a crash, because S is durable before anything is sent.
 * 3. Hence final blocks form one chain. Let B of view v be final. A later certified block has a parent with
 *    a certificate and C[L] for every view between; by 2 it cannot skip v, by 1 it cannot use another block of v.
 * 4. A vote is never taken back: `append` of a record comes before the effect that sends it.
 * C[N, v] and C[L, v] may both exist; then v's block may or may not get descendants, but cannot be final.
 *
 * Memory: certificates and own votes above `fin`; votes within VIEW_WINDOW of the view; one proposal per view,
 * and of those without a certificate or an own vote only the last VIEW_WINDOW.
 *
 * One epoch: its number is a constant here, and votes of another are not admitted.
 */
import type { Certificate, Vote, VoteStatement } from '../types/vote.ts'
import { bytesEqual, type Hash, toHex } from '../types/primitives.ts'
import { Asks } from './asks.ts'
import type { BlockRef } from './block-ref.ts'
import type { KnownBlock } from './block-tree.ts'
import { ConsensusError } from './error.ts'
import type { LeaderOf } from './protocol.ts'
import { assertNotInvalid, type FinalBlock, type Lack, Ledger } from './ledger.ts'
import { OwnVotes } from './own-votes.ts'
import { retryAfterMs, standstillAfterMs, viewTimeouts } from './pacing.ts'
import {
  type Effect,
  type Event,
  type LogRecord,
  type Pacing,
  STANDSTILL_ITEMS,
  VIEW_WINDOW,
} from './protocol.ts'
import { type Candidate, Tally } from './tally.ts'
import type { ValidatorSet } from '../types/validator-set.ts'

export interface MachineConfig {
  readonly epoch: bigint
  readonly validators: ValidatorSet
  /** Own position in the set; `undefined` follows without voting. */
  readonly self: number | undefined
  readonly leaderOf: LeaderOf
  readonly pacing: Pacing
}

export class Machine {
  readonly #config: MachineConfig
  readonly #own = new OwnVotes()
  readonly #ledger: Ledger
  readonly #tally: Tally
  /** The first proposal of each view. */
  readonly #proposals = new Map<bigint, BlockRef>()
  #view = 0n
  #building: { view: bigint; parent: BlockRef } | undefined
  #hasProposed = false
  /** A certificate or a block arrived: finality may move, F votes may be due. */
  #dirty = true
  readonly #asks: Asks

  #now = 0
  #leaderAt: number | undefined
  #advanceAt: number | undefined
  #standstillAt: number | undefined
  #wakeAt: number | undefined
  #effects: Effect[] = []

  /** `records`: everything ever appended, in order. What is at or below `final` is dropped. */
  constructor(config: MachineConfig, final: FinalBlock, records: readonly LogRecord[]) {
    this.#config = config
    this.#ledger = new Ledger(final)
    this.#asks = new Asks(retryAfterMs(config.pacing))
    this.#tally = new Tally(config.validators)
    for (const record of records) {
      switch (record.kind) {
        case 'vote':
          if (record.statement.view > final.ref.view) this.#own.add(record.statement)
          break
        case 'certificate':
          if (record.certificate.view > final.ref.view) this.#ledger.certificates.put(record.certificate)
          break
        case 'block':
          if (record.block.view > final.ref.view) this.#ledger.blocks.add(record.block).durable = true
          break
      }
    }
  }

  get view(): bigint {
    return this.#view
  }

  get final(): FinalBlock {
    return this.#ledger.final
  }

  /** Whether the bytes of this block are still needed. */
  hasBlock(hash: Hash): boolean {
    return this.#ledger.blocks.get(hash) !== undefined
  }

  /** Votes held for certificates to come. */
  get votesHeld(): number {
    return this.#tally.size
  }

  /** Whether a certificate of this kind and view would be news: ask before verifying one. */
  wantsCertificate({ kind, epoch, view }: VoteStatement): boolean {
    return (
      epoch === this.#config.epoch &&
      view > this.final.ref.view &&
      this.#ledger.certificates.get(kind, view) === undefined
    )
  }

  /** Whether a vote would be kept: ask before spending anything on it. */
  admitsVote({ kind, epoch, view }: VoteStatement): boolean {
    return (
      epoch === this.#config.epoch &&
      this.#isInWindow(view) &&
      this.#ledger.certificates.get(kind, view) === undefined
    )
  }

  /** The least that a machine must be made from to go on as this one. */
  snapshot(): LogRecord[] {
    const certificates = this.#ledger.above()
    if (this.final.certificate !== undefined) certificates.unshift(this.final.certificate)
    return [
      ...[...this.#ledger.blocks.values()]
        .filter(({ durable }) => durable)
        .map(({ ref }): LogRecord => ({ kind: 'block', block: ref })),
      ...certificates.map((certificate): LogRecord => ({ kind: 'certificate', certificate })),
      ...this.#own
        .statements(this.#config.epoch)
        .map((statement): LogRecord => ({ kind: 'vote', statement })),
    ]
  }

  /** `now` in ms, never less than before. The effects must be carried out in their order. */
  step(event: Event, now: number): Effect[] {
    this.#now = now
    this.#effects = []
    this.#take(event)
    this.#settle()
    const wakeAt = [this.#leaderAt, this.#advanceAt, this.#standstillAt, this.#asks.retryAt]
      .filter(at => at !== undefined)
      .reduce<number | undefined>((least, at) => (least === undefined || at < least ? at : least), undefined)
    if (wakeAt !== this.#wakeAt) this.#emit({ kind: 'wake', at: (this.#wakeAt = wakeAt) })
    return this.#effects
  }

  #take(event: Event): void {
    switch (event.kind) {
      case 'start':
        return this.#start()
      case 'tick':
        return this.#onTick()
      case 'vote':
        return this.#onVote(event.vote)
      case 'certificate':
        return this.#onCertificate(event.certificate)
      case 'refused':
        return this.#certify(this.#tally.refuse(event.statement, event.faulty))
      case 'proposal':
        return this.#onProposal(event.from, event.block)
      case 'block':
        return this.#onBlock(event.block)
      case 'built':
        return this.#onBuilt(event.view, event.block)
      case 'checked': {
        const known = this.#ledger.blocks.get(event.hash)
        if (known === undefined) return
        known.status = event.verdict
        if (event.verdict === 'missing') this.#asks.retryFrom(this.#now)
        this.#dirty = true
        return
      }
      case 'standstill':
        if (event.finalView < this.final.ref.view) this.#sendCertificates(event.peer, [])
        return
      case 'certificatesWanted': {
        const found = this.#ledger.certificates.between(event.above, event.upTo)
        return this.#sendCertificates(event.peer, found.slice(-STANDSTILL_ITEMS))
      }
    }
  }

  /** What the state now allows, whatever event brought it there. */
  #settle(): void {
    if (this.#dirty) {
      this.#dirty = false
      this.#advanceFinality()
      for (const certificate of this.#ledger.above())
        if (certificate.kind === 'notarize') this.#tryFinalize(certificate)
    }
    this.#tryPropose()
    this.#tryNotarize()
  }

  // restart
  #start(): void {
    const highest = this.#ledger.certificates.highestView
    this.#enter((highest > this.final.ref.view ? highest : this.final.ref.view) + 1n)
    this.#standstill()
  }

  // enter(v)
  #enter(view: bigint): void {
    if (view <= this.#view) return
    if (this.#building !== undefined) this.#emit({ kind: 'abandon', view: this.#building.view })
    this.#building = undefined
    this.#hasProposed = false
    this.#view = view
    const { leaderMs, advanceMs } = viewTimeouts(this.#config.pacing, view - this.final.ref.view - 1n)
    this.#leaderAt = this.#now + leaderMs
    this.#advanceAt = this.#now + advanceMs
    this.#tally.prune(v => this.#isInWindow(v))
    for (const v of this.#proposals.keys()) if (v <= view - VIEW_WINDOW) this.#proposals.delete(v)
    this.#forget(
      ({ ref, durable }) => durable || ref.view > view - VIEW_WINDOW || this.#ledger.isCertified(ref),
    )
  }

  // tryPropose
  #tryPropose(): void {
    const view = this.#view
    if (this.#config.self !== this.#config.leaderOf(view) || this.#hasProposed) return
    const own = this.#own.of(view)
    if (own.nullify) return
    if (own.notarize !== undefined) {
      const known = this.#ledger.blocks.get(own.notarize)
      if (known !== undefined) this.#propose(known.ref)
      return
    }
    if (this.#building !== undefined) return
    const base = this.#ledger.base(view)
    if (!('parent' in base)) return this.#obtain(base)
    const { parent } = base
    const lack = this.#ledger.lackOf(parent.hash)
    if (lack !== undefined) return this.#obtain(lack)
    this.#building = { view, parent }
    this.#emit({ kind: 'build', view, parent, certificate: this.#ledger.certificateOf(parent.view) })
  }

  #onBuilt(view: bigint, block: BlockRef): void {
    if (this.#building?.view !== view || view !== this.#view) return
    const { parent } = this.#building
    this.#building = undefined
    if (
      block.view !== view ||
      block.parentView !== parent.view ||
      block.height !== parent.height + 1n ||
      !bytesEqual(block.parentHash, parent.hash)
    ) {
      throw new ConsensusError(
        'application',
        `buildBlock was asked for view ${view} on ${toHex(parent.hash)} and gave view ${block.view}, ` +
          `height ${block.height}, parent ${toHex(block.parentHash)}`,
      )
    }
    const own = this.#own.of(view)
    if (own.nullify || own.notarize !== undefined) return
    const known = this.#ledger.blocks.add(block)
    known.status = 'valid'
    this.#makeDurable(known)
    this.#leaderAt = undefined
    this.#record({ kind: 'notarize', epoch: this.#config.epoch, view, hash: block.hash })
    this.#propose(block)
  }

  #propose(block: BlockRef): void {
    this.#hasProposed = true
    this.#emit({
      kind: 'propose',
      block,
      statement: { kind: 'notarize', epoch: this.#config.epoch, view: block.view, hash: block.hash },
      justification: this.#ledger.justification(block),
    })
  }

  // onProposal
  #onProposal(from: number, block: BlockRef): void {
    const { view, hash } = block
    // From ourselves: another process has our key. Its block is not ours to vote for.
    if (from !== this.#config.leaderOf(view) || from === this.#config.self) return
    // Its justification would have brought us to its view if it were honest.
    if (view > this.#view) return
    if (view < this.#view || this.#proposals.has(view)) {
      if (this.#ledger.isCertified(block)) this.#adopt(block)
      return
    }
    this.#proposals.set(view, block)
    this.#asks.takeBlock(hash)
    this.#adopt(block)
  }

  #onBlock(block: BlockRef): void {
    if (this.#asks.takeBlock(block.hash)) this.#adopt(block)
  }

  #adopt(block: BlockRef): void {
    if (block.view <= this.final.ref.view) return
    this.#ledger.blocks.add(block)
    this.#dirty = true
  }

  // tryNotarize(v)
  #tryNotarize(): void {
    const view = this.#view
    const block = this.#proposals.get(view)
    const own = this.#own.of(view)
    if (this.#config.self === undefined || block === undefined || own.notarize !== undefined || own.nullify)
      return
    const judgement = this.#ledger.judge(block)
    if (judgement === 'never') return this.#nullify()
    if (judgement !== 'yes') return this.#obtain(judgement)
    this.#makeDurable(this.#ledger.blocks.add(block))
    this.#leaderAt = undefined
    this.#cast({ kind: 'notarize', epoch: this.#config.epoch, view, hash: block.hash })
  }

  #onVote(vote: Vote): void {
    const { kind, view, signer } = vote
    if (!this.admitsVote(vote)) return
    this.#certify(this.#tally.add(vote))
    // the leader's own L
    if (kind === 'nullify' && view === this.#view && signer === this.#config.leaderOf(view)) this.#nullify()
  }

  #certify(candidate: Candidate | undefined): void {
    if (candidate !== undefined) this.#emit({ kind: 'certify', ...candidate })
  }

  // onCertificate
  #onCertificate(certificate: Certificate): void {
    if (!this.wantsCertificate(certificate) || !this.#ledger.certificates.put(certificate)) return
    this.#emit({ kind: 'append', record: { kind: 'certificate', certificate } })
    this.#emit({ kind: 'relay', certificate })
    this.#dirty = true
    if (certificate.view >= this.#view) this.#enter(certificate.view + 1n)
  }

  #advanceFinality(): void {
    const { finalized, absent } = this.#ledger.advanceFinality()
    for (const hash of absent) this.#obtain({ kind: 'block', hash })
    if (finalized === undefined) return
    const { blocks, certificate, forgotten } = finalized
    this.#emit({ kind: 'finalize', blocks, certificate })
    for (const hash of forgotten) this.#emit({ kind: 'forget', hash })
    const { view } = this.final.ref
    this.#own.prune(view)
    this.#tally.prune(v => this.#isInWindow(v))
    for (const v of this.#proposals.keys()) if (v <= view) this.#proposals.delete(v)
    this.#standstillAt = this.#now + standstillAfterMs(this.#config.pacing)
  }

  // tryFinalize(v)
  #tryFinalize({ view, hash }: Certificate): void {
    const own = this.#own.of(view)
    if (hash === undefined || this.#config.self === undefined) return
    const known = this.#ledger.blocks.get(hash)
    if (known === undefined) return this.#obtain({ kind: 'block', hash })
    assertNotInvalid(known)
    if (own.nullify || own.finalize !== undefined) return
    this.#makeDurable(known)
    this.#cast({ kind: 'finalize', epoch: this.#config.epoch, view, hash })
  }

  // nullify
  #nullify(): void {
    const own = this.#own.of(this.#view)
    if (this.#config.self === undefined || own.finalize !== undefined) return
    this.#leaderAt = undefined
    this.#advanceAt = undefined
    if (own.nullify) return
    if (this.#building !== undefined) this.#emit({ kind: 'abandon', view: this.#building.view })
    this.#building = undefined
    this.#cast({ kind: 'nullify', epoch: this.#config.epoch, view: this.#view, hash: undefined })
  }

  // leaderTimer | advanceTimer | retry | standstill
  #onTick(): void {
    const isDue = (at: number | undefined) => at !== undefined && this.#now >= at
    if (isDue(this.#leaderAt) || isDue(this.#advanceAt)) {
      this.#nullify()
      this.#leaderAt = undefined
      this.#advanceAt = undefined
    }
    if (isDue(this.#asks.retryAt)) this.#askAgain()
    if (isDue(this.#standstillAt)) this.#standstill()
  }

  #standstill(): void {
    this.#standstillAt = this.#now + standstillAfterMs(this.#config.pacing)
    const { ref, certificate } = this.final
    this.#emit({
      kind: 'standstill',
      finalView: ref.view,
      certificates: [
        ...(certificate === undefined ? [] : [certificate]),
        ...this.#ledger.above().slice(-STANDSTILL_ITEMS),
      ],
      statements: this.#own.statements(this.#config.epoch).slice(-STANDSTILL_ITEMS),
    })
    this.#askAgain()
  }

  #askAgain(): void {
    this.#asks.clear()
    for (const known of this.#ledger.blocks.values())
      if (known.status === 'missing') known.status = 'unchecked'
    this.#dirty = true
  }

  /** Asks whoever can give it: peers, or the application. */
  #obtain(lack: Lack): void {
    switch (lack.kind) {
      case 'block':
        if (this.#asks.addBlock(lack.hash, this.#now)) this.#emit({ kind: 'fetchBlock', hash: lack.hash })
        return
      case 'certificate': {
        const { view } = lack
        if (!this.#asks.addView(view, this.#now)) return
        const lowest = view - VIEW_WINDOW
        const above = lowest > this.final.ref.view ? lowest : this.final.ref.view
        return this.#emit({ kind: 'fetchCertificates', above, upTo: view })
      }
      case 'verdict':
        if (lack.block.status !== 'unchecked') return
        lack.block.status = 'checking'
        return this.#emit({ kind: 'check', block: lack.block.ref })
    }
  }

  #sendCertificates(peer: string, certificates: Certificate[]): void {
    if (this.final.certificate !== undefined) certificates.unshift(this.final.certificate)
    if (certificates.length > 0) this.#emit({ kind: 'sendCertificates', peer, certificates })
  }

  #isInWindow(view: bigint): boolean {
    return view > this.final.ref.view && view > this.#view - VIEW_WINDOW && view <= this.#view + VIEW_WINDOW
  }

  #makeDurable(known: KnownBlock): void {
    if (known.durable) return
    known.durable = true
    this.#emit({ kind: 'append', record: { kind: 'block', block: known.ref } })
  }

  #forget(keep: (known: KnownBlock) => boolean): void {
    for (const hash of this.#ledger.blocks.prune(keep)) this.#emit({ kind: 'forget', hash })
  }

  #record(statement: VoteStatement): void {
    this.#own.add(statement)
    this.#emit({ kind: 'append', record: { kind: 'vote', statement } })
  }

  #cast(statement: VoteStatement): void {
    this.#record(statement)
    this.#emit({ kind: 'cast', statement })
  }

  #emit(effect: Effect): void {
    this.#effects.push(effect)
  }
}
