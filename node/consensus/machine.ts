/**
 * Stake-weighted Simplex as a pure machine, for one epoch: `step(event, now) -> effects`. No clock, disk, socket,
 * randomness or cryptography in here; the same events give the same effects. (Chan & Pass, "Simplex Consensus", 2023.)
 *
 * In each view one leader proposes a block; validators vote N (notarize) for it or L (nullify) to give the
 * view up. A quorum is more than two thirds of the power; its votes make a certificate C[kind, view]. C[N] or
 * C[L] ends the view. Who sees C[N] without having voted L votes F (finalize); C[F] makes the block, and with
 * it all its ancestors, final.
 *
 *   durable: S[view] = {n?, l?, f?} own votes;  C[kind, view];  blocks;  fin = the last final block and its view
 *   enter(v): if v <= view return; view = v; start the leader and the advance timer (pacing.ts)
 *   base(v): walk u = v-1 down: u == fin.view or C[N|F, u] -> that block; else require C[L, u], or ask for it
 *   tryPropose: leader(v) == me, no S[v].l; if S[v].n propose THAT block again; else what stands on base(v):
 *     a new block; or, if base(v) is the epoch's last block, that very block once more
 *     S[v].n = hash; send the block, my N vote, and why it may stand there (C of the parent, every C[L] between)
 *   onProposal: from leader(v) only; its certificates were taken in before; the first one per view counts
 *   tryNotarize(v): v == view, no S.n, no S.l, parent certified, every view between holds C[L], ancestors here,
 *     block valid -> S.n = hash; send N.   It can never become valid -> nullify.   Data missing -> wait, ask.
 *   onCertificate: put once; relay once, to who may lack it (relays.ts); C[F] -> finalise what is here, fetch the rest; view >= mine -> enter(view + 1)
 *   tryFinalize(v): C[N, v], block durable, no S.l, no S.f -> S.f = hash; send F      (also after leaving v)
 *   nullify: no S[view].f -> stop the timers; S.l = true; send L
 *   leader timer, advance timer, the leader's own L -> nullify
 *   no finality for long -> standstill: send again what others may lack, ask again for what is missing here (exchange.ts)
 *   restart: S, C and blocks come from the log; enter(max certificate view + 1); standstill; own votes count again
 *
 * Invariants, and why they hold while less than a third of the power is faulty:
 * 1. Two C[N] of a view are for one block: their quorums share an honest voter, and S[v].n is set once.
 * 2. C[F, v] and C[L, v] exclude each other: an honest voter never signs both (tryFinalize and nullify each
 *    test for the other), also across a crash, because S is durable before anything is sent.
 * 3. Hence final blocks form one chain. Let B be final by C[F, v]. What is certified in a later view w has a parent,
 *    or is the boundary block again, certified in some u < w with C[L] for every view between. By 2, u >= v; if
 *    u == v it is B by 1, and if u > v it is B or a descendant of B by induction over w.
 * 4. A vote is never taken back: `append` of a record comes before the effect that sends it.
 * C[N, v] and C[L, v] may both exist; then v's block may or may not get descendants, but cannot be final.
 *
 * The end of an epoch: its last block, the boundary block, is fixed by height. Nothing stands on it within the epoch
 * (another set votes on what does), so that the views after it certify it anew, unchanged, until C[F] exists. Hence
 * it is the view of a certificate that counts above, never the view in the block's header. Then the machine is
 * over: it votes no more, and answers who is still in this epoch.
 *
 * Evidence: of votes within the window, final or not, two that exclude each other are handed out, once a signer. The second
 * may be a leader's that another node holds and passes on (witnesses.ts); such a one proves something or nothing, and is not counted.
 * Two certificates that exclude each other end everything: `conflict`, thrown with the evidence.
 *
 * Memory: certificates and own votes above `fin`; votes within VIEW_WINDOW of the view; certified blocks and their
 * ancestors above `fin`; one proposal per view, and of those without a certificate or an own vote only the
 * last VIEW_WINDOW.
 */
import type { Certificate, Vote, VoteStatement } from '../types/vote.ts'
import { bytesEqual, type Hash, type Height, toHex } from '../types/primitives.ts'
import type { ValidatorSet } from '../types/validator-set.ts'
import type { BlockRef } from './block-ref.ts'
import { Exchange } from './exchange.ts'
import { assertNotInvalid, type FinalBlock, type Ledger } from './ledger.ts'
import { OwnVotes } from './own-votes.ts'
import {
  type Effect,
  type Event,
  type LeaderOf,
  type LogRecord,
  type Pacing,
  VIEW_WINDOW,
  WITNESS_VIEWS,
} from './protocol.ts'
import { Proposer } from './proposer.ts'
import { restore } from './restore.ts'
import { type Candidate, Tally } from './tally.ts'
import { Timers } from './timers.ts'
import { Voter } from './voter.ts'

