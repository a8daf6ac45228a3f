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
import type { BlockRef } from './block-ref.ts'
import { BlockTree, type KnownBlock } from './block-tree.ts'
import { Certificates } from './certificates.ts'
import { ConsensusError } from './error.ts'
import type { LeaderOf } from './leader.ts'
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
import type { ValidatorSet } from './validator-set.ts'

export interface MachineConfig {
  readonly epoch: bigint
  readonly validators: ValidatorSet
  /** Own position in the set; `undefined` follows without voting. */
  readonly self: number | undefined
  readonly leaderOf: LeaderOf
  readonly pacing: Pacing
}

export interface FinalBlock {
  readonly ref: BlockRef
  /** Absent for the genesis block alone. */
  readonly certificate: Certificate | undefined
}

export class Machine {
  readonly #config: MachineConfig
  readonly #own = new OwnVotes()
  readonly #certificates = new Certificates()
  readonly #blocks = new BlockTree()
  readonly #tally: Tally
  /** The first proposal of each view. */
  readonly #proposals = new Map<bigint, BlockRef>()
  #final: FinalBlock
  #view = 0n
  #building: { view: bigint; parent: BlockRef } | undefined
  #hasProposed = false
  /** A certificate or a block arrived: finality may move, F votes may be due. */
  #dirty = true

  /** Asked for and not here yet, since the last retry: block hashes, and views without a certificate. */
  readonly #askedBlocks = new Set<string>()
  readonly #askedViews = new Set<bigint>()

  #now = 0
  #leaderAt: number | undefined
  #advanceAt: number | undefined
  #standstillAt: number | undefined
  #retryAt: number | undefined
  #wakeAt: number | undefined
  #effects: Effect[] = []

  /** `records`: everything ever appended, in order. What is at or below `final` is dropped. */
  constructor(config: MachineConfig, final: FinalBlock, records: readonly LogRecord[]) {
    this.#config = config
    this.#final = final
    this.#tally = new Tally(config.validators)
    for (const record of records) {
      switch (record.kind) {
        case 'vote':
          if (record.statement.view > final.ref.view) this.#own.add(record.statement)
          break
        case 'certificate':
          if (record.certificate.view > final.ref.view) this.#certificates.put(record.certificate)
          break
        case 'block':
          if (record.block.view > final.ref.view) this.#blocks.add(record.block).durable = true
          break
      }
    }
  }

  get view(): bigint {
    return this.#view
  }

  get final(): FinalBlock {
    return this.#final
  }

  /** Whether the bytes of this block are still needed. */
  hasBlock(hash: Hash): boolean {
    return this.#blocks.get(hash) !== undefined
  }

  /** Votes held for certificates to come. */
  get votesHeld(): number {
    return this.#tally.size
  }

  /** Whether a certificate of this kind and view would be news: ask before verifying one. */
  wantsCertificate({ kind, epoch, view }: VoteStatement): boolean {
    return (
      epoch === this.#config.epoch &&
      view > this.#final.ref.view &&
      this.#certificates.get(kind, view) === undefined
    )
  }

  /** Whether a vote would be kept: ask before spending anything on it. */
  admitsVote({ kind, epoch, view }: VoteStatement): boolean {
    return (
      epoch === this.#config.epoch &&
      this.#isInWindow(view) &&
      this.#certificates.get(kind, view) === undefined
    )
  }

