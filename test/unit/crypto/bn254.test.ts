import * as fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { bn254Add, bn254Multiply, bn254Pairing } from '../../../node/crypto/bn254.ts'
import { toBigEndian } from '../../../node/crypto/big-integers.ts'
import { fromHex, toHex } from '../../../node/types/primitives.ts'

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/bn254/eip196-197.json', import.meta.url), 'utf8'),
) as {
  add: { a: string; b: string; sum: string }[]
  multiply: { point: string; scalar: string; product: string }[]
  pairing: { input: string; isOne: boolean }[]
  notOnCurve: string
}

const PRIME = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n
const ORDER = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n
const word = (value: bigint): Uint8Array => toBigEndian(value, 32)
const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
const G1 = join(word(1n), word(2n))
const INFINITY = new Uint8Array(64)
/** EIP-197's generator of G2, imaginary parts first. */
const G2 = join(
  word(11559732032986387107991004021392285783925812861821192530917403151452391805634n),
  word(10857046999023057135944570762232829481370756359578518086990519993285655852781n),
  word(4082367875863433681332203403145435568316851327593401208105741076214120093531n),
  word(8495653923123431417604973247489272438418190587263600148770280649306958101930n),
)
/** x = 1: on the twist, not in the group of prime order. */
const OUTSIDE_GROUP = join(
  word(0n),
  word(1n),
  word(15975588672102553735566230729081043132501226101599136527557730645158523614371n),
  word(3610091866386166428467545612961983990332663701371483510632385378352395651980n),
)
const times = (n: bigint): Uint8Array => bn254Multiply(G1, word(n)) as Uint8Array
const MINUS_G1 = join(word(1n), word(PRIME - 2n))
const pairsOf = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: bytes.length / 192 }, (_, i) => bytes.subarray(i * 192, (i + 1) * 192))

describe('EIP-196', () => {
  test.each(vectors.add)('adds', ({ a, b, sum }) => {
    expect(toHex(bn254Add(fromHex(a), fromHex(b)) as Uint8Array)).toBe(sum)
  })
  test.each(vectors.multiply)('multiplies', ({ point, scalar, product }) => {
    expect(toHex(bn254Multiply(fromHex(point), fromHex(scalar)) as Uint8Array)).toBe(product)
  })
  test('addition and multiplication agree, for any scalar of 32 bytes', () => {
    const scalar = fc.oneof(
      fc.bigInt(0n, (1n << 256n) - 1n),
      fc.constantFrom(0n, 1n, ORDER - 1n, ORDER, ORDER + 1n),
    )
    fc.assert(
      fc.property(scalar, scalar, (a, b) => {
        expect(bn254Add(times(a), times(b))).toEqual(times((a + b) % ORDER))
      }),
      { numRuns: 15 },
    )
  })
  test('infinity is all zero, and the sum of a point and its opposite', () => {
    expect(bn254Add(INFINITY, G1)).toEqual(G1)
    expect(bn254Add(G1, INFINITY)).toEqual(G1)
    expect(bn254Add(INFINITY, INFINITY)).toEqual(INFINITY)
    expect(bn254Add(G1, MINUS_G1)).toEqual(INFINITY)
    expect(bn254Multiply(INFINITY, word(5n))).toEqual(INFINITY)
    expect(times(ORDER)).toEqual(INFINITY)
    expect(times(ORDER + 1n)).toEqual(G1)
  })
  test.each([
    ['off the curve', join(word(1n), word(1n))],
    ['off the curve, from a vector', fromHex(vectors.notOnCurve)],
    ['with x not below the prime', join(word(PRIME + 1n), word(2n))],
    ['with y not below the prime', join(word(1n), word(PRIME + 2n))],
    ['with y 0', join(word(1n), word(0n))],
    ['as large as it can be', new Uint8Array(64).fill(0xff)],
  ])('a point %s is refused everywhere', (_, point) => {
    expect(bn254Add(point, G1)).toBeUndefined()
    expect(bn254Add(G1, point)).toBeUndefined()
    expect(bn254Multiply(point, word(1n))).toBeUndefined()
    expect(bn254Pairing([join(point, G2)])).toBeUndefined()
  })
})

describe('EIP-197', () => {
  test.each(vectors.pairing)('checks a product', ({ input, isOne }) => {
    expect(bn254Pairing(pairsOf(fromHex(input)))).toBe(isOne)
    const [first] = pairsOf(fromHex(input))
    expect(bn254Pairing([first as Uint8Array])).toBe(false)
  })
  test('is bilinear: e(aP, Q) e(-P, Q)^a = 1', () => {
    expect(bn254Pairing([join(times(3n), G2), ...Array<Uint8Array>(3).fill(join(MINUS_G1, G2))])).toBe(true)
    expect(bn254Pairing([join(times(3n), G2), ...Array<Uint8Array>(2).fill(join(MINUS_G1, G2))])).toBe(false)
  })
  test('no pairs, and pairs with infinity, give one', () => {
    const noG2 = new Uint8Array(128)
    expect(bn254Pairing([])).toBe(true)
    expect(bn254Pairing([join(INFINITY, G2), join(G1, noG2)])).toBe(true)
    expect(bn254Pairing([join(INFINITY, G2), join(G1, G2)])).toBe(false)
  })
  test('a G2 point off the curve, out of range, or on the curve outside the group is refused', () => {
    const changed = (at: number, by: bigint): Uint8Array => {
      const words = Array.from({ length: 4 }, (_, i) => G2.subarray(i * 32, i * 32 + 32))
      words[at] = word(BigInt(`0x${toHex(words[at] as Uint8Array)}`) + by)
      return join(...words)
    }
    expect(bn254Pairing([join(G1, changed(0, 1n))])).toBeUndefined()
    for (let at = 0; at < 4; at++) expect(bn254Pairing([join(G1, changed(at, PRIME))])).toBeUndefined()
    // The refusal does not depend on what it is paired with.
    expect(bn254Pairing([join(INFINITY, changed(0, 1n))])).toBeUndefined()
    expect(bn254Pairing([join(G1, OUTSIDE_GROUP)])).toBeUndefined()
  })
})
