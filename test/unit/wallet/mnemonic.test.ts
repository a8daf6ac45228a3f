import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  entropyBytesFor,
  mnemonicOf,
  mnemonicToSeed,
  parseMnemonic,
  WORD_COUNTS,
} from '../../../node/wallet/mnemonic.ts'
import { accountOf, createMnemonic } from '../../../node/wallet/hd-account.ts'
import { fromHex, toHex } from '../../../node/types/primitives.ts'
import valid from '../../vectors/wallet/bip39-english.json' with { type: 'json' }
import invalid from '../../vectors/wallet/bip39-invalid.json' with { type: 'json' }

const ROWS = valid.rows as [string, string, string, string][]

describe('BIP-39', () => {
  it.each(ROWS)('entropy %s', async (entropy, mnemonic, seed) => {
    expect(mnemonicOf(fromHex(entropy))).toBe(mnemonic)
    expect(parseMnemonic(mnemonic)).toBe(mnemonic)
    expect(toHex(await mnemonicToSeed(mnemonic, valid.passphrase))).toBe(seed)
  })

  it.each(invalid.cases)('$why', ({ mnemonic }) => {
    expect(() => parseMnemonic(mnemonic)).toThrow(expect.objectContaining({ code: 'bad_mnemonic' }))
  })

  it('takes entropy of no other size', () => {
    for (const hex of invalid.entropy_invalid_hex)
      expect(() => mnemonicOf(fromHex(hex))).toThrow(expect.objectContaining({ code: 'bad_mnemonic' }))
  })

  it('takes words as people write them', () => {
    const [, mnemonic] = ROWS[0] as [string, string, string, string]
    expect(parseMnemonic(`\n  ${mnemonic.toUpperCase().replaceAll(' ', ' \n\t')}\r\n`)).toBe(mnemonic)
  })

  it('names the place of a wrong word, and never the word', () => {
    const words = (ROWS[0] as [string, string, string, string])[1].split(' ')
    words[4] = 'abandonned'
    expect(() => parseMnemonic(words.join(' '))).toThrow('word 5 of the mnemonic is not in the English list')
    expect(() => parseMnemonic(words.join(' '))).not.toThrow(/abandon/)
  })

  it('finds most words that are another than they were', () => {
    const changes = fc.record({
      entropy: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      at: fc.nat(23),
      by: fc.nat(23),
    })
    let found = 0
    let tried = 0
    fc.assert(
      fc.property(changes, ({ entropy, at, by }) => {
        const words = mnemonicOf(entropy).split(' ')
        const [a, b] = [words[at] as string, words[by] as string]
        if (a === b) return
        ;[words[at], words[by]] = [b, a]
        tried++
        try {
          parseMnemonic(words.join(' '))
        } catch {
          found++
        }
      }),
    )
    // The checksum of 24 words has eight bits.
    expect(found / tried).toBeGreaterThan(0.9)
  })

  it('a new one has as many words as asked for, and is another each time', () => {
    for (const count of WORD_COUNTS) {
      const mnemonic = createMnemonic(count)
      expect(mnemonic.split(' ')).toHaveLength(count)
      expect(parseMnemonic(mnemonic)).toBe(mnemonic)
    }
    expect(createMnemonic()).not.toBe(createMnemonic())
    expect(() => entropyBytesFor(13)).toThrow(expect.objectContaining({ code: 'bad_mnemonic' }))
  })
})

describe('the accounts of a mnemonic', () => {
  it('are the same for ever', async () => {
    const seed = await mnemonicToSeed((ROWS[0] as [string, string, string, string])[1])
    const accounts = [0, 1].map(index => accountOf(seed, index))
    expect(accounts.map(({ path, address, secretKey }) => [path, address, toHex(secretKey)])).toEqual([
      [
        "m/44'/7759224'/0'",
        'vex1fnzvzf6agz3r3g4gqg4qy5ry9a9klhwj3z0d3jf0jdfv5g2l9ksq0evgdk',
        '761541e8dfdf3d4c0acabafb1215ccba206cc3fa8b415c8137a83e344a59d112',
      ],
      [
        "m/44'/7759224'/1'",
        'vex1czelrn4y7jwyyzd0khwkhwvkgdm02nds8h43hpxthjfh3uz5857sj8wf0h',
        'ee63c306e25824a95cb8db283a70cf8373b5fd10b996c4c187ffcd933244a518',
      ],
    ])
  })
})
