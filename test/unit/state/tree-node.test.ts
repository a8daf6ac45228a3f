import { describe, expect, test } from 'vitest'
import {
  type Child,
  decodeNode,
  EMPTY_NODE,
  encodeNode,
  type InnerNode,
  type LeafNode,
  sha256Latin1,
  TreeError,
  versionToLatin1,
} from '../../../node/state/tree-node.ts'
import { fromHex, toHex, toLatin1 } from '../../../node/types/primitives.ts'

const key = fromHex('01ff00')
const leaf: LeafNode = {
  kind: 'leaf',
  keyHash: sha256Latin1(key),
  valueHash: sha256Latin1(fromHex('aa')),
  key: toLatin1(key),
}
const child = (version: bigint, byte: number, isLeaf: boolean): Child => ({
  kind: 'child',
  hash: toLatin1(new Uint8Array(32).fill(byte)),
  version: versionToLatin1(version),
  isLeaf,
})
const inner: InnerNode = {
  kind: 'inner',
  children: Array.from({ length: 16 }, (_, nibble) =>
    nibble === 0 ? child(1n, 0xab, true) : nibble === 15 ? child(0x0102_0304_0506n, 0xcd, false) : undefined,
  ),
}

describe('nodes of the state tree', () => {
  test('each kind has its published bytes', () => {
    expect(toHex(encodeNode(EMPTY_NODE))).toBe('00')
    expect(toHex(encodeNode(leaf))).toBe(
      '01bceef655b5a034911f1c3718ce056531b45ef03b4c7b1f15629e867294011a7d01ff00',
    )
    expect(toHex(encodeNode(inner))).toBe(
      `0280010001000000000001${'ab'.repeat(32)}010203040506${'cd'.repeat(32)}`,
    )
  })

  test.each([EMPTY_NODE, leaf, inner])('what is encoded decodes to itself', node => {
    expect(decodeNode(encodeNode(node), '')).toEqual(node)
  })

  test.each([
    ['nothing', ''],
    ['an unknown kind', '03'],
    ['an empty node with more behind it', '0000'],
    ['a leaf that ends early', '01aabb'],
    ['an inner node that ends early', `0280010001000000000001${'ab'.repeat(32)}010203`],
    ['an inner node with more behind it', `0200010001000000000001${'ab'.repeat(32)}00`],
    ['an inner node without children', '0200000000'],
    ['a leaf mark without a child', `0200010002000000000001${'ab'.repeat(32)}`],
  ])('%s is refused, and the node is named', (_, hex) => {
    const decode = () => decodeNode(fromHex(hex), versionToLatin1(5n))
    expect(decode).toThrow(TreeError)
    expect(decode).toThrow(/0000000000000005/)
  })

  test('a version that six bytes do not hold is refused', () => {
    expect(versionToLatin1(2n ** 48n - 1n)).toBe('\0\0\xff\xff\xff\xff\xff\xff')
    expect(() => versionToLatin1(2n ** 48n)).toThrow(RangeError)
    expect(() => versionToLatin1(-1n)).toThrow(RangeError)
  })
})
