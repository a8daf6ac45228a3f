import { describe, expect, test } from 'vitest'
import {
  BlsError,
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
import { bytesEqual, fromHex, toHex } from '../../../node/types/primitives.ts'
import vectors from '../../vectors/bls/eth2-bls12-381-tests.json' with { type: 'json' }

const { functions } = vectors
const INFINITY_G1 = fromHex(`c0${'00'.repeat(47)}`)
const INFINITY_G2 = fromHex(`c0${'00'.repeat(95)}`)
const secretOf = (n: number) => blsSecretKeyFromSeed(new Uint8Array(32).fill(n))
const message = fromHex('00112233')

const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof BlsError) return error.code
    throw error
  }
  return 'no error'
}

describe('the vectors of ethereum/bls12-381-tests', () => {
  test.each(Object.entries(functions.sign))('sign: %s', (_, { input, output }) => {
    const sign = () => blsSign(fromHex(input.privkey), fromHex(input.message))
    if (output === null) expect(codeOf(sign)).toBe('bad_secret_key')
    else expect(`0x${toHex(sign())}`).toBe(output)
  })

  test.each(Object.entries(functions.verify))('verify: %s', (_, { input, output }) => {
    expect(blsVerify(fromHex(input.pubkey), fromHex(input.message), fromHex(input.signature))).toBe(output)
  })

  test.each(Object.entries(functions.aggregate))('aggregate: %s', (_, { input, output }) => {
    const aggregate = () => blsAggregate(input.map(fromHex))
    if (output === null) expect(codeOf(aggregate)).toBe('nothing_to_aggregate')
    else expect(`0x${toHex(aggregate())}`).toBe(output)
  })

  test.each(Object.entries(functions.fast_aggregate_verify))(
    'fast_aggregate_verify: %s',
    (_, { input, output }) => {
      const keys = input.pubkeys.map(fromHex)
      expect(blsVerifyAggregate(keys, fromHex(input.message), fromHex(input.signature))).toBe(output)
    },
  )

  test.each(Object.entries(functions.deserialization_G1))('public key: %s', (_, { input, output }) => {
    const key = fromHex(input.pubkey)
    // A point at infinity decodes, but is no one's key.
    expect(isValidBlsPublicKey(key)).toBe(output && !bytesEqual(key, INFINITY_G1))
  })

  test.each(Object.entries(functions.deserialization_G2).filter(([, v]) => !v.output))(
    'a signature that does not decode is refused: %s',
    (_, { input }) => {
      const signature = fromHex(input.signature)
      expect(blsVerify(blsPublicKeyOf(secretOf(1)), message, signature)).toBe(false)
      expect(codeOf(() => blsAggregate([signature]))).toBe('bad_signature')
    },
  )
})

describe('bls', () => {
  test('a signature holds for its key and message only', () => {
    const signature = blsSign(secretOf(1), message)
    expect(blsVerify(blsPublicKeyOf(secretOf(1)), message, signature)).toBe(true)
    expect(blsVerify(blsPublicKeyOf(secretOf(2)), message, signature)).toBe(false)
    expect(blsVerify(blsPublicKeyOf(secretOf(1)), fromHex('00112234'), signature)).toBe(false)
  })

  test('an aggregate holds for exactly its signers', () => {
    const secrets = [1, 2, 3, 4].map(secretOf)
    const keys = secrets.map(blsPublicKeyOf)
    const aggregate = blsAggregate(secrets.map(s => blsSign(s, message)))
    expect(blsVerifyAggregate(keys, message, aggregate)).toBe(true)
    expect(blsVerifyAggregate(keys.toReversed(), message, aggregate)).toBe(true)
    expect(blsVerifyAggregate(keys.slice(1), message, aggregate)).toBe(false)
    expect(blsVerifyAggregate([...keys, keys[0] as Uint8Array], message, aggregate)).toBe(false)
  })

  test('the point at infinity is no key, no signature and no proof', () => {
    const key = blsPublicKeyOf(secretOf(1))
    expect(isValidBlsPublicKey(INFINITY_G1)).toBe(false)
    expect(blsVerify(INFINITY_G1, message, INFINITY_G2)).toBe(false)
    expect(blsVerify(key, message, INFINITY_G2)).toBe(false)
    expect(blsVerifyAggregate([key, INFINITY_G1], message, blsSign(secretOf(1), message))).toBe(false)
    expect(blsVerifyAggregate([], message, INFINITY_G2)).toBe(false)
    expect(blsVerifyPossession(INFINITY_G1, INFINITY_G2)).toBe(false)
  })

  test('a proof of possession holds for its own key only and is not a signature of the key bytes', () => {
    const key = blsPublicKeyOf(secretOf(1))
    const proof = blsProvePossession(secretOf(1))
    expect(blsVerifyPossession(key, proof)).toBe(true)
    expect(blsVerifyPossession(blsPublicKeyOf(secretOf(2)), proof)).toBe(false)
    expect(blsVerify(key, key, proof)).toBe(false)
    expect(blsVerifyPossession(key, blsSign(secretOf(1), key))).toBe(false)
  })

  test('a key that is remembered is still compared by all of its bytes', () => {
    const key = blsPublicKeyOf(secretOf(1))
    expect(isValidBlsPublicKey(key)).toBe(true)
    const changed = key.slice()
    changed[47] = (changed[47] as number) ^ 1
    expect(blsVerify(changed, message, blsSign(secretOf(1), message))).toBe(false)
  })

  test.each([0, 31, 33])('a secret key of %d bytes is refused', length => {
    expect(codeOf(() => blsPublicKeyOf(new Uint8Array(length).fill(1)))).toBe('bad_secret_key')
  })

  test('a secret key at or above the group order is refused', () => {
    const order = fromHex('73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001')
    expect(codeOf(() => blsSign(order, message))).toBe('bad_secret_key')
  })

  test('a seed below 32 bytes is refused', () => {
    expect(codeOf(() => blsSecretKeyFromSeed(new Uint8Array(31)))).toBe('bad_seed')
  })
})
