import { describe, expect, test } from 'vitest'
import {
  accountKey,
  chainValueKey,
  codeKey,
  codeReferencesKey,
  storageKey,
  storagePrefix,
} from '../../../node/state/keys.ts'
import { toAddress, toHash, toHex } from '../../../node/types/primitives.ts'

const address = toAddress(new Uint8Array(32).fill(0xaa))
const hash = toHash(new Uint8Array(32).fill(0xbb))
const a = 'aa'.repeat(32)
const h = 'bb'.repeat(32)

describe('state keys', () => {
  test('each kind of key has its published bytes', () => {
    expect(toHex(accountKey(address))).toBe(`01${a}`)
    expect(toHex(storageKey(address, Uint8Array.of(1, 2)))).toBe(`02${a}0102`)
    expect(toHex(storagePrefix(address))).toBe(`02${a}`)
    expect(toHex(codeKey(hash))).toBe(`03${h}`)
    expect(toHex(chainValueKey('supply'))).toBe('04737570706c79')
    expect(toHex(codeReferencesKey(hash))).toBe(`05${h}`)
  })
})
