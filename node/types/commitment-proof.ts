/**
 * Proofs of presence and absence in the form of ICS-23, which any verifier of that standard reads: the messages of
 * `cosmos.ics23.v1` and their protobuf encoding, as far as one key's proof needs them.
 *
 * Source: https://github.com/cosmos/ics23, proto/cosmos/ics23/v1/proofs.proto. Reading is strict: fields in the order
 * of their numbers, each once, nothing unknown.
 */
export const HASH_OP = { none: 0, sha256: 1, sha512: 2 } as const
export const LENGTH_OP = { none: 0, varProto: 1 } as const

export interface LeafOp {
  readonly hash: number
  readonly prehashKey: number
  readonly prehashValue: number
  readonly length: number
  readonly prefix: Uint8Array
}

/** From a child's hash to its parent's: hash(prefix | child | suffix). */
export interface InnerOp {
  readonly hash: number
  readonly prefix: Uint8Array
  readonly suffix: Uint8Array
}

export interface ExistenceProof {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly leaf: LeafOp
  /** From the leaf up. */
  readonly path: readonly InnerOp[]
}

/** The key's neighbours, and thereby that nothing stands between them. At least one is there. */
export interface NonExistenceProof {
  readonly key: Uint8Array
  readonly left: ExistenceProof | undefined
  readonly right: ExistenceProof | undefined
}

export type CommitmentProof =
  | { readonly kind: 'exist'; readonly proof: ExistenceProof }
  | { readonly kind: 'nonexist'; readonly proof: NonExistenceProof }

/** Bytes that are no proof. */
export class ProofFormatError extends Error {
  override readonly name = 'ProofFormatError'
  readonly code = 'bad_proof'
}

/**
 * Above any proof: of absence, with the two largest values of the state as neighbours, who are the list of offences
 * (448 KiB) and a contract's code (128 KiB), and two paths of 256 levels (50 KiB). What is larger is not looked at.
 */
const MAX_PROOF_BYTES = 1024 * 1024
const VARINT = 0
const BYTES = 2

const varint = (value: number): number[] => {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest % 128) | 128)
  }
}

const join = (parts: readonly (Uint8Array | readonly number[])[]): Uint8Array => {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** Protobuf leaves out what has its default: zero, no bytes. */
const number = (field: number, value: number): number[] =>
  value === 0 ? [] : [...varint(field * 8 + VARINT), ...varint(value)]
const message = (field: number, value: Uint8Array): Uint8Array =>
  join([varint(field * 8 + BYTES), varint(value.length), value])
const bytes = (field: number, value: Uint8Array): Uint8Array =>
  value.length === 0 ? value : message(field, value)

const encodeLeaf = ({ hash, prehashKey, prehashValue, length, prefix }: LeafOp): Uint8Array =>
  join([number(1, hash), number(2, prehashKey), number(3, prehashValue), number(4, length), bytes(5, prefix)])

const encodeInner = ({ hash, prefix, suffix }: InnerOp): Uint8Array =>
  join([number(1, hash), bytes(2, prefix), bytes(3, suffix)])

const encodeExistence = ({ key, value, leaf, path }: ExistenceProof): Uint8Array =>
  join([
    bytes(1, key),
    bytes(2, value),
    message(3, encodeLeaf(leaf)),
    ...path.map(op => message(4, encodeInner(op))),
  ])

/** A `cosmos.ics23.v1.CommitmentProof`. */
export const encodeCommitmentProof = (commitment: CommitmentProof): Uint8Array => {
  if (commitment.kind === 'exist') return message(1, encodeExistence(commitment.proof))
  const { key, left, right } = commitment.proof
  return message(
    2,
    join([
      bytes(1, key),
      ...(left === undefined ? [] : [message(2, encodeExistence(left))]),
      ...(right === undefined ? [] : [message(3, encodeExistence(right))]),
    ]),
  )
}

const refuse = (why: string): never => {
  throw new ProofFormatError(`these bytes are no ICS-23 proof: ${why}`)
}

/** The fields of one message, in order. */
class Fields {
  readonly #bytes: Uint8Array
  #at = 0
  #last = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  #varint(): number {
    let value = 0
    for (let i = 0; i < 5; i++) {
      const byte = this.#bytes[this.#at++] ?? refuse('they end early')
      value += (byte & 127) * 128 ** i
      if (byte < 128) return i > 0 && byte === 0 ? refuse('a number has more bytes than it needs') : value
    }
    return refuse('a number is too large')
  }

  /** Moves past the tag of `field`, if it comes next. */
  #take(field: number, type: number): boolean {
    if (this.#at === this.#bytes.length || this.#bytes[this.#at] !== field * 8 + type) return false
    if (field < this.#last) refuse('its fields are not in order')
    this.#last = field
    this.#at++
    return true
  }

  number(field: number): number {
    return this.#take(field, VARINT) ? this.#varint() : 0
  }

  message(field: number): Uint8Array | undefined {
    if (!this.#take(field, BYTES)) return undefined
    const length = this.#varint()
    const from = this.#at
    this.#at += length
    return this.#at > this.#bytes.length ? refuse('they end early') : this.#bytes.slice(from, this.#at)
  }

  bytes(field: number): Uint8Array {
    return this.message(field) ?? new Uint8Array(0)
  }

  end(): void {
    if (this.#at !== this.#bytes.length) refuse(`byte ${this.#at} of a message is not expected there`)
  }
}

const whole = <T>(bytes: Uint8Array, read: (fields: Fields) => T): T => {
  const fields = new Fields(bytes)
  const value = read(fields)
  fields.end()
  return value
}

const decodeInner = (bytes: Uint8Array): InnerOp =>
  whole(bytes, fields => ({ hash: fields.number(1), prefix: fields.bytes(2), suffix: fields.bytes(3) }))

const decodeExistence = (bytes: Uint8Array): ExistenceProof =>
  whole(bytes, fields => {
    const [key, value] = [fields.bytes(1), fields.bytes(2)]
    const leaf = whole(fields.message(3) ?? refuse('a leaf is missing'), of => ({
      hash: of.number(1),
      prehashKey: of.number(2),
      prehashValue: of.number(3),
      length: of.number(4),
      prefix: of.bytes(5),
    }))
    const path: InnerOp[] = []
    for (let op = fields.message(4); op !== undefined; op = fields.message(4)) path.push(decodeInner(op))
    return { key, value, leaf, path }
  })

const optional = (bytes: Uint8Array | undefined): ExistenceProof | undefined =>
  bytes === undefined ? undefined : decodeExistence(bytes)

/** Throws a {@link ProofFormatError}. */
export const decodeCommitmentProof = (encoded: Uint8Array): CommitmentProof => {
  if (encoded.length > MAX_PROOF_BYTES) refuse('they are too many')
  return whole(encoded, fields => {
    const exist = fields.message(1)
    if (exist !== undefined) return { kind: 'exist', proof: decodeExistence(exist) }
    const nonexist = fields.message(2) ?? refuse('neither presence nor absence')
    const proof = whole(nonexist, of => ({
      key: of.bytes(1),
      left: optional(of.message(2)),
      right: optional(of.message(3)),
    }))
    return { kind: 'nonexist', proof }
  })
}
