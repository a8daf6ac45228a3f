/** Many signatures at once: each verdict is the single verifier's, under keys with a table and without. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { describe, expect, it, vi } from 'vitest'
import { nativeVerifier, sign, verifyNative } from '../../../node/crypto/ed25519.ts'
import { createManyVerifier, type ManyVerifier, SIGNED_BYTES } from '../../../node/crypto/ed25519-many.ts'
import { verifyPortable } from '../../../node/crypto/ed25519-portable.ts'
import * as core from '../../../node/crypto/ed25519-core/module.ts'
import * as sodium from '../../../node/crypto/sodium.ts'
import { fromHex } from '../../../node/types/primitives.ts'
import speccheck from '../../vectors/ed25519/speccheck.json' with { type: 'json' }
import { testAccount } from '../../support/transactions.ts'
import { createRandom } from '../../sim/random.ts'

const { Point } = ed25519
const ORDER = Point.Fn.ORDER

interface Signed {
  readonly key: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

const pack = (all: readonly Signed[]): Uint8Array => {
  const packed = new Uint8Array(all.length * SIGNED_BYTES)
  all.forEach(({ key, message, signature }, i) => {
    packed.set(key, i * SIGNED_BYTES)
    packed.set(message, i * SIGNED_BYTES + 32)
    packed.set(signature, i * SIGNED_BYTES + 64)
  })
  return packed
}
const alone = ({ key, message, signature }: Signed): boolean => verifyNative(key, message, signature)
const expectAlike = (verifier: ManyVerifier, all: readonly Signed[]): readonly boolean[] => {
  const answers = verifier.areValid(pack(all))
  expect(answers).toEqual(all.map(alone))
  return answers
}

const random = createRandom(8032)
const below = (bound: number): number => random.below(bound)
const randomBytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => below(256))
const accounts = Array.from({ length: 30 }, (_, i) => testAccount(`signer ${i}`))
type Account = (typeof accounts)[number]
const signedBy = (account: Account): Signed => {
  const message = randomBytes(32)
  return { key: account.publicKey, message, signature: sign(account.secretKey, message) }
}
/** A bit of key, message or signature is another. */
const spoilt = (signed: Signed): Signed => {
  const packed = pack([signed])
  const bit = below(8 * SIGNED_BYTES)
  packed[bit >> 3] = (packed[bit >> 3] as number) ^ (1 << (bit & 7))
  return { key: packed.slice(0, 32), message: packed.slice(32, 64), signature: packed.slice(64) }
}

const littleEndian = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))
const numberOf = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)

/** Signatures under a key with a part of small order, valid ones where `h` times that part is neutral. */
const underMixedKey = (torsion: InstanceType<typeof Point>, count: number): Signed[] => {
  const secret = 0x1234_5678_9abc_def0_1234_5678_9abc_def1n
  const key = Point.BASE.multiply(secret).add(torsion).toBytes()
  return Array.from({ length: count }, (_, i) => {
    const nonce = BigInt(i + 2) ** 40n % ORDER
    const r = Point.BASE.multiply(nonce).toBytes()
    const message = randomBytes(32)
    const h = numberOf(sha512(Uint8Array.of(...r, ...key, ...message))) % ORDER
    return { key, message, signature: Uint8Array.of(...r, ...littleEndian((nonce + h * secret) % ORDER)) }
  })
}
/** A table for whoever signed once. */
const AT_ONCE = { worthAQuarter: 1, worthAWhole: 1 }

const EIGHTH = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')

