/**
 * Many Ed25519 signatures of 32-byte messages, one after another. What is valid stands in ed25519-policy.ts, and is the same
 * here for each signature alone: nothing is left to chance, and none has to be looked for among others.
 *
 * A key that signs often gets a table, with which the core (ed25519-core/assembly/index.ts) verifies in half of
 * libsodium's time, four signatures at a time. libsodium verifies the rest: those under other keys, and one that is left
 * over. A table takes 16 KiB and the time of three verifications, and is made when a key has signed as often as that is
 * worth; the oldest goes when there are too many. Only valid signatures count, so that nobody gets one for a key that is
 * not theirs, and a flood of new keys costs half of a verification each at most.
 */
import { hash } from 'node:crypto'
import { HASH_BYTES, PUBLIC_KEY_BYTES, SIGNATURE_BYTES, toLatin1 } from '../types/primitives.ts'
import { verifyNative } from './ed25519.ts'
import { passesByteRules } from './ed25519-policy.ts'
import { createEd25519Core, type Ed25519CoreExports } from './ed25519-core/module.ts'
import { findSodium } from './sodium.ts'

/** A key, a message and a signature. */
export const SIGNED_BYTES = PUBLIC_KEY_BYTES + HASH_BYTES + SIGNATURE_BYTES
const MESSAGE_AT = PUBLIC_KEY_BYTES
const SIGNATURE_AT = PUBLIC_KEY_BYTES + HASH_BYTES
const R_BYTES = 32

/** The core's lanes. */
const LANES = 4
const ALL_LANES = 0b1111
const CHALLENGE_AT = 64
const TABLE_AT = 128

/** Tables at a time: 8 MiB. */
const TABLES = 512
/** Keys without a table that are counted. */
const COUNTED = 4096
/** Valid signatures after which a key is worth a table that is made with three others', or alone: it takes as long. */
const WORTH_A_QUARTER = 8
const WORTH_A_WHOLE = 32

export interface ManyVerifier {
  /** Of `SIGNED_BYTES` each; for each in order: is it valid? Blocks for 20 to 50 us each. */
  areValid(signed: Uint8Array): readonly boolean[]
}

export interface ManyVerifierOptions {
  readonly tables?: number
  readonly counted?: number
  readonly worthAQuarter?: number
  /** At least as many. */
  readonly worthAWhole?: number
}

type Hash = (digest: Uint8Array, message: Uint8Array) => void

const chooseSha512 = (): Hash => {
  const sodium = findSodium()
  if (sodium !== undefined) return (digest, message) => sodium.crypto_hash_sha512(digest, message)
  return (digest, message) => digest.set(hash('sha512', message, { outputEncoding: 'buffer' }))
}

