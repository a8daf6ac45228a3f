import { describe, expect, it } from 'vitest'
import { encodeRlp, integerBytes, type RlpItem } from '../../../bench/against/rlp.ts'

/** As RLPTests/rlptest.json of ethereum/tests has them: texts, integers, and lists of both. */
type Value = string | bigint | readonly Value[]

const LOREM = 'Lorem ipsum dolor sit amet, consectetur adipisicing elit'
const LOREM_HEX =
  '4c6f72656d20697073756d20646f6c6f722073697420616d65742c20636f6e7365637465747572206164697069736963696e6720656c69'
const WORDS = ['asdf', 'qwer', 'zxcv']
const WORDS_HEX = '84617364668471776572847a786376'

const VECTORS: readonly (readonly [name: string, value: Value, encoded: string])[] = [
  ['emptystring', '', '80'],
  ['bytestring00', '\u0000', '00'],
  ['bytestring7F', '\u007F', '7f'],
  ['shortstring', 'dog', '83646f67'],
  ['shortstring2', LOREM.slice(0, -1), `b7${LOREM_HEX}`],
  ['longstring', LOREM, `b838${LOREM_HEX}74`],
  ['zero', 0n, '80'],
  ['smallint4', 127n, '7f'],
  ['mediumint1', 128n, '8180'],
  ['mediumint2', 1_000n, '8203e8'],
  ['mediumint3', 100_000n, '830186a0'],
  ['mediumint4', 83729609699884896815286331701780722n, '8f102030405060708090a0b0c0d0e0f2'],
  ['bigint', 2n ** 256n, `a101${'00'.repeat(32)}`],
  ['emptylist', [], 'c0'],
  ['stringlist', ['dog', 'god', 'cat'], 'cc83646f6783676f6483636174'],
  ['multilist', ['zw', [4n], 1n], 'c6827a77c10401'],
  [
    'shortListMax1',
    [...WORDS, ...WORDS, ...WORDS, 'asdf', 'qwer'],
    `f7${WORDS_HEX.repeat(3)}84617364668471776572`,
  ],
  ['longList1', Array.from({ length: 4 }, () => WORDS), `f840${`cf${WORDS_HEX}`.repeat(4)}`],
  ['longList2', Array.from({ length: 32 }, () => WORDS), `f90200${`cf${WORDS_HEX}`.repeat(32)}`],
  ['listsoflists', [[[], []], []], 'c4c2c0c0c0'],
  ['listsoflists2', [[], [[]], [[], [[]]]], 'c7c0c1c0c3c0c1c0'],
]

const toItem = (value: Value): RlpItem => {
  if (typeof value === 'string') return new Uint8Array(Buffer.from(value))
  return typeof value === 'bigint' ? integerBytes(value) : value.map(toItem)
}

describe('RLP', () => {
  it.each(VECTORS)('encodes %s of the published tests', (_, value, encoded) => {
    expect(Buffer.from(encodeRlp(toItem(value))).toString('hex')).toBe(encoded)
  })

  it('has no negative integers', () => {
    expect(() => integerBytes(-1n)).toThrow(RangeError)
  })
})
