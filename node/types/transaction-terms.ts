/**
 * Final transactions by what they have to do with: an inverted index, one entry a term and block.
 *
 * | kind | term              | a transaction has it                                                         |
 * | ---- | ----------------- | ---------------------------------------------------------------------------- |
 * | 1    | sender            | that signed it                                                               |
 * | 2    | party             | an address that it pays, calls or upgrades, made, or that emitted an event   |
 * | 3    | contract's topic  | an event of the contract has that topic in that place (0: the event's name)  |
 *
 * A term is a byte of kind and 16 bytes: the first of an address, which is a hash, or of SHA-256(contract | place |
 * topic). Whoever reads looks at the transaction itself as well, so that terms of different things that begin alike
 * do no harm. Failed transactions emit nothing and make nothing, but have a sender and those they meant to reach.
 */
import { sha256KeyOfParts } from '../crypto/hash.ts'
import { getU32, getU64, putU32, u64Bytes } from './big-endian.ts'
import { type Address, bytesEqual, type Height, toLatin1 } from './primitives.ts'
import type { Receipt } from './receipt.ts'
import type { Action, ParsedTransaction, SimpleAction } from './transaction.ts'

const KIND = { sender: 1, party: 2, topic: 3 } as const
type AddressKind = Exclude<keyof typeof KIND, 'topic'>
const NAME_BYTES = 16
const TERM_BYTES = 1 + NAME_BYTES
const HEIGHT_BYTES = 8
const INDEX_BYTES = 4
const PLACE_BYTES = HEIGHT_BYTES + INDEX_BYTES

/** What transactions are looked for by. */
export type Term =
  | { readonly kind: 'sender'; readonly address: Address }
  | { readonly kind: 'party'; readonly address: Address }
  | {
      readonly kind: 'topic'
      readonly contract: Address
      /** 0: the event's name; then its indexed fields in their order. */
      readonly position: number
      readonly topic: Uint8Array
    }

export interface TransactionPlace {
  readonly height: Height
  readonly index: number
}

/** In the block at `height`, u64 in big-endian. */
export const placeKeyAt = (height: Uint8Array, index: number): Uint8Array => {
  const key = new Uint8Array(PLACE_BYTES)
  key.set(height)
  putU32(key, index, HEIGHT_BYTES)
  return key
}

export const placeKey = ({ height, index }: TransactionPlace): Uint8Array =>
  placeKeyAt(u64Bytes(height), index)

export const toPlace = (bytes: Uint8Array): TransactionPlace => ({
  height: getU64(bytes, 0),
  index: getU32(bytes, HEIGHT_BYTES),
})

/** In latin1: 17 characters. */
export const termName = (term: Term): string =>
  term.kind === 'topic'
    ? topicName(term.contract, term.position, term.topic)
    : addressName(term.kind, term.address)

/** A name is made in one piece: of parts put together V8 would keep every part. */
const name = new Uint8Array(TERM_BYTES)

const addressName = (kind: AddressKind, address: Address): string => {
  name[0] = KIND[kind]
  for (let i = 0; i < NAME_BYTES; i++) name[1 + i] = address[i] as number
  return toLatin1(name)
}

const topicName = (contract: Address, position: number, topic: Uint8Array): string => {
  const hash = sha256KeyOfParts([contract, Uint8Array.of(position), topic])
  name[0] = KIND.topic
  for (let i = 0; i < NAME_BYTES; i++) name[1 + i] = hash.charCodeAt(i)
  return toLatin1(name)
}

/** The key of the entry of a term and a block. */
export const entryKey = (name: string, height: Height): Uint8Array => entryKeyAt(name, u64Bytes(height))

const entryKeyAt = (name: string, height: Uint8Array): Uint8Array => {
  const key = new Uint8Array(TERM_BYTES + HEIGHT_BYTES)
  for (let i = 0; i < TERM_BYTES; i++) key[i] = name.charCodeAt(i)
  key.set(height, TERM_BYTES)
  return key
}

export const heightOfEntry = (key: Uint8Array): Height => getU64(key, TERM_BYTES)

/** The value of an entry: where in the block the transactions are that have the term, in order. */
export const encodeIndexes = (indexes: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(INDEX_BYTES * indexes.length)
  for (let i = 0; i < indexes.length; i++) putU32(bytes, indexes[i] as number, INDEX_BYTES * i)
  return bytes
}

export const decodeIndexes = (bytes: Uint8Array): number[] =>
  Array.from({ length: bytes.length / INDEX_BYTES }, (_, i) => getU32(bytes, INDEX_BYTES * i))

const simple = (action: Action): readonly SimpleAction[] =>
  action.kind === 'batch' ? action.actions : [action]