/** Blocks for some 10 ms. */
export const createManyVerifier = ({
  tables: most = TABLES,
  counted = COUNTED,
  worthAQuarter = WORTH_A_QUARTER,
  worthAWhole = WORTH_A_WHOLE,
}: ManyVerifierOptions = {}): ManyVerifier => {
  const core: Ed25519CoreExports = createEd25519Core()
  const capacity = Number(core.CAPACITY.value)
  const stride = Number(core.SIGNATURE.value)
  const signaturesAt = Number(core.signatures.value)
  const sha512 = chooseSha512()
  /** R, key and message: what is hashed. */
  const hashed = new Uint8Array(SIGNED_BYTES - R_BYTES)
  let memory = Buffer.from(core.memory.buffer)

  /** Addresses by key, in the order in which they were made. */
  const tables = new Map<string, number>()
  /** Valid signatures of keys without one. */
  const counts = new Map<string, number>()
  const worthwhile: string[] = []

  const takeTable = (): number => {
    const [oldest] = tables
    if (tables.size < most || oldest === undefined) return core.takeTable()
    tables.delete(oldest[0])
    return oldest[1]
  }
  /** Four at most. */
  const makeTables = (keys: readonly string[]): void => {
    const made = keys.map(() => takeTable())
    memory = Buffer.from(core.memory.buffer)
    const lanes = Array.from({ length: LANES }, (_, lane) => lane % keys.length)
    lanes.forEach((key, lane) => {
      memory.write(keys[key] as string, Number(core.newKeys.value) + lane * PUBLIC_KEY_BYTES, 'latin1')
    })
    const [a = 0, b = 0, c = 0, d = 0] = lanes.map(key => made[key])
    if (core.putKeys(a, b, c, d) !== ALL_LANES)
      throw new Error('a key under which signatures are valid is no point of the curve')
    keys.forEach((key, i) => {
      counts.delete(key)
      tables.set(key, made[i] as number)
    })
  }
  const count = (key: string): void => {
    // It may have got one since it was looked up.
    if (tables.has(key)) return
    const valid = (counts.get(key) ?? 0) + 1
    if (counts.size >= counted && valid === 1) {
      counts.clear()
      worthwhile.length = 0
    }
    counts.set(key, valid)
    if (valid === worthAQuarter) worthwhile.push(key)
    if (worthwhile.length === LANES) makeTables(worthwhile.splice(0))
    else if (valid === worthAWhole) makeTables(worthwhile.splice(0))
  }

  const verifyAlone = (signed: Uint8Array, at: number): boolean =>
    verifyNative(
      signed.subarray(at, at + MESSAGE_AT),
      signed.subarray(at + MESSAGE_AT, at + SIGNATURE_AT),
      signed.subarray(at + SIGNATURE_AT, at + SIGNED_BYTES),
    )
  const handOver = (signed: Uint8Array, at: number, place: number, table: number): void => {
    const to = signaturesAt + place * stride
    memory.set(signed.subarray(at + SIGNATURE_AT, at + SIGNED_BYTES), to)
    hashed.set(signed.subarray(at + SIGNATURE_AT, at + SIGNATURE_AT + R_BYTES))
    hashed.set(signed.subarray(at, at + SIGNATURE_AT), R_BYTES)
    sha512(memory.subarray(to + CHALLENGE_AT, to + TABLE_AT), hashed)
    memory.writeUInt32LE(table, to + TABLE_AT)
  }

  const areValidAtOnce = (signed: Uint8Array): boolean[] => {
    const answers = Array.from({ length: signed.length / SIGNED_BYTES }, () => false)
    const alone: number[] = []
    const together: { readonly index: number; readonly table: number }[] = []
    for (let index = 0; index < answers.length; index++) {
      const at = index * SIGNED_BYTES
      const table = tables.get(toLatin1(signed.subarray(at, at + PUBLIC_KEY_BYTES)))
      if (table === undefined) alone.push(index)
      else if (
        passesByteRules(
          signed.subarray(at, at + MESSAGE_AT),
          signed.subarray(at + SIGNATURE_AT, at + SIGNED_BYTES),
        )
      )
        together.push({ index, table })
    }
    // One would take as long as four.
    const left = together.length % LANES === 1 ? together.pop() : undefined
    together.forEach(({ index, table }, place) => handOver(signed, index * SIGNED_BYTES, place, table))
    if (together.length > 0) core.verify(together.length)
    together.forEach(({ index }, place) => {
      answers[index] = memory[Number(core.answers.value) + place] === 1
    })
    if (left !== undefined) answers[left.index] = verifyAlone(signed, left.index * SIGNED_BYTES)
    for (const index of alone) {
      const at = index * SIGNED_BYTES
      const isValid = verifyAlone(signed, at)
      answers[index] = isValid
      if (isValid) count(toLatin1(signed.subarray(at, at + PUBLIC_KEY_BYTES)))
    }
    return answers
  }

  return {
    areValid(signed) {
      const answers: boolean[] = []
      const size = capacity * SIGNED_BYTES
      for (let at = 0; at < signed.length; at += size)
        answers.push(...areValidAtOnce(signed.subarray(at, at + size)))
      return answers
    },
  }
}
