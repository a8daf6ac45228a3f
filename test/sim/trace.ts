/** A hash over everything that happened, in order: equal hashes mean equal runs. */
import { createHash } from 'node:crypto'
import type { ReplicaEffect } from '../../node/consensus/protocol.ts'
import { toHex } from '../../node/types/primitives.ts'
import type { VoteStatement } from '../../node/types/vote.ts'

const FLUSH_AT_CHARACTERS = 1 << 16

export class Trace {
  readonly #hash = createHash('sha256')
  #waiting = ''

  note(text: string): void {
    this.#waiting += text
    if (this.#waiting.length < FLUSH_AT_CHARACTERS) return
    this.#hash.update(this.#waiting)
    this.#waiting = ''
  }

  /** So far; more can be noted afterwards. */
  digest(): string {
    return this.#hash.copy().update(this.#waiting).digest('hex').slice(0, 32)
  }
}

const nameOf = ({ kind, epoch, view, hash }: VoteStatement): string =>
  `${kind} ${epoch}/${view} ${hash === undefined ? '' : toHex(hash)}`

/** Enough of an effect that two runs that differ anywhere differ here. */
export const describe = (effect: ReplicaEffect): string => {
  switch (effect.kind) {
    case 'cast':
    case 'certify':
      return `${effect.kind} ${nameOf(effect.statement)}`
    case 'relay':
      return `relay ${nameOf(effect.certificate)}`
    case 'propose':
      return `propose ${nameOf(effect.statement)}`
    case 'check':
      return `check ${toHex(effect.block.hash)}`
    case 'finalize':
      return `finalize ${effect.blocks.map(({ hash }) => toHex(hash)).join()}`
    case 'build':
    case 'abandon':
      return `${effect.kind} ${effect.view}`
    case 'fetchBlocks':
    case 'forget':
      return `${effect.kind} ${toHex(effect.hash)}`
    case 'beginEpoch':
      return `beginEpoch ${effect.epoch}`
    case 'sendCertificates':
    case 'sendBoundary':
    case 'sendWitness':
    case 'report':
      return `${effect.kind} ${effect.peer}`
    case 'append':
    case 'evidence':
    case 'fetchCertificates':
    case 'impostor':
    case 'standstill':
    case 'wake':
      return effect.kind
  }
}