/** Whom an action means to reach, where it names somebody. */
const targetOf = (action: SimpleAction): Address | undefined => {
  switch (action.kind) {
    case 'transfer':
      return action.to
    case 'call':
    case 'upgrade':
    case 'setOwner':
      return action.contract
    case 'delegate':
    case 'undelegate':
    case 'withdraw':
    case 'claimRewards':
      return action.validator
    case 'deploy':
    case 'registerValidator':
    case 'editValidator':
    case 'unjail':
    case 'submitEvidence':
      return undefined
  }
}

type Signed = Pick<ParsedTransaction, 'sender' | 'transaction'>
type Outcome = Pick<Receipt, 'created' | 'events'>

/** Whom a transaction names: its sender, then whom its actions mean to reach. Some may come more than once. */
export const namedAddresses = ({ sender, transaction }: Signed): Address[] => {
  const named = [sender]
  for (const action of simple(transaction.body.action)) {
    const target = targetOf(action)
    if (target !== undefined) named.push(target)
  }
  return named
}

interface TermVisitor {
  address(kind: AddressKind, address: Address): void
  topic(contract: Address, position: number, topic: Uint8Array): void
}

/** The terms of a transaction, some of them more than once. */
const visitTerms = (signed: Signed, { created, events }: Outcome, visitor: TermVisitor): void => {
  visitor.address('sender', signed.sender)
  for (const action of simple(signed.transaction.body.action)) {
    const address = targetOf(action)
    if (address !== undefined) visitor.address('party', address)
  }
  for (const address of created) visitor.address('party', address)
  for (const { contract, topics } of events) {
    visitor.address('party', contract)
    for (let position = 0; position < topics.length; position++)
      visitor.topic(contract, position, topics[position] as Uint8Array)
  }
}

const termsOf = (signed: Signed, outcome: Outcome): Term[] => {
  const terms: Term[] = []
  visitTerms(signed, outcome, {
    address: (kind, address) => terms.push({ kind, address }),
    topic: (contract, position, topic) => terms.push({ kind: 'topic', contract, position, topic }),
  })
  return terms
}

/** The terms of a transaction, each once (see {@link termName}). */
export const termNames = (signed: Signed, outcome: Outcome): string[] => {
  const names = termsOf(signed, outcome).map(termName)
  // One sender and one party differ in their kind.
  return names.length <= 2 ? names : [...new Set(names)]
}

/** Which transactions of a block have which terms: by their names (see {@link termName}), the indexes in order. */
export type BlockTerms = ReadonlyMap<string, readonly number[]>

/** Takes a block's transactions one after the other, and keeps none of them. */
export class TermCollector implements TermVisitor {
  readonly #indexes = new Map<string, number[]>()
  #index = 0
  /** By the contract's name and the place, then by the topic in latin1: most come again, and a hash takes five times as long. */
  readonly #topics = new Map<string, Map<string, string>>()

  /** One without an outcome is not to be found. */
  add(signed: Signed, outcome: Outcome | undefined): void {
    if (outcome !== undefined) visitTerms(signed, outcome, this)
    this.#index++
  }

  finish(): BlockTerms {
    return this.#indexes
  }

  address(kind: AddressKind, address: Address): void {
    this.#add(addressName(kind, address))
  }

  topic(contract: Address, position: number, topic: Uint8Array): void {
    const place = toLatin1(contract) + String.fromCharCode(position)
    let names = this.#topics.get(place)
    if (names === undefined) this.#topics.set(place, (names = new Map()))
    const text = toLatin1(topic)
    let name = names.get(text)
    if (name === undefined) names.set(text, (name = topicName(contract, position, topic)))
    this.#add(name)
  }

  #add(name: string): void {
    const indexes = this.#indexes.get(name)
    if (indexes === undefined) this.#indexes.set(name, [this.#index])
    else if (indexes.at(-1) !== this.#index) indexes.push(this.#index)
  }
}

/** Of a whole block; those without an outcome are not to be found. */
export const blockTerms = (
  transactions: readonly Signed[],
  outcomes: readonly (Outcome | undefined)[],
): BlockTerms => {
  const collector = new TermCollector()
  transactions.forEach((signed, index) => collector.add(signed, outcomes[index]))
  return collector.finish()
}

export function* indexEntries(
  height: Height,
  terms: BlockTerms,
): Generator<[key: Uint8Array, value: Uint8Array], undefined> {
  const end = u64Bytes(height)
  for (const [name, indexes] of terms) yield [entryKeyAt(name, end), encodeIndexes(indexes)]
}

const isSame = (a: Term, b: Term): boolean =>
  a.kind === 'topic'
    ? b.kind === 'topic' &&
      a.position === b.position &&
      bytesEqual(a.contract, b.contract) &&
      bytesEqual(a.topic, b.topic)
    : a.kind === b.kind && bytesEqual(a.address, b.address)

export const hasTerm = (term: Term, signed: Signed, outcome: Outcome): boolean =>
  termsOf(signed, outcome).some(other => isSame(term, other))
