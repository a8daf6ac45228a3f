import { expect, it } from 'vitest'
import { harmless } from '../../../cli/output.ts'

it.each([
  ['a title', '\u001b]0;pwned\u0007', '\\u001b]0;pwned\\u0007'],
  ['a cleared screen', 'a\u001b[2Jb', 'a\\u001b[2Jb'],
  ['a moved cursor', '\u001b[1;1Hb', '\\u001b[1;1Hb'],
  ['the start of the line', 'sent\rnot', 'sent\\u000dnot'],
  ['an 8-bit control', '\u009b2J', '\\u009b2J'],
  ['a backspace', 'a\bb', 'a\\u0008b'],
])('what somebody else wrote cannot steer the terminal: %s', (_, text, shown) => {
  expect(harmless(text)).toBe(shown)
})

it('lines, tabs, colours and every script stay as they are', () => {
  const text = '\u001b[1mVex\u001b[22m\n\tgrüß 世界 🙂 \u001b[38;5;12mx\u001b[39m'
  expect(harmless(text)).toBe(text)
})