describe('many signatures', () => {
  it('have the verdicts of one after another, however many, valid or not, by keys that sign often or once', () => {
    const verifier = createManyVerifier()
    const found: boolean[] = []
    for (let round = 0; round < 60; round++) {
      const signers = accounts.slice(0, 1 + below(accounts.length))
      const all = Array.from({ length: below(150) }, () => {
        const signed = signedBy(signers[below(signers.length)] as Account)
        return below(4) === 0 ? spoilt(signed) : signed
      })
      found.push(...expectAlike(verifier, all))
    }
    expect(found.filter(valid => !valid).length).toBeGreaterThan(500)
    expect(found.filter(Boolean).length).toBeGreaterThan(2_000)
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 511, 512, 513, 1_030])('%d of keys with a table', count => {
    const verifier = createManyVerifier(AT_ONCE)
    const [signer] = accounts as [Account]
    expectAlike(verifier, [signedBy(signer)])
    const all = Array.from({ length: count }, (_, i) =>
      i % 5 === 3 ? spoilt(signedBy(signer)) : signedBy(signer),
    )
    expectAlike(verifier, all)
  })

  it('under keys with a part of small order', () => {
    for (const torsion of [EIGHTH, EIGHTH.double(), EIGHTH.double().double(), EIGHTH.negate()]) {
      const all = underMixedKey(torsion, 200)
      expect(
        verifyPortable(
          all[0]?.key as Uint8Array,
          all[0]?.message as Uint8Array,
          all[0]?.signature as Uint8Array,
        ),
      ).toBe(alone(all[0] as Signed))
      const verifier = createManyVerifier(AT_ONCE)
      // The first valid one makes a table of the key.
      expectAlike(verifier, all)
      const answers = expectAlike(verifier, all)
      expect(answers.filter(Boolean).length).toBeGreaterThan(10)
      expect(answers.filter(valid => !valid).length).toBeGreaterThan(50)
    }
  })

  it('by bytes that are just not canonical, beyond the order, or of small order, under a key with a table', () => {
    const [signer] = accounts as [Account]
    const verifier = createManyVerifier(AT_ONCE)
    const good = signedBy(signer)
    expectAlike(verifier, [good])
    const r = good.signature.slice(0, 32)
    const s = numberOf(good.signature.slice(32))
    const withR = (bytes: Uint8Array): Signed => ({
      ...good,
      signature: Uint8Array.of(...bytes, ...good.signature.slice(32)),
    })
    const withS = (value: bigint): Signed => ({
      ...good,
      signature: Uint8Array.of(...r, ...littleEndian(value)),
    })
    const otherSign = Uint8Array.from(r, (byte, i) => (i === 31 ? byte ^ 0x80 : byte))
    const answers = expectAlike(verifier, [
      good,
      withS(s + ORDER),
      withS(0n),
      withS(ORDER - 1n),
      withS(ORDER),
      withS((s + 1n) % ORDER),
      withR(otherSign),
      withR(Point.fromBytes(r).add(EIGHTH).toBytes()),
      withR(Point.fromBytes(r).negate().toBytes()),
      withR(Point.ZERO.toBytes()),
      withR(EIGHTH.toBytes()),
      withR(new Uint8Array(32).fill(0xff)),
      withR(littleEndian(2n)),
      good,
    ])
    expect(answers).toEqual([true, ...Array<boolean>(12).fill(false), true])
  })

  it('of ed25519-speccheck', () => {
    const all = speccheck.cases.map(c => ({
      key: fromHex(c.pub_key),
      message: fromHex(c.message),
      signature: fromHex(c.signature),
    }))
    const verifier = createManyVerifier(AT_ONCE)
    for (let round = 0; round < 3; round++)
      expect(
        expectAlike(verifier, all)
          .map((valid, i) => (valid ? i : -1))
          .filter(i => i >= 0),
      ).toEqual([3])
  })

  it('under more keys than there are tables', () => {
    const verifier = createManyVerifier({ tables: 4, worthAQuarter: 2, worthAWhole: 3 })
    for (let round = 0; round < 40; round++) {
      const signers = Array.from({ length: 7 }, () => accounts[below(accounts.length)] as Account)
      expectAlike(
        verifier,
        Array.from({ length: 50 }, (_, i) => signedBy(signers[i % 7] as Account)),
      )
    }
  })

  it('under keys with a table are none of libsodium’s work, but for one that is left over', () => {
    const spy = vi.spyOn(nativeVerifier(), 'verify')
    try {
      const verifier = createManyVerifier()
      const [often, other] = accounts as [Account, Account]
      const count = (signer: Account, times: number): number => {
        spy.mockClear()
        expect(verifier.areValid(pack(Array.from({ length: times }, () => signedBy(signer))))).toHaveLength(
          times,
        )
        return spy.mock.calls.length
      }
      expect(count(often, 31)).toBe(31)
      expect(count(often, 40)).toBe(40)
      expect(count(often, 128)).toBe(0)
      expect(count(often, 9)).toBe(1)
      expect(count(other, 31)).toBe(31)
      // Invalid ones do not count.
      spy.mockClear()
      verifier.areValid(
        pack(Array.from({ length: 50 }, () => ({ ...signedBy(other), message: randomBytes(32) }))),
      )
      expect(spy.mock.calls).toHaveLength(50)
      expect(count(other, 1)).toBe(1)
      expect(count(other, 8)).toBe(0)
    } finally {
      spy.mockRestore()
    }
  })

  it('of more keys than are counted are counted anew', () => {
    const spy = vi.spyOn(nativeVerifier(), 'verify')
    try {
      const verifier = createManyVerifier({ counted: 2, worthAQuarter: 3, worthAWhole: 3 })
      const [first, second, third] = accounts as [Account, Account, Account]
      for (const signer of [first, first, second, third, first, first])
        expectAlike(verifier, [signedBy(signer)])
      spy.mockClear()
      expect(verifier.areValid(pack([signedBy(first), signedBy(first)]))).toEqual([true, true])
      expect(spy).toHaveBeenCalledTimes(2)
      spy.mockClear()
      expect(verifier.areValid(pack([signedBy(first), signedBy(first)]))).toEqual([true, true])
      expect(spy).not.toHaveBeenCalled()
    } finally {
      spy.mockRestore()
    }
  })

  it('where libsodium has no build', () => {
    const spy = vi.spyOn(sodium, 'findSodium')
    try {
      spy.mockReturnValue(undefined)
      const verifier = createManyVerifier(AT_ONCE)
      const [signer] = accounts as [Account]
      for (let round = 0; round < 3; round++) {
        const all = [signedBy(signer), spoilt(signedBy(signer)), signedBy(signer), signedBy(signer)]
        expectAlike(verifier, all)
      }
      expect(spy).toHaveBeenCalled()
    } finally {
      spy.mockRestore()
    }
  })

  it('take memory for a table a key, and no more than they may', () => {
    const takeTable = vi.fn<() => number>()
    const { createEd25519Core } = core
    const spy = vi.spyOn(core, 'createEd25519Core').mockImplementation(() => {
      const exports = createEd25519Core()
      takeTable.mockImplementation(() => exports.takeTable())
      return { ...exports, takeTable }
    })
    try {
      const verifier = createManyVerifier({ tables: 8 })
      const [often] = accounts as [Account]
      expectAlike(
        verifier,
        Array.from({ length: 128 }, () => signedBy(often)),
      )
      expect(takeTable).toHaveBeenCalledTimes(1)
      for (const signer of accounts)
        verifier.areValid(pack(Array.from({ length: 128 }, () => signedBy(signer))))
      expect(takeTable).toHaveBeenCalledTimes(8)
    } finally {
      spy.mockRestore()
    }
  })
})
