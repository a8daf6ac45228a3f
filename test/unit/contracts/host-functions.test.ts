/** The SDK's functions over the newer host functions: ordered maps, deploys, cryptography. */
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import * as fc from 'fast-check'
import { createHash } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { blsPublicKeyOf, blsSecretKeyFromSeed, blsSign } from '../../../node/crypto/bls.ts'
import { ecvrfProofToHash, ecvrfProve } from '../../../node/crypto/ecvrf.ts'
import { publicKeyOf, sign } from '../../../node/crypto/ed25519.ts'
import { sha256 } from '../../../node/crypto/hash.ts'
import { toHex } from '../../../node/types/primitives.ts'
import { account, built, type CompiledSource, Sandbox, shown } from './sandbox.ts'

const AT = account(9)
const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`

let code: CompiledSource
let chain: Sandbox
beforeAll(async () => {
  code = await built('test/fixtures/contracts/ledger.ts')
})
beforeEach(() => {
  chain = new Sandbox()
  chain.deploy(AT, code)
})
const call = (method: string, ...args: unknown[]): unknown => chain.call(AT, method, args)

describe('an ordered map', () => {
  const KEYS = [256, 1, 65_536, 255, 0, 4_294_967_295, 2]
  const SORTED = KEYS.toSorted((a, b) => a - b)
  const keysOf = (rows: unknown): number[] => (rows as { key: number }[]).map(({ key }) => key)
  beforeEach(() => {
    for (const key of KEYS) call('put', key, `v${key}`)
  })

  it('gets, has and deletes like a map', () => {
    expect([call('get', 255), call('has', 255), call('get', 3), call('has', 3)]).toEqual([
      'v255',
      true,
      '',
      false,
    ])
    expect([call('drop', 255), call('drop', 255), call('get', 255)]).toEqual([true, false, ''])
  })
  it('is read in the order of its numbers, both ways, in pages', () => {
    expect(keysOf(call('first', 100))).toEqual(SORTED)
    expect(keysOf(call('last', 100))).toEqual(SORTED.toReversed())
    expect(call('first', 2)).toEqual([
      { key: 0, value: 'v0' },
      { key: 1, value: 'v1' },
    ])
    expect(call('first', 0)).toEqual([])
    const paged: number[] = []
    let page = keysOf(call('first', 3))
    while (page.length > 0) {
      paged.push(...page)
      page = keysOf(call('after', page.at(-1), 3))
    }
    expect(paged).toEqual(SORTED)
  })
  it('goes on from keys that are not there', () => {
    expect(keysOf(call('after', 3, 2))).toEqual([255, 256])
    expect(keysOf(call('before', 254, 2))).toEqual([2, 1])
    expect(keysOf(call('after', 4_294_967_295, 2))).toEqual([])
    expect(keysOf(call('before', 0, 2))).toEqual([])
  })

  const sorted = <T>(
    method: string,
    values: fc.Arbitrary<T>,
    compare: (a: T, b: T) => number,
    name: (value: T) => string,
  ): void => {
    fc.assert(
      fc.property(fc.uniqueArray(values, { maxLength: 8, selector: name }), keys => {
        chain = new Sandbox()
        chain.deploy(AT, code)
        expect((call(method, keys) as T[]).map(name)).toEqual(keys.toSorted(compare).map(name))
      }),
      { numRuns: 12 },
    )
  }
  it('sorts signed numbers by value', () => {
    sorted('sortSigned', fc.integer({ min: -32_768, max: 32_767 }), (a, b) => a - b, String)
  })
  it('sorts 128-bit numbers by value', () => {
    sorted(
      'sortWide',
      fc.nat(128).chain(bits => fc.bigInt(0n, (1n << BigInt(bits)) - 1n)),
      (a, b) => (a < b ? -1 : a > b ? 1 : 0),
      String,
    )
  })
  it('sorts text and bytes by their bytes', () => {
    const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
    sorted('sortWords', fc.string({ unit: 'grapheme', maxLength: 5 }), byBytes, String)
    sorted('sortBlobs', fc.uint8Array({ maxLength: 4 }).map(hex), (a, b) => byBytes(b, a), String)
  })
  it('sorts addresses', () => {
    const owners = [3, 1, 2].map(n => shown(account(n)))
    expect(call('sortOwners', owners)).toEqual([3, 2, 1].map(n => shown(account(n))))
  })
})

describe('a deploy by a contract', () => {
  const hashOf = (): string => hex(sha256(code.wasm))

  it('passes arguments and units to init, and gives the address', () => {
    chain.balances.set(toHex(AT), 50n)
    const address = call('make', hashOf(), 'child', 20)
    expect(address).toBe(shown(account(0x77)))
    expect(chain.call(account(0x77), 'name')).toBe('child')
  })
  it('that fails is an outcome, or ends the call with why', () => {
    expect(call('tryMake', hashOf(), 'good')).toBe('good')
    expect(call('tryMake', hashOf(), 'bad')).toBe('none')
    expect(() => call('make', hashOf(), 'bad', 0)).toThrow('reverted: a bad name')
    expect(() => call('make', hex(new Uint8Array(32)), 'x', 0)).toThrow(
      'the called contract failed: no such code',
    )
    expect(() => call('make', '0x00', 'x', 0)).toThrow('a code hash takes 32 bytes')
  })
})

describe('cryptography', () => {
  const seed = new Uint8Array(32).fill(3)
  const message = Buffer.from('abc')
  const WRONG_LENGTH = '0x00'

  it('hashes', () => {
    // FIPS 180-4; Keccak team; BLAKE3 team.
    expect(call('hashes', hex(message))).toEqual([
      hex(createHash('sha512').update(message).digest()),
      '0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45',
      '0x6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85',
    ])
  })
  it('verifies signatures, and refuses other lengths', () => {
    const signature = hex(sign(seed, message))
    expect(call('signature', hex(publicKeyOf(seed)), hex(message), signature)).toBe(true)
    expect(call('signature', hex(publicKeyOf(seed)), '0x00', signature)).toBe(false)
    expect(call('signature', WRONG_LENGTH, hex(message), signature)).toBe(false)
  })
  it('recovers keys', () => {
    const digest = createHash('sha256').update(message).digest()
    const [recovery, ...rest] = secp256k1.sign(digest, seed, { prehash: false, format: 'recovered' })
    const recovered = (signature: string): unknown => call('recovered', hex(digest), signature, recovery)
    expect(recovered(hex(Uint8Array.from(rest)))).toBe(hex(secp256k1.getPublicKey(seed, false).subarray(1)))
    expect([recovered(hex(new Uint8Array(64))), recovered(WRONG_LENGTH)]).toEqual(['0x', '0x'])
  })
  it('verifies aggregates and products of pairings', () => {
    const secret = blsSecretKeyFromSeed(seed)
    const [key, signature] = [blsPublicKeyOf(secret), blsSign(secret, message)]
    const aggregate = (keys: Uint8Array[]): unknown =>
      call('aggregate', keys.map(hex), hex(message), hex(signature))
    expect([aggregate([key]), aggregate([key, key]), aggregate([key.subarray(1)]), aggregate([])]).toEqual([
      true,
      false,
      false,
      false,
    ])
    const hashed = bls12_381.longSignatures
      .hash(message, 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_')
      .toBytes(true)
    const minus = bls12_381.G1.Point.BASE.negate().toBytes(true)
    const product = Buffer.concat([key, hashed, minus, signature])
    expect(call('pairing', hex(product), hex(new Uint8Array(192)))).toEqual([true, true])
    expect(call('pairing', hex(product.subarray(144)), '0x01')).toEqual([false, false])
  })
  it('adds and multiplies on bn254', () => {
    const g = Buffer.alloc(64)
    g[31] = 1
    g[63] = 2
    const two = Buffer.alloc(32)
    two[31] = 2
    expect(call('sum', hex(g), hex(g))).toBe(call('product', hex(g), hex(two)))
    expect([call('sum', hex(g), WRONG_LENGTH), call('product', hex(two), hex(two))]).toEqual(['0x', '0x'])
  })
  it('verifies a VRF proof', () => {
    const proof = ecvrfProve(seed, message)
    const verified = (input: Uint8Array): unknown =>
      call('vrf', hex(publicKeyOf(seed)), hex(input), hex(proof))
    expect(verified(message)).toBe(hex(ecvrfProofToHash(proof) as Uint8Array))
    expect(verified(seed)).toBe('0x')
  })
})
