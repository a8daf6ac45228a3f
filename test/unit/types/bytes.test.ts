/** What a browser's bundle takes in place of Node's own answers the same. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import * as sha256OfNode from '../../../node/crypto/sha256-node.ts'
import * as sha256Portable from '../../../node/crypto/sha256-portable.ts'
import * as ofNode from '../../../node/types/bytes-node.ts'
import * as portable from '../../../node/types/bytes-portable.ts'

const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes)
const some = fc.uint8Array({ maxLength: 70 })

test('bytes are worked on alike with and without Node', () => {
  expect(Object.keys(portable).sort()).toEqual(Object.keys(ofNode).sort())
  fc.assert(
    fc.property(some, some, fc.string({ unit: 'grapheme', maxLength: 20 }), (a, b, text) => {
      expect(portable.bytesToHex(a)).toBe(ofNode.bytesToHex(a))
      expect(portable.bytesToLatin1(a)).toBe(ofNode.bytesToLatin1(a))
      const [from, to] = [Math.floor(a.length / 3), Math.floor(a.length / 2)]
      for (const { partToLatin1 } of [portable, ofNode])
        expect(partToLatin1(a, from, to)).toBe(ofNode.bytesToLatin1(a.subarray(from, to)))
      expect(portable.hexToBytes(ofNode.bytesToHex(a))).toEqual(a)
      expect(ofNode.hexToBytes(portable.bytesToHex(a))).toEqual(a)
      for (const [x, y] of [
        [a, b],
        [a, a],
        [a, a.slice(0, 5)],
      ] as const)
        expect(portable.compareBytes(x, y)).toBe(ofNode.compareBytes(x, y))
      expect(portable.utf8Length(text)).toBe(ofNode.utf8Length(text))
      expect(portable.concatBytes(a, b, a)).toEqual(plain(ofNode.concatBytes(a, b, a)))
    }),
  )
})

test('SHA-256 is alike with and without Node', () => {
  fc.assert(
    fc.property(fc.array(some), parts => {
      const whole = ofNode.concatBytes(...parts)
      const digests = [sha256OfNode, sha256Portable].flatMap(
        ({ sha256Bytes, sha256Parts, sha256PartsLatin1 }) => [
          sha256Bytes(whole),
          sha256Parts(parts),
          Buffer.from(sha256PartsLatin1(parts), 'latin1'),
        ],
      )
      for (const digest of digests) expect(plain(digest)).toEqual(plain(digests[0] as Uint8Array))
    }),
  )
})

test.each([4095, 4096, 4097, 9000])('SHA-256 of %d bytes in parts is alike, too', length => {
  const whole = Uint8Array.from({ length }, (_, i) => i)
  const parts = [whole.subarray(0, 10), whole.subarray(10)]
  for (const { sha256Bytes, sha256Parts, sha256PartsLatin1 } of [sha256OfNode, sha256Portable])
    for (const digest of [
      sha256Bytes(whole),
      sha256Parts(parts),
      Buffer.from(sha256PartsLatin1(parts), 'latin1'),
    ])
      expect(plain(digest)).toEqual(plain(sha256Portable.sha256Bytes(whole)))
})
