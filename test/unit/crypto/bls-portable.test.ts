/** The portable verification answers what blst answers, on published cases, random ones and hostile ones. */
import { bls12_381 } from '@noble/curves/bls12-381.js'
import * as fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createPortableBls, portableBls } from '../../../node/crypto/bls-portable.ts'
import {
  blsAggregate,
  blsProvePossession,
  blsPublicKeyOf,
  blsSecretKeyFromSeed,
  blsSign,
  blsVerify,
  blsVerifyAggregate,
  blsVerifyPossession,
  isValidBlsPublicKey,
} from '../../../node/crypto/bls.ts'
import { fromHex, toHex } from '../../../node/types/primitives.ts'
import eth2 from '../../vectors/bls/eth2-bls12-381-tests.json' with { type: 'json' }

const { functions } = eth2

interface Wycheproof<T> {
  readonly testGroups: readonly {
    readonly ciphersuite: string
    readonly dst: string
    readonly publicKey: { readonly pk: string }
    readonly tests: readonly (T & {
      readonly tcId: number
      readonly comment: string
      readonly result: string
    })[]
  }[]
}
const wycheproof = <T>(name: string) =>
  (
    JSON.parse(
      readFileSync(new URL(`../../vectors/bls/wycheproof-${name}.json`, import.meta.url), 'utf8'),
    ) as Wycheproof<T>
  ).testGroups.flatMap(({ tests, ...group }) => tests.map(each => ({ ...group, ...each })))

interface SignatureCase {
  readonly msg: string
  readonly sig: string
}

describe('ethereum/bls12-381-tests, by both', () => {
  test.each(Object.entries(functions.verify))('verify: %s', (_, { input, output }) => {
    const args = [input.pubkey, input.message, input.signature].map(fromHex) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ]
    expect([portableBls.verify(...args), blsVerify(...args)]).toEqual([output, output])
  })
  test.each(Object.entries(functions.fast_aggregate_verify))('aggregate: %s', (_, { input, output }) => {
    const args = [input.pubkeys.map(fromHex), fromHex(input.message), fromHex(input.signature)] as const
    expect([portableBls.verifyAggregate(...args), blsVerifyAggregate(...args)]).toEqual([output, output])
  })
  test.each(Object.entries(functions.deserialization_G1))('public key: %s', (_, { input }) => {
    const key = fromHex(input.pubkey)
    expect(portableBls.isValidPublicKey(key)).toBe(isValidBlsPublicKey(key))
  })
})

describe('wycheproof', () => {
  test.each(wycheproof<SignatureCase>('bls_sig_g2_pop_verify'))(
    "the chain's ciphersuite, by both, case $tcId: $comment",
    ({ publicKey, msg, sig, result }) => {
      const args = [publicKey.pk, msg, sig].map(fromHex) as [Uint8Array, Uint8Array, Uint8Array]
      const isValid = result === 'valid'
      expect([portableBls.verify(...args), blsVerify(...args)]).toEqual([isValid, isValid])
    },
  )
  test.each(wycheproof<SignatureCase>('bls_sig_g2_basic_verify'))(
    'another ciphersuite, case $tcId: $comment',
    ({ ciphersuite, publicKey, msg, sig, result }) => {
      const bls = createPortableBls(ciphersuite)
      expect(bls.verify(fromHex(publicKey.pk), fromHex(msg), fromHex(sig))).toBe(result === 'valid')
      // Of another ciphersuite, it is no signature here.
      expect(blsVerify(fromHex(publicKey.pk), fromHex(msg), fromHex(sig))).toBe(false)
    },
  )
  // Of many messages; the chain's aggregates are over one. What they say of single points and signatures holds here.
  test.each(
    wycheproof<{ pubkeys: string[]; messages: string[]; sig: string }>('bls_sig_g2_aggregate_verify').filter(
      // A message too many cannot be asked here.
      ({ pubkeys, messages }) => messages.length <= pubkeys.length,
    ),
  )('aggregates, case $tcId: $comment', ({ ciphersuite, pubkeys, messages, sig, result }) => {
    const bls = createPortableBls(ciphersuite)
    const keys = pubkeys.map(fromHex)
    for (const key of keys) expect(bls.isValidPublicKey(key)).toBe(isValidBlsPublicKey(key))
    const message = fromHex(messages[0] ?? '')
    const isOfOneMessage = result === 'valid' && messages.length === 1
    expect(bls.verifyAggregate(keys, message, fromHex(sig))).toBe(isOfOneMessage)
    // Of another ciphersuite, it is no signature here.
    expect(blsVerifyAggregate(keys, message, fromHex(sig))).toBe(false)
  })
  test.each(wycheproof<{ msg: string; expected: string }>('bls_hash_to_g2'))(
    'hashing to the curve, case $tcId: $comment',
    ({ dst, msg, expected, result }) => {
      const point = bls12_381.G2.hashToCurve(fromHex(msg), { DST: dst })
      expect(toHex(point.toBytes()) === expected).toBe(result === 'valid')
    },
  )
})

