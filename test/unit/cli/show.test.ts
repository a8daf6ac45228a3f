import { describe, expect, it } from 'vitest'
import { showEvent, showValue } from '../../../cli/show.ts'
import { formatAddress } from '../../../node/crypto/address.ts'
import { toAddress } from '../../../node/types/primitives.ts'

const address = formatAddress(toAddress(new Uint8Array(32).fill(7)))
const named = (text: string): string => (text === address ? 'Ada' : text)

describe('a value of a contract', () => {
  it.each([
    [18446744073709551615n, '18446744073709551615'],
    [true, 'true'],
    ['say "hi"\n\u001b[31m', '"say \\"hi\\"\\n\\u001b[31m"'],
    ['0x00ff', '0x00ff'],
    [undefined, 'nothing'],
    [[1, [2n]], '[1, [2]]'],
    [{ to: address, tags: ['a'] }, '{to: Ada, tags: ["a"]}'],
  ])('%s is shown as %s', (value, text) => {
    expect(showValue(value, named)).toBe(text)
  })

  it('that is long is cut, and its length given', () => {
    const text = showValue('x'.repeat(5_000), named)
    expect(text.length).toBeLessThan(250)
    expect(text).toContain('(5002 characters)')
  })
})

describe('an event', () => {
  const event = { contract: address, name: 'Transfer', topics: ['0xaa', '0xbb'], data: '0xcc' }
  it('is shown with its fields', () => {
    const shown = showEvent({ ...event, contractName: 'Token', fields: { to: address, amount: 5n } }, named)
    expect(shown).toBe('Token.Transfer(to: Ada, amount: 5)')
  })
  it('that no ABI explains is shown raw', () => {
    expect(showEvent({ ...event, contractName: null, fields: null }, named)).toBe('Ada.Transfer(0xbb, 0xcc)')
  })
})
