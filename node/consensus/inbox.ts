/**
 * From a peer's message to events for the machine. What the machine would not keep is dropped before anything
 * is spent on it; a certificate is verified here; a vote only has to come from its signer (tally.ts has the rest).
 */
import { CodecError } from '../types/codec.ts'
import type { Certificate, Vote } from '../types/vote.ts'
import { bytesEqual } from '../types/primitives.ts'
import type { Machine } from './machine.ts'
import { type Message, messageCodec } from './messages.ts'
import type { Application, BlockWithBytes, Peer, Transport } from './ports.ts'
import type { Event } from './protocol.ts'
import { isWellFormed, type VoteKeys } from './vote-keys.ts'

export interface InboxTarget {
  enqueue(event: Event, bytes?: Uint8Array): void
  /** A block that a peer asks for, or `undefined`. */
  serveBlock(to: Peer, message: Message & { kind: 'blockWanted' }): void
  /** The peer does not have the block asked for. */
  askElsewhere(message: Message & { kind: 'block' }): void
}

export class Inbox {
  readonly #epoch: bigint
  readonly #machine: Machine
  readonly #keys: VoteKeys
  readonly #application: Application
  readonly #transport: Transport
  readonly #target: InboxTarget

  constructor(options: {
    epoch: bigint
    machine: Machine
    keys: VoteKeys
    application: Application
    transport: Transport
    target: InboxTarget
  }) {
    this.#epoch = options.epoch
    this.#machine = options.machine
    this.#keys = options.keys
    this.#application = options.application
    this.#transport = options.transport
    this.#target = options.target
  }

  receive(from: Peer, bytes: Uint8Array): void {
    let message: Message
    try {
      message = messageCodec.decode(bytes)
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      this.#transport.report(from.id, error.message)
      return
    }
    switch (message.kind) {
      case 'proposal':
        return this.#onProposal(from, message)
      case 'vote':
        return this.#onVote(from, message.vote)
      case 'certificates':
        this.#onCertificates(from, message.certificates)
        return
      case 'standstill': {
        if (!this.#onCertificates(from, message.certificates)) return
        for (const vote of message.votes) this.#onVote(from, vote)
        return this.#target.enqueue({ kind: 'standstill', peer: from.id, finalView: message.finalView })
      }
      case 'blockWanted':
        return this.#target.serveBlock(from, message)
      case 'block': {
        if (message.block === undefined) return this.#target.askElsewhere(message)
        const block = this.#identify(from, message.block)
        if (block === undefined || !bytesEqual(block.ref.hash, message.hash)) return
        return this.#target.enqueue({ kind: 'block', block: block.ref }, block.bytes)
      }
      case 'certificatesWanted': {
        const { above, upTo } = message
        return this.#target.enqueue({ kind: 'certificatesWanted', peer: from.id, above, upTo })
      }
    }
  }

  #onProposal(from: Peer, message: Message & { kind: 'proposal' }): void {
    if (from.validator === undefined) return
    const block = this.#identify(from, message.block)
    if (block === undefined || block.ref.view <= this.#machine.final.ref.view) return
    if (!this.#onCertificates(from, message.justification)) return
    const { view, hash } = block.ref
    this.#target.enqueue({ kind: 'proposal', from: from.validator, block: block.ref }, block.bytes)
    const { validator: signer } = from
    this.#onVote(from, {
      kind: 'notarize',
      epoch: this.#epoch,
      view,
      hash,
      signer,
      signature: message.signature,
    })
  }

  #onVote(from: Peer, vote: Vote): void {
    if (from.validator === undefined || vote.signer !== from.validator || !isWellFormed(vote)) return
    this.#target.enqueue({ kind: 'vote', vote })
  }

  /** False, and the rest of the message is not looked at, if one is forged. */
  #onCertificates(from: Peer, certificates: readonly Certificate[]): boolean {
    for (const certificate of certificates) {
      if (!this.#machine.wantsCertificate(certificate)) continue
      if (!this.#keys.isValidCertificate(certificate)) {
        this.#transport.report(from.id, `forged ${certificate.kind} certificate of view ${certificate.view}`)
        return false
      }
      this.#target.enqueue({ kind: 'certificate', certificate })
    }
    return true
  }

  #identify(from: Peer, bytes: Uint8Array): BlockWithBytes | undefined {
    const ref = this.#application.identifyBlock(bytes)
    if (ref === undefined) this.#transport.report(from.id, 'bytes that are no block')
    return ref === undefined ? undefined : { ref, bytes }
  }
}