describe('the two', () => {
  const secrets = Array.from({ length: 6 }, (_, n) => blsSecretKeyFromSeed(new Uint8Array(32).fill(n + 1)))
  const keys = secrets.map(blsPublicKeyOf)

  test('agree on aggregates of any signers over any message', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        fc.subarray([0, 1, 2, 3, 4, 5], { minLength: 1 }),
        fc.subarray([0, 1, 2, 3, 4, 5]),
        (message, signers, claimed) => {
          const signature = blsAggregate(signers.map(i => blsSign(secrets[i] as Uint8Array, message)))
          for (const said of [signers, claimed]) {
            const named = said.map(i => keys[i] as Uint8Array)
            const answer = blsVerifyAggregate(named, message, signature)
            expect(portableBls.verifyAggregate(named, message, signature)).toBe(answer)
            expect(answer).toBe(String(said) === String(signers))
          }
        },
      ),
      { numRuns: 15 },
    )
  })

  test('agree on who has proven possession of a key', () => {
    const [mine, other] = keys as [Uint8Array, Uint8Array]
    const proof = blsProvePossession(secrets[0] as Uint8Array)
    const attempts: [key: Uint8Array, proof: Uint8Array, answer: boolean][] = [
      [mine, proof, true],
      [other, proof, false],
      // A signature over the key alone, and over a vote, is no proof.
      [mine, blsSign(secrets[0] as Uint8Array, mine), false],
      [mine, blsSign(secrets[0] as Uint8Array, Buffer.from('a vote')), false],
      [fromHex(`c0${'00'.repeat(47)}`), fromHex(`c0${'00'.repeat(95)}`), false],
      [mine, new Uint8Array(96), false],
      [mine.subarray(1), proof, false],
    ]
    for (const [key, given, answer] of attempts)
      expect([portableBls.verifyPossession(key, given), blsVerifyPossession(key, given)]).toEqual([
        answer,
        answer,
      ])
  })

  test('agree on bytes that were changed anywhere', () => {
    const message = Buffer.from('a vote')
    const signature = blsSign(secrets[0] as Uint8Array, message)
    fc.assert(
      fc.property(fc.nat(144 * 8 - 1), bit => {
        const both = Buffer.concat([keys[0] as Uint8Array, signature])
        both[bit >> 3] = (both[bit >> 3] as number) ^ (1 << (bit & 7))
        const args = [both.subarray(0, 48), message, both.subarray(48)] as const
        expect([portableBls.verify(...args), blsVerify(...args)]).toEqual([false, false])
      }),
      { numRuns: 40 },
    )
  })

  test('refuse infinity, points outside the group, keys that cancel out, and no keys at all', () => {
    const message = Buffer.from('a vote')
    const infinity = { g1: fromHex(`c0${'00'.repeat(47)}`), g2: fromHex(`c0${'00'.repeat(95)}`) }
    const key = keys[0] as Uint8Array
    const negated = bls12_381.G1.Point.fromBytes(key).negate().toBytes()
    const attempts: [readonly Uint8Array[], Uint8Array][] = [
      [[], infinity.g2],
      [[infinity.g1], infinity.g2],
      [[key, infinity.g1], blsSign(secrets[0] as Uint8Array, message)],
      [[key, negated], infinity.g2],
      [[key, negated], blsSign(secrets[1] as Uint8Array, message)],
    ]
    for (const [named, signature] of attempts) {
      expect(portableBls.verifyAggregate(named, message, signature)).toBe(false)
      expect(blsVerifyAggregate(named, message, signature)).toBe(false)
    }
  })
})
