/**
 * Certificates on their way to those who may lack them ("relay once", machine.ts).
 *
 * Who votes makes the same certificates of the same votes, at about the same time. So a certificate goes at once to peers
 * that do not vote in this epoch, which may be connected to nobody who does; and to one that votes only if it has not
 * shown, after a while, that it has it. With four validators under load that is hardly ever, and spares them more than a
 * third of all messages. It is needed where votes are lost, or kept from some by their signers: then it costs them that while.
 *
 * What shows it: a message of a later epoch; a certificate itself; a vote or proposal of a later view, which nobody enters
 * without a certificate of the one before; an F vote, which nobody casts without C[N]. Who lies keeps from himself what he lacks.
 *
 *   C[N, v], C[L, v]   lead to the next view: after d0, which is what a vote takes that answers them
 *   C[F, v]            ends nothing that is under way, and the next one says all of it: after 5 d0, the highest only
 *
 * Memory: a certificate until it is due, and two views for each voting peer that was heard.
 */
import type { Certificate } from '../types/vote.ts'
import type { BlockRef } from './block-ref.ts'
import { epochOfMessage, type Message, STANDSTILL_ITEMS } from './messages.ts'
import type { Clock } from './ports.ts'
import type { Peer } from './protocol.ts'

const NETWORK_DELAYS = { notarize: 1, nullify: 1, finalize: 5 } as const

export interface RelaysOptions {
  readonly clock: Clock
  /** d0 */
  readonly networkDelayMs: number
  readonly peers: () => readonly Peer[]
  /** In the current epoch. */
  readonly isVoter: (peer: Peer) => boolean
  readonly send: (peers: readonly string[], certificates: readonly Certificate[]) => void
}

/** How far a peer has come, by what it sent. */
interface Shown {
  readonly epoch: bigint
  /** It is in this view, or further. */
  view: bigint
  /** It has a C[F] of this view, or of a later one; -1n: of none that is known. */
  final: bigint
}

interface Pending {
  readonly certificate: Certificate
  readonly dueAt: number
}

export class Relays {
  readonly #options: RelaysOptions
  readonly #shown = new Map<string, Shown>()
  #pending: Pending[] = []
  #cancel: (() => void) | undefined

  constructor(options: RelaysOptions) {
    this.#options = options
  }

  add(certificate: Certificate): void {
    const { clock, networkDelayMs, isVoter, send } = this.#options
    const peers = this.#options.peers()
    const silent = peers.filter(peer => !isVoter(peer)).map(({ id }) => id)
    if (silent.length > 0) send(silent, [certificate])
    if (silent.length === peers.length) return
    this.#pending.push({
      certificate,
      dueAt: clock.now() + NETWORK_DELAYS[certificate.kind] * networkDelayMs,
    })
    this.#setTimer()
  }

  /** What a peer says that votes. Nothing in it is verified. */
  heard(from: Peer, message: Message<BlockRef>): void {
    const epoch = epochOfMessage(message)
    // What is passed on says nothing of who passes it on.
    if (epoch === undefined || from.isRelayed === true || !this.#options.isVoter(from)) return
    let shown = this.#shown.get(from.id)
    if (shown === undefined || shown.epoch < epoch)
      this.#shown.set(from.id, (shown = { epoch, view: 0n, final: -1n }))
    if (shown.epoch > epoch) return
    if (message.kind === 'proposal') raise(shown, message.view)
    if (message.kind === 'vote')
      raise(shown, message.vote.kind === 'finalize' ? message.vote.view + 1n : message.vote.view)
    if (message.kind !== 'certificates') return
    for (const { kind, epoch: of, view } of message.certificates) {
      if (of !== epoch) continue
      raise(shown, view + 1n)
      if (kind === 'finalize' && view > shown.final) shown.final = view
    }
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#pending = []
  }

  #setTimer(): void {
    if (this.#cancel !== undefined || this.#pending.length === 0) return
    const { clock } = this.#options
    const dueAt = Math.min(...this.#pending.map(({ dueAt }) => dueAt))
    this.#cancel = clock.after(Math.max(0, dueAt - clock.now()), () => {
      this.#cancel = undefined
      this.#sendDue()
      this.#setTimer()
    })
  }

  #sendDue(): void {
    const { peers, isVoter, send } = this.#options
    const due = this.#takeDue()
    const voters = peers().filter(isVoter)
    for (const id of this.#shown.keys()) if (!voters.some(voter => voter.id === id)) this.#shown.delete(id)
    for (const { id } of voters) {
      const lacked = due.filter(certificate => !this.#has(id, certificate))
      if (lacked.length > 0) send([id], lacked.slice(-STANDSTILL_ITEMS))
    }
  }

  /** In the order in which they were added. Of those that finalise, the highest, once one of them is due, and then none is left. */
  #takeDue(): Certificate[] {
    const now = this.#options.clock.now()
    const isDue = ({ dueAt }: Pending): boolean => dueAt <= now
    const isFinal = ({ certificate }: Pending): boolean => certificate.kind === 'finalize'
    const finals = this.#pending.filter(isFinal)
    const highest = finals.some(isDue) ? finals.reduce((a, b) => (isAbove(b, a) ? b : a)) : undefined
    const due = this.#pending.filter(one => one === highest || (!isFinal(one) && isDue(one)))
    this.#pending = this.#pending.filter(one => !(isFinal(one) ? highest !== undefined : isDue(one)))
    return due.map(({ certificate }) => certificate)
  }

  #has(peer: string, { kind, epoch, view }: Certificate): boolean {
    const shown = this.#shown.get(peer)
    if (shown === undefined || shown.epoch !== epoch) return shown !== undefined && shown.epoch > epoch
    return kind === 'finalize' ? shown.final >= view : shown.view > view
  }
}

const raise = (shown: Shown, view: bigint): void => {
  if (view > shown.view) shown.view = view
}

const isAbove = ({ certificate: a }: Pending, { certificate: b }: Pending): boolean =>
  a.epoch > b.epoch || (a.epoch === b.epoch && a.view > b.view)