  /** The least that a machine must be made from to go on as this one. */
  snapshot(): LogRecord[] {
    const certificates = this.#certificates.between(this.#final.ref.view, this.#certificates.highestView)
    if (this.#final.certificate !== undefined) certificates.unshift(this.#final.certificate)
    return [
      ...[...this.#blocks.values()]
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
    const wakeAt = [this.#leaderAt, this.#advanceAt, this.#standstillAt, this.#retryAt]
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
        const known = this.#blocks.get(event.hash)
        if (known === undefined) return
        known.status = event.verdict
        if (event.verdict === 'missing') this.#retryLater()
        this.#dirty = true
        return
      }
      case 'standstill':
        if (event.finalView < this.#final.ref.view) this.#sendCertificates(event.peer, [])
        return
      case 'certificatesWanted': {
        const found = this.#certificates.between(event.above, event.upTo)
        return this.#sendCertificates(event.peer, found.slice(-STANDSTILL_ITEMS))
      }
    }
  }

  /** What the state now allows, whatever event brought it there. */
  #settle(): void {
    if (this.#dirty) {
      this.#dirty = false
      this.#advanceFinality()
      for (const certificate of this.#certificates.between(
        this.#final.ref.view,
        this.#certificates.highestView,
      ))
        if (certificate.kind === 'notarize') this.#tryFinalize(certificate)
    }
    this.#tryPropose()
    this.#tryNotarize()
  }

  // restart
  #start(): void {
    const highest = this.#certificates.highestView
    this.#enter((highest > this.#final.ref.view ? highest : this.#final.ref.view) + 1n)
    this.#standstill()
  }

