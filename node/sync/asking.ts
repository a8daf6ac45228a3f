/**
 * Gives tasks out among peers: each is asked of one peer, and of another if that one fails.
 *
 * Invariants
 * - at most `maxInFlight` requests are open, and of one peer no more than the peer book lets it have;
 * - a task is asked of one peer at a time, and of none that has failed at it MOST_TRIES times;
 * - the tasks that came first are given out first; one that failed comes before all others;
 * - who answers with something false is reported and not asked again: what it still owes goes to others at once.
 *
 * Pure: what is to be sent and reported comes out, the time and the answers come in.
 */
import type { NetworkPeer, Offence, RequestErrorCode } from '../network/ports.ts'
import type { RequestName } from '../network/request-table.ts'
import { CodecError } from '../types/codec.ts'
import { PeerBook } from './peer-book.ts'

/** What an answer was worth. */
export type Verdict =
  | { readonly kind: 'done' }
  /** True so far: ask for the rest. */
  | { readonly kind: 'more' }
  | { readonly kind: Offence; readonly reason: string }

export const DONE: Verdict = { kind: 'done' }
export const MORE: Verdict = { kind: 'more' }
export const invalid = (reason: string): Verdict => ({ kind: 'invalid', reason })
export const useless = (reason: string): Verdict => ({ kind: 'useless', reason })

export interface Task {
  readonly name: RequestName
  /** For people: `blocks 7 to 9`. */
  readonly what: string
  suits(peer: NetworkPeer): boolean
  /** Who has given a part of it, and goes on with it unless it fails. */
  prefers?(): string | undefined
  /** The request to that peer, who is asked now. */
  body(peer: string): Uint8Array
  accept(answer: Uint8Array, peer: string): Verdict
  /** Nobody who suits it is left: true if it need not be done. Without it, it waits for other peers. */
  giveUp?(): boolean
}

export type AskEffect =
  | {
      readonly kind: 'request'
      readonly id: number
      readonly peer: string
      readonly name: RequestName
      readonly body: Uint8Array
    }
  | { readonly kind: 'report'; readonly peer: string; readonly offence: Offence; readonly reason: string }

/** Of one peer at one task. */
const MOST_TRIES = 3

interface Waiting {
  readonly task: Task
  readonly fails: Map<string, number>
  /** Since when nobody suits it. */
  stuckSinceMs: number | undefined
}

const accept = (task: Task, bytes: Uint8Array, peer: string): Verdict => {
  try {
    return task.accept(bytes, peer)
  } catch (error) {
    if (error instanceof CodecError) return invalid(error.message)
    throw error
  }
}

export class Asking {
  readonly book = new PeerBook()
  readonly #maxInFlight: number
  readonly #open = new Map<number, { readonly waiting: Waiting; readonly peer: string }>()
  #waiting: Waiting[] = []
  #effects: AskEffect[] = []
  #nextId = 0

  constructor(maxInFlight: number) {
    this.#maxInFlight = maxInFlight
  }

  get inFlight(): number {
    return this.#open.size
  }

  add(task: Task): void {
    this.#waiting.push({ task, fails: new Map(), stuckSinceMs: undefined })
  }

  /** Before all others: what was done and turned out to be wrong. */
  addFirst(task: Task): void {
    this.#waiting.unshift({ task, fails: new Map(), stuckSinceMs: undefined })
  }

  takeEffects(): AskEffect[] {
    return this.#effects.splice(0)
  }

  report(peer: string, offence: Offence, reason: string): void {
    this.#effects.push({ kind: 'report', peer, offence, reason })
    if (offence === 'invalid') this.#drop(peer)
  }

  /** What it still owes goes to others. */
  #drop(peer: string): void {
    this.book.exclude(peer)
    for (const [id, open] of this.#open) {
      if (open.peer !== peer) continue
      this.#open.delete(id)
      this.#waiting.unshift(open.waiting)
    }
  }

  answer(id: number, bytes: Uint8Array, nowMs: number): void {
    const open = this.#open.get(id)
    if (open === undefined) return
    this.#open.delete(id)
    const { waiting, peer } = open
    const verdict = accept(waiting.task, bytes, peer)
    switch (verdict.kind) {
      case 'done':
        this.book.answered(peer)
        return
      case 'more':
        this.book.answered(peer)
        waiting.fails.clear()
        this.#waiting.unshift(waiting)
        return
      case 'invalid':
      case 'useless':
        this.#failed(open, nowMs)
        this.report(peer, verdict.kind, `${waiting.task.what}: ${verdict.reason}`)
    }
  }

  failure(id: number, code: RequestErrorCode, nowMs: number): void {
    const open = this.#open.get(id)
    if (open === undefined) return
    this.#open.delete(id)
    this.#failed(open, nowMs)
    const { what } = open.waiting.task
    if (code === 'timeout') this.report(open.peer, 'useless', `${what}: no answer in time`)
    if (code === 'too_large') this.report(open.peer, 'invalid', `${what}: an answer larger than it may be`)
  }

  #failed({ waiting, peer }: { readonly waiting: Waiting; readonly peer: string }, nowMs: number): void {
    this.book.failed(peer, nowMs)
    waiting.fails.set(peer, (waiting.fails.get(peer) ?? 0) + 1)
    this.#waiting.unshift(waiting)
  }

  /** Gives out what can be. */
  assign(nowMs: number): void {
    const before = this.#waiting
    this.#waiting = []
    const left = before.filter(waiting => !this.#assignOne(waiting, nowMs))
    // Those that came back meanwhile stand first.
    this.#waiting.push(...left)
  }

  /** Whether it waits no longer. */
  #assignOne(waiting: Waiting, nowMs: number): boolean {
    const { task, fails } = waiting
    const preferred = task.prefers?.()
    const isBound = preferred !== undefined && this.book.isUsable(preferred) && !fails.has(preferred)
    const suits = (peer: NetworkPeer): boolean =>
      isBound ? peer.id === preferred : (fails.get(peer.id) ?? 0) < MOST_TRIES && task.suits(peer)
    const isRoom = this.#open.size < this.#maxInFlight
    const peer = isRoom ? this.book.choose(task.name, nowMs, suits, fails) : undefined
    if (peer !== undefined) {
      const id = this.#nextId++
      waiting.stuckSinceMs = undefined
      this.book.asked(peer, task.name, nowMs)
      this.#open.set(id, { waiting, peer })
      this.#effects.push({ kind: 'request', id, peer, name: task.name, body: task.body(peer) })
      return true
    }
    if (this.book.usable().some(suits)) waiting.stuckSinceMs = undefined
    else if (task.giveUp?.() === true) return true
    else waiting.stuckSinceMs ??= nowMs
    return false
  }

  /** The first task that nobody has suited for so long. */
  stuck(nowMs: number, patienceMs: number): Task | undefined {
    return this.#waiting.find(
      ({ stuckSinceMs }) => stuckSinceMs !== undefined && nowMs - stuckSinceMs >= patienceMs,
    )?.task
  }

  /** When time alone changes something. Without `patienceMs` nobody gives up now, however long it takes. */
  nextAtMs(nowMs: number, patienceMs: number | undefined): number | undefined {
    const times: number[] = []
    if (patienceMs !== undefined)
      for (const { stuckSinceMs } of this.#waiting)
        if (stuckSinceMs !== undefined) times.push(stuckSinceMs + patienceMs)
    const next = this.book.nextAtMs(nowMs)
    if (next !== undefined && this.#waiting.length > 0) times.push(next)
    return times.length === 0 ? undefined : Math.min(...times)
  }
}