export interface MachineConfig {
  readonly epoch: bigint
  readonly validators: ValidatorSet
  /** Own position in the set; `undefined` follows without voting. */
  readonly self: number | undefined
  readonly leaderOf: LeaderOf
  /** Of the epoch's last block. */
  readonly lastHeight: Height
  /** Own votes of views up to this one are not known any more, so that none may be added. */
  readonly sealedView: bigint
  readonly pacing: Pacing
}

export class Machine {
  readonly #config: MachineConfig
  readonly #own: OwnVotes
  readonly #ledger: Ledger
  readonly #tally: Tally
  readonly #timers: Timers
  readonly #exchange: Exchange
  readonly #voter: Voter
  readonly #proposer: Proposer
  /** The first proposal of each view. */
  readonly #proposals = new Map<bigint, BlockRef>()
  /** Signers against whom evidence was found good. */
  readonly #proven = new Set<number>()
  #view = 0n
  /** A certificate or a block arrived: finality may move, F votes may be due. */
  #dirty = true

  #now = 0
  #wakeAt: number | undefined
  #effects: Effect[] = []

  /** `records`: everything ever appended for this epoch, in order. What is at or below `final` is dropped. */
  constructor(config: MachineConfig, final: FinalBlock, records: readonly LogRecord[]) {
    const { epoch, pacing, validators } = config
    this.#config = config
    this.#own = new OwnVotes(epoch, config.sealedView)
    this.#tally = new Tally(validators)
    this.#timers = new Timers(pacing)
    this.#ledger = restore(config, final, records, this.#own)
    const emit = (effect: Effect) => this.#emit(effect)
    const now = () => this.#now
    const ledger = this.#ledger
    const timers = this.#timers
    const exchange = new Exchange({ epoch, pacing, ledger, own: this.#own, now, emit })
    const voter = new Voter(config, this.#own, emit)
    this.#exchange = exchange
    this.#voter = voter
    this.#proposer = new Proposer({ epoch: config, ledger, voter, exchange, timers, emit })
  }

  get view(): bigint {
    return this.#view
  }

  get final(): FinalBlock {
    return this.#ledger.final
  }

  /** The epoch's last block is final. */
  get isOver(): boolean {
    return this.#ledger.isOver
  }

  /** Whether the bytes of this block are still needed. */
  hasBlock(hash: Hash): boolean {
    return this.#ledger.blocks.get(hash) !== undefined
  }

  /** Votes, and blocks, held: for bounds. */
  get held(): { votes: number; blocks: number } {
    return { votes: this.#tally.size, blocks: this.#ledger.blocks.size }
  }

  /** False: somebody else signed this with our key. */
  mayHaveSigned(statement: VoteStatement): boolean {
    return this.#own.mayHaveSigned(statement)
  }

  /** Whether a certificate would be news, or a conflict: ask before verifying one. */
  wantsCertificate(certificate: VoteStatement): boolean {
    const { kind, epoch, view } = certificate
    const { certificates } = this.#ledger
    if (epoch !== this.#config.epoch) return false
    const isNews = view > this.final.view && certificates.get(kind, view) === undefined
    return isNews || certificates.rivalOf(certificate) !== undefined
  }

  /** Whether a vote would be kept: ask before spending anything on it. */
  admitsVote({ epoch, view }: VoteStatement): boolean {
    return epoch === this.#config.epoch && view > 0n && this.#isInWindow(view)
  }

  /** Of an N vote: whether one like it, by its view's leader, may still be evidence. */
  isOfUse(vote: Vote): boolean {
    const { kind, view, signer } = vote
    if (kind !== 'notarize' || !this.admitsVote(vote) || view <= this.#view - WITNESS_VIEWS) return false
    return signer === this.#config.leaderOf(view) && !this.#proven.has(signer)
  }

  /** Whether it is of use and contradicts the vote that is held of its signer: ask before verifying one. */
  wantsWitness(vote: Vote): boolean {
    return this.isOfUse(vote) && this.#tally.evidenceOf(vote) !== undefined
  }

  /** The first N of each signer. */
  notarizeVotes(view: bigint): ReadonlyMap<number, Vote> | undefined {
    return this.#tally.notarizeVotes(view)
  }

  /** Whether a proposal would be taken on its sender's word. */
  awaitsProposal(from: number, view: bigint): boolean {
    return from === this.#config.leaderOf(view) && view === this.#view && !this.#proposals.has(view)
  }

  /** The least that a machine must be made from to go on as this one. */
  snapshot(): LogRecord[] {
    const { certificate } = this.final
    const certificates = [...(certificate === undefined ? [] : [certificate]), ...this.#ledger.above()]
    return [
      { kind: 'sealed', epoch: this.#config.epoch, view: this.#own.sealedView },
      ...[...this.#ledger.blocks.values()]
        .filter(({ durable }) => durable)
        .map(({ ref }): LogRecord => ({ kind: 'block', block: ref })),
      ...certificates.map((certificate): LogRecord => ({ kind: 'certificate', certificate })),
      ...this.#own.statements().map((statement): LogRecord => ({ kind: 'vote', statement })),
    ]
  }

  /** `now` in ms, never less than before. The effects must be carried out in their order. */
  step(event: Event, now: number): Effect[] {
    this.#now = now
    this.#effects = []
    this.#take(event)
    if (!this.isOver) this.#settle()
    const wakeAt = this.#timers.next(this.#exchange.retryAt)
    if (wakeAt !== this.#wakeAt) this.#emit({ kind: 'wake', at: (this.#wakeAt = wakeAt) })
    return this.#effects
  }

  #take(event: Event): void {
    // Whoever is still in this epoch is answered; nothing else has a meaning when it is over.
    if (this.isOver && event.kind !== 'standstill' && event.kind !== 'certificatesWanted') return
    switch (event.kind) {
      case 'standstill':
        return this.#exchange.onStandstill(event.peer, event.finalView)
      case 'certificatesWanted':
        return this.#exchange.onCertificatesWanted(event.peer, event.above, event.upTo)
      case 'start':
        return this.#start()
      case 'tick':
        return this.#onTick()
      case 'vote':
        return this.#onVote(event.vote)
      case 'witness':
        return this.#suspect(event.vote)
      case 'certificate':
        return this.#onCertificate(event.certificate)
      case 'refused':
        return this.#certify(this.#tally.refuse(event.statement, event.faulty))
      case 'proposal':
        return this.#onProposal(event.from, event.view, event.block)
      case 'blocks':
        return this.#onBlocks(event.blocks)
      case 'built':
        return this.#proposer.onBuilt(event.view, event.block)
      case 'proven':
        this.#proven.add(event.signer)
        return
      case 'checked': {
        const known = this.#ledger.blocks.get(event.hash)
        if (known === undefined) return
        known.status = event.verdict
        if (event.verdict === 'missing') this.#exchange.retry()
        this.#dirty = true
        return
      }
    }
  }

  /** What the state now allows, whatever event brought it there. */
  #settle(): void {
    if (this.#dirty) {
      this.#dirty = false
      this.#advanceFinality()
      if (this.isOver) return this.#finish()
      for (const certificate of this.#ledger.above())
        if (certificate.kind === 'notarize') this.#tryFinalize(certificate)
    }
    this.#proposer.tryPropose(this.#view)
    this.#tryNotarize()
  }

  // restart
  #start(): void {
    const highest = this.#ledger.certificates.highestView
    this.#enter((highest > this.final.view ? highest : this.final.view) + 1n)
    this.#standstill()
  }

  // enter(v)
  #enter(view: bigint): void {
    if (view <= this.#view) return
    this.#proposer.startView()
    this.#view = view
    this.#timers.startView(this.#now, view - this.final.view - 1n)
    this.#tally.prune(v => this.#isInWindow(v))
    for (const v of this.#proposals.keys()) if (v <= view - VIEW_WINDOW) this.#proposals.delete(v)
    const proposed = new Set([...this.#proposals.values()].map(({ hash }) => toHex(hash)))
    const gone = this.#ledger.forgetLoose(({ ref, durable }) => durable || proposed.has(toHex(ref.hash)))
    for (const hash of gone) this.#emit({ kind: 'forget', hash })
  }

  // onProposal
  #onProposal(from: number, view: bigint, block: BlockRef): void {
    // From ourselves: another process has our key. Its block is not ours to vote for.
    if (from !== this.#config.leaderOf(view) || from === this.#config.self) return
    // Its justification would have brought us to its view if it were honest.
    if (view > this.#view || view <= this.final.view) return
    if (view < this.#view || this.#proposals.has(view)) {
      const certified = this.#ledger.certificates.certifiedHash(view)
      if (certified !== undefined && bytesEqual(certified, block.hash)) this.#adopt(block)
      return
    }
    this.#proposals.set(view, block)
    this.#exchange.take(block.hash)
    this.#adopt(block)
  }

  #onBlocks(blocks: readonly BlockRef[]): void {
    let wanted = blocks[0]?.hash
    if (wanted === undefined || !this.#exchange.take(wanted)) return
    for (const block of blocks) {
      if (!bytesEqual(block.hash, wanted)) return
      this.#adopt(block)
      wanted = block.parentHash
    }
  }

  #adopt(block: BlockRef): void {
    if (block.epoch !== this.#config.epoch || block.height <= this.final.ref.height) return
    this.#ledger.blocks.add(block)
    this.#dirty = true
  }

  // tryNotarize(v)
  #tryNotarize(): void {
    const view = this.#view
    const block = this.#proposals.get(view)
    if (block === undefined || !this.#voter.mayVote(view)) return
    const own = this.#voter.of(view)
    if (own.notarize !== undefined || own.nullify) return
    const judgement = this.#ledger.judge(view, block)
    if (judgement === 'never') return this.#nullify()
    if (judgement !== 'yes') return this.#exchange.obtain(judgement)
    this.#voter.makeDurable(this.#ledger.blocks.add(block))
    this.#timers.leaderDone()
    this.#voter.cast('notarize', view, block.hash)
  }

  #onVote(vote: Vote): void {
    const { kind, view, signer } = vote
    if (!this.admitsVote(vote)) return
    this.#suspect(vote)
    const candidate = this.#tally.add(vote)
    if (view <= this.final.view) return
    if (this.#ledger.certificates.get(kind, view) === undefined) this.#certify(candidate)
    // the leader's own L
    if (kind === 'nullify' && view === this.#view && signer === this.#config.leaderOf(view)) this.#nullify()
  }

  #suspect(vote: Vote): void {
    const evidence = this.#proven.has(vote.signer) ? undefined : this.#tally.suspect(vote)
    if (evidence !== undefined) this.#emit({ kind: 'evidence', evidence })
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
    const { finalized, lacks } = this.#ledger.advanceFinality()
    for (const lack of lacks) this.#exchange.obtain(lack)
    if (finalized === undefined) return
    const { blocks, certificate, forgotten } = finalized
    this.#emit({ kind: 'finalize', blocks, certificate })
    for (const hash of forgotten) this.#emit({ kind: 'forget', hash })
    const { view } = this.final
    this.#own.prune(view)
    for (const v of this.#proposals.keys()) if (v <= view) this.#proposals.delete(v)
    this.#timers.startStandstill(this.#now)
  }

  /** The epoch is over: what was still open in it will never be decided. */
  #finish(): void {
    this.#proposer.abandon()
    this.#timers.stop()
    this.#exchange.stop()
    this.#proposals.clear()
    this.#tally.prune(() => false)
    for (const hash of this.#ledger.blocks.prune(() => false)) this.#emit({ kind: 'forget', hash })
  }

  // tryFinalize(v)
  #tryFinalize({ view, hash }: Certificate): void {
    if (hash === undefined || !this.#voter.mayVote(view)) return
    const own = this.#voter.of(view)
    const known = this.#ledger.certified(hash)
    if ('kind' in known) return this.#exchange.obtain(known)
    assertNotInvalid(known)
    if (own.nullify || own.finalize !== undefined) return
    this.#voter.makeDurable(known)
    this.#voter.cast('finalize', view, hash)
  }

  // nullify
  #nullify(): void {
    const own = this.#voter.of(this.#view)
    if (!this.#voter.mayVote(this.#view) || own.finalize !== undefined) return
    this.#timers.viewDone()
    if (own.nullify) return
    this.#proposer.abandon()
    this.#voter.cast('nullify', this.#view, undefined)
  }

  // leader timer, advance timer, retry, standstill
  #onTick(): void {
    if (this.#timers.isViewLate(this.#now)) {
      this.#nullify()
      this.#timers.viewDone()
    }
    if (this.#exchange.isRetryDue) this.#askAgain()
    if (this.#timers.isStandstill(this.#now)) this.#standstill()
  }

  #standstill(): void {
    this.#timers.startStandstill(this.#now)
    this.#exchange.standstill()
    this.#askAgain()
  }

  #askAgain(): void {
    this.#exchange.askAgain()
    this.#dirty = true
  }

  #isInWindow(view: bigint): boolean {
    return view > this.#view - VIEW_WINDOW && view <= this.#view + VIEW_WINDOW
  }

  #emit(effect: Effect): void {
    this.#effects.push(effect)
  }
}
