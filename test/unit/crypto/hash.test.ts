import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { sha256, TAGS, type Tag, taggedHash, tagPrefix } from '../../../node/crypto/hash.ts'
import { fromHex, toHex } from '../../../node/types/primitives.ts'

describe('tagged hashes', () => {
  test('SHA-256 as published (FIPS 180-2, "abc")', () => {
    expect(toHex(sha256(Buffer.from('abc')))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })

  test('hash the length of the tag, the tag, the data', () => {
    const expected = createHash('sha256').update('\x09vex/tx/v1').update(fromHex('aabbcc')).digest('hex')
    expect(toHex(taggedHash(TAGS.transaction, fromHex('aa'), fromHex('bbcc')))).toBe(expected)
    expect(toHex(tagPrefix(TAGS.transaction))).toBe(`09${toHex(Buffer.from('vex/tx/v1'))}`)
  })

  test('no tag is another’s, so no hash for one purpose is valid for another', () => {
    const tags = Object.values(TAGS)
    expect(new Set(tags).size).toBe(tags.length)
    expect(new Set(tags.map(tag => toHex(taggedHash(tag, fromHex('00'))))).size).toBe(tags.length)
    for (const tag of tags) expect(tag).toMatch(/^vex\/[a-z-]+\/v\d+$/)
  })

  test('a tag that is not in the table is refused', () => {
    expect(() => taggedHash('vex/other/v1' as Tag)).toThrow(RangeError)
  })
})
