/**
 * Final transactions by what they have to do with: an inverted index, one entry a term and transaction.
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
import { sha256 } from '../crypto/hash.ts'
import { type Address, bytesEqual, type Height, toLatin1 } from './primitives.ts'
import type { Receipt } from './receipt.ts'
import type { Action, ParsedTransaction, SimpleAction } from './transaction.ts'

const KIND = { sender: 1, party: 2, topic: 3 } as const
const NAME_BYTES = 16
const TERM_BYTES = 1 + NAME_BYTES
const PLACE_BYTES = 12

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

export const placeKey = ({ height, index }: TransactionPlace): Uint8Array => {
  const key = new Uint8Array(PLACE_BYTES)
  const view = new DataView(key.buffer)
  view.setBigUint64(0, height)
  view.setUint32(8, index)
  return key
}

export const toPlace = (bytes: Uint8Array): TransactionPlace => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { height: view.getBigUint64(0), index: view.getUint32(8) }
}

export const encodeTerm = (term: Term): Uint8Array => {
  const bytes = new Uint8Array(TERM_BYTES)
  bytes[0] = KIND[term.kind]
  if (term.kind !== 'topic') bytes.set(term.address.subarray(0, NAME_BYTES), 1)
  else {
    const { contract, position, topic } = term
    const hash = sha256(Buffer.concat([contract, Uint8Array.of(position), topic]))
    bytes.set(hash.subarray(0, NAME_BYTES), 1)
  }
  return bytes
}

/** Of a term and a place, each in bytes. */
export const entryKey = (term: Uint8Array, place: Uint8Array): Uint8Array => {
  const key = new Uint8Array(TERM_BYTES + PLACE_BYTES)
  key.set(term)
  key.set(place, TERM_BYTES)
  return key
}

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
export const namedAddresses = ({ sender, transaction }: Signed): Address[] => [
  sender,
  ...simple(transaction.body.action).flatMap(action => targetOf(action) ?? []),
]

/** Of a transaction; some may come more than once. */
const termsOf = (signed: Signed, { created, events }: Outcome): Term[] => {
  const terms: Term[] = [{ kind: 'sender', address: signed.sender }]
  for (const action of simple(signed.transaction.body.action)) {
    const address = targetOf(action)
    if (address !== undefined) terms.push({ kind: 'party', address })
  }
  for (const address of created) terms.push({ kind: 'party', address })
  for (const { contract, topics } of events) {
    terms.push({ kind: 'party', address: contract })
    for (const [position, topic] of topics.entries()) terms.push({ kind: 'topic', contract, position, topic })
  }
  return terms
}

/** Where the entry with this key says that its transaction is. */
export const placeOfEntry = (key: Uint8Array): TransactionPlace => toPlace(key.subarray(TERM_BYTES))

/** The keys of a transaction's entries. */
export const indexKeys = (signed: Signed, outcome: Outcome, place: TransactionPlace): Uint8Array[] => {
  const end = placeKey(place)
  const keys = termsOf(signed, outcome).map(term => entryKey(encodeTerm(term), end))
  // One sender and one party differ in their kind.
  if (keys.length <= 2) return keys
  return [...new Map(keys.map(key => [toLatin1(key), key])).values()]
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