  // enter(v)
  #enter(view: bigint): void {
    if (view <= this.#view) return
    if (this.#building !== undefined) this.#emit({ kind: 'abandon', view: this.#building.view })
    this.#building = undefined
    this.#hasProposed = false
    this.#view = view
    const { leaderMs, advanceMs } = viewTimeouts(this.#config.pacing, view - this.#final.ref.view - 1n)
    this.#leaderAt = this.#now + leaderMs
    this.#advanceAt = this.#now + advanceMs
    this.#askedViews.clear()
    this.#tally.prune(v => this.#isInWindow(v))
    for (const v of this.#proposals.keys()) if (v <= view - VIEW_WINDOW) this.#proposals.delete(v)
    this.#forget(({ ref, durable }) => durable || ref.view > view - VIEW_WINDOW || this.#isCertified(ref))
  }

  // base(v)
  #base(view: bigint): BlockRef | undefined {
    for (let u = view - 1n; u > this.#final.ref.view; u--) {
      const hash = this.#certificates.certifiedHash(u)
      if (hash !== undefined) {
        const known = this.#blocks.get(hash)
        if (known === undefined) this.#fetchBlock(hash)
        return known?.ref
      }
      if (this.#certificates.get('nullify', u) === undefined) {
        this.#fetchCertificates(u)
        return undefined
      }
    }
    return this.#final.ref
  }

  // tryPropose
  #tryPropose(): void {
    const view = this.#view
    if (this.#config.self !== this.#config.leaderOf(view) || this.#hasProposed) return
    const own = this.#own.of(view)
    if (own.nullify) return
    if (own.notarize !== undefined) {
      const known = this.#blocks.get(own.notarize)
      if (known !== undefined) this.#propose(known.ref)
      return
    }
    if (this.#building !== undefined) return
    const parent = this.#base(view)
    if (parent === undefined || !this.#isExecuted(parent.hash)) return
    this.#building = { view, parent }
    this.#emit({ kind: 'build', view, parent })
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
    const known = this.#blocks.add(block)
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
      justification: this.#justification(block),
    })
  }

  /** The parent's certificate and every C[L] between; of a very long gap the newest, the rest can be asked for. */
  #justification({ view, parentView }: BlockRef): Certificate[] {
    const parent =
      parentView === this.#final.ref.view
        ? this.#final.certificate
        : (this.#certificates.get('notarize', parentView) ?? this.#certificates.get('finalize', parentView))
    const skipped = this.#certificates.between(parentView, view - 1n).filter(({ kind }) => kind === 'nullify')
    return [...(parent === undefined ? [] : [parent]), ...skipped.slice(1 - STANDSTILL_ITEMS)]
  }

  // onProposal
  #onProposal(from: number, block: BlockRef): void {
    const { view, hash } = block
    // From ourselves: another process has our key. Its block is not ours to vote for.
    if (from !== this.#config.leaderOf(view) || from === this.#config.self) return
    // Its justification would have brought us to its view if it were honest.
    if (view > this.#view) return
    if (view < this.#view || this.#proposals.has(view)) {
      if (this.#isCertified(block)) this.#adopt(block)
      return
    }
    this.#proposals.set(view, block)
    this.#askedBlocks.delete(toHex(hash))
    this.#adopt(block)
  }

  #onBlock(block: BlockRef): void {
    if (this.#askedBlocks.delete(toHex(block.hash))) this.#adopt(block)
  }

  #adopt(block: BlockRef): void {
    if (block.view <= this.#final.ref.view) return
    this.#blocks.add(block)
    this.#dirty = true
  }

  // tryNotarize(v)
  #tryNotarize(): void {
    const view = this.#view
    const block = this.#proposals.get(view)
    const own = this.#own.of(view)
    if (this.#config.self === undefined || block === undefined || own.notarize !== undefined || own.nullify)
      return
    const ready = this.#judge(block)
    if (ready === 'never') return this.#nullify()
    if (ready === 'not yet') return
    this.#makeDurable(this.#blocks.add(block))
    this.#leaderAt = undefined
    this.#cast({ kind: 'notarize', epoch: this.#config.epoch, view, hash: block.hash })
  }

  #judge(block: BlockRef): 'yes' | 'never' | 'not yet' {
    const { view, parentHash, parentView } = block
    const final = this.#final.ref
    // The final view can be neither skipped nor built on from below.
    if (parentView >= view || parentView < final.view) return 'never'
    const parent = parentView === final.view ? final.hash : this.#certificates.certifiedHash(parentView)
    if (parent === undefined) {
      this.#fetchCertificates(parentView)
      return 'not yet'
    }
    if (!bytesEqual(parent, parentHash)) return 'never'
    for (let u = view - 1n; u > parentView; u--) {
      if (this.#certificates.get('nullify', u) !== undefined) continue
      this.#fetchCertificates(u)
      return 'not yet'
    }
    if (!this.#isExecuted(parentHash)) return 'not yet'
    const parentHeight = parentView === final.view ? final.height : this.#blocks.get(parentHash)?.ref.height
    if (block.height !== (parentHeight ?? 0n) + 1n) return 'never'
    const known = this.#blocks.add(block)
    if (known.status === 'unchecked') this.#check(known)
    if (known.status === 'invalid') return 'never'
    return known.status === 'valid' ? 'yes' : 'not yet'
  }

  /** All of the branch is valid here. If not, the first block that is not yet is fetched or checked. */
  #isExecuted(hash: Hash): boolean {
    const path = this.#blocks.path(hash, this.#final.ref)
    if ('absent' in path) {
      this.#fetchBlock(path.absent)
      return false
    }
    const next = path.blocks.find(({ status }) => status !== 'valid')
    if (next === undefined) return true
    if (next.status === 'invalid') throw diverged(next.ref)
    if (next.status === 'unchecked') this.#check(next)
    return false
  }

  #check(known: KnownBlock): void {
    known.status = 'checking'
    this.#emit({ kind: 'check', block: known.ref })
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
    if (!this.wantsCertificate(certificate) || !this.#certificates.put(certificate)) return
    this.#emit({ kind: 'append', record: { kind: 'certificate', certificate } })
    this.#emit({ kind: 'relay', certificate })
    this.#dirty = true
    if (certificate.view >= this.#view) this.#enter(certificate.view + 1n)
  }

  #advanceFinality(): void {
    const certificates = this.#certificates.between(this.#final.ref.view, this.#certificates.highestView)
    for (const certificate of certificates.reverse()) {
      if (certificate.kind !== 'finalize' || certificate.hash === undefined) continue
      const path = this.#blocks.path(certificate.hash, this.#final.ref)
      if ('absent' in path) {
        this.#fetchBlock(path.absent)
        continue
      }
      const invalid = path.blocks.find(({ status }) => status === 'invalid')
      if (invalid !== undefined) throw diverged(invalid.ref)
      const blocks = path.blocks.map(({ ref }) => ref)
      const last = blocks.at(-1)
      if (last === undefined) continue
      this.#final = { ref: last, certificate }
      this.#emit({ kind: 'finalize', blocks, certificate })
      this.#pruneFinal()
      return
    }
  }

  #pruneFinal(): void {
    const { view } = this.#final.ref
    this.#certificates.prune(view)
    this.#own.prune(view)
    this.#tally.prune(v => this.#isInWindow(v))
    for (const v of this.#proposals.keys()) if (v <= view) this.#proposals.delete(v)
    this.#forget(({ ref }) => ref.view > view)
    this.#standstillAt = this.#now + standstillAfterMs(this.#config.pacing)
  }

  // tryFinalize(v)
  #tryFinalize({ view, hash }: Certificate): void {
    const own = this.#own.of(view)
    if (hash === undefined || this.#config.self === undefined) return
    const known = this.#blocks.get(hash)
    if (known === undefined) return this.#fetchBlock(hash)
    if (known.status === 'invalid') throw diverged(known.ref)
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
    if (isDue(this.#retryAt)) this.#askAgain()
    if (isDue(this.#standstillAt)) this.#standstill()
  }

  #standstill(): void {
    this.#standstillAt = this.#now + standstillAfterMs(this.#config.pacing)
    const { ref, certificate } = this.#final
    const above = this.#certificates.between(ref.view, this.#certificates.highestView)
    this.#emit({
      kind: 'standstill',
      finalView: ref.view,
      certificates: [...(certificate === undefined ? [] : [certificate]), ...above.slice(-STANDSTILL_ITEMS)],
      statements: this.#own.statements(this.#config.epoch).slice(-STANDSTILL_ITEMS),
    })
    this.#askAgain()
  }

  #askAgain(): void {
    this.#retryAt = undefined
    this.#askedBlocks.clear()
    this.#askedViews.clear()
    for (const known of this.#blocks.values()) if (known.status === 'missing') known.status = 'unchecked'
    this.#dirty = true
  }

  #retryLater(): void {
    this.#retryAt ??= this.#now + retryAfterMs(this.#config.pacing)
  }

  #fetchBlock(hash: Hash): void {
    const key = toHex(hash)
    if (this.#askedBlocks.has(key)) return
    this.#askedBlocks.add(key)
    this.#emit({ kind: 'fetchBlock', hash })
    this.#retryLater()
  }

  #fetchCertificates(view: bigint): void {
    if (this.#askedViews.has(view)) return
    this.#askedViews.add(view)
    const lowest = view - VIEW_WINDOW
    const above = lowest > this.#final.ref.view ? lowest : this.#final.ref.view
    this.#emit({ kind: 'fetchCertificates', above, upTo: view })
    this.#retryLater()
  }

  #sendCertificates(peer: string, certificates: Certificate[]): void {
    if (this.#final.certificate !== undefined) certificates.unshift(this.#final.certificate)
    if (certificates.length > 0) this.#emit({ kind: 'sendCertificates', peer, certificates })
  }

  #isInWindow(view: bigint): boolean {
    return view > this.#final.ref.view && view > this.#view - VIEW_WINDOW && view <= this.#view + VIEW_WINDOW
  }

  #isCertified({ view, hash }: BlockRef): boolean {
    const certified = this.#certificates.certifiedHash(view)
    return certified !== undefined && bytesEqual(certified, hash)
  }

  #makeDurable(known: KnownBlock): void {
    if (known.durable) return
    known.durable = true
    this.#emit({ kind: 'append', record: { kind: 'block', block: known.ref } })
  }

  #forget(keep: (known: KnownBlock) => boolean): void {
    for (const hash of this.#blocks.prune(keep)) this.#emit({ kind: 'forget', hash })
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

const diverged = ({ hash, view }: BlockRef): ConsensusError =>
  new ConsensusError(
    'diverged',
    `block ${toHex(hash)} of view ${view} is certified by more than two thirds of the power and invalid here: ` +
      `this node's state or software differs from theirs. Upgrade it, or restore it from a snapshot`,
  )
