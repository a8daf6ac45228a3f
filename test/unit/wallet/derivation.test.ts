import { describe, expect, it } from 'vitest'
import { publicKeyOf } from '../../../node/crypto/ed25519.ts'
import { fromHex, toHex } from '../../../node/types/primitives.ts'
import { accountPath, COIN_TYPE, deriveNode, parsePath } from '../../../node/wallet/derivation.ts'
import vectors from '../../vectors/wallet/slip10.json' with { type: 'json' }

const CASES = vectors.ed25519.flatMap(({ title, seed, nodes }) =>
  nodes.map(node => ({ ...node, title, seed })),
)

describe('SLIP-0010 for Ed25519', () => {
  it.each(CASES)('$title: $path', ({ seed, path, chain_code, private: secret, public: shown }) => {
    const { secretKey, chainCode } = deriveNode(fromHex(seed), path)
    expect([toHex(secretKey), toHex(chainCode)]).toEqual([secret, chain_code])
    // The published keys have a zero byte before them, as long as those of other curves.
    expect(`00${toHex(publicKeyOf(secretKey))}`).toBe(shown)
  })

  it.each([
    ["m/44'/0", 'hardened'],
    ["m/44'/-1'", 'hardened'],
    ["m/2147483648'", 'below 2^31'],
    ["m/01'", 'hardened'],
    ["44'/0'", 'expected a path'],
    ['', 'expected a path'],
    ["m//0'", 'hardened'],
    [`m${"/0'".repeat(11)}`, 'expected a path'],
  ])('refuses %j', (path, reason) => {
    expect(() => parsePath(path)).toThrow(reason)
  })

  it('refuses a seed of another size', () => {
    for (const size of [0, 15, 65]) expect(() => deriveNode(new Uint8Array(size), 'm')).toThrow('16 to 64')
  })

  it('has accounts under the coin’s number', () => {
    expect(String.fromCharCode(...[16, 8, 0].map(bits => (COIN_TYPE >> bits) & 255))).toBe('vex')
    expect(accountPath(7)).toBe(`m/44'/7759224'/7'`)
  })
})
