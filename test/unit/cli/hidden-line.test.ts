import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_HIDDEN_CHARACTERS, typeHidden } from '../../../cli/secrets/hidden-line.ts'

describe('a line that is not shown', () => {
  it.each([
    ['is what was typed before Enter', 'secret\r', 'secret'],
    ['may end with a line feed, as a pasted one does', 'secret\n', 'secret'],
    ['may be empty', '\r', ''],
    ['is corrected with backspace', 'secrt\u007F\u007Fret\r', 'secret'],
    ['is corrected by whole characters', 'a🔑\u007Fb\r', 'ab'],
    ['begins again after Ctrl-U', 'wrong\u0015right\r', 'right'],
    ['loses a word with Ctrl-W', 'one two \u0017three\r', 'one three'],
    ['has nothing of arrows in it', 'a\u001B[Db\u001BOC\u001B[3~c\r', 'abc'],
    ['has nothing of the marks around a pasted text in it', '\u001B[200~secret\u001B[201~\r', 'secret'],
    ['has no other control characters', 'a\u0000\u001Ab\r', 'ab'],
  ])('%s', (_, keys, text) => {
    expect(typeHidden('', keys)).toEqual({ kind: 'entered', text, rest: '' })
  })

  it('leaves what comes behind Enter for the next', () => {
    expect(typeHidden('', 'one\rtwo\r')).toEqual({ kind: 'entered', text: 'one', rest: 'two\r' })
  })

  it('is left with Ctrl-C, and with Ctrl-D where nothing is typed', () => {
    expect(typeHidden('half', 'more\u0003')).toEqual({ kind: 'interrupted' })
    expect(typeHidden('', '\u0004')).toEqual({ kind: 'interrupted' })
    expect(typeHidden('half', '\u0004')).toEqual({ kind: 'open', text: 'half' })
  })

  it('is the same however its bytes arrive', () => {
    const plain = fc.string({ unit: 'grapheme-ascii', maxLength: 40 })
    fc.assert(
      fc.property(plain, fc.nat(40), (text, at) => {
        const first = typeHidden('', text.slice(0, at))
        expect(first.kind).toBe('open')
        const line = typeHidden(first.kind === 'open' ? first.text : '', `${text.slice(at)}\r`)
        expect(line).toEqual({ kind: 'entered', text, rest: '' })
      }),
    )
  })

  it('has an end', () => {
    const line = typeHidden('', 'x'.repeat(3 * MAX_HIDDEN_CHARACTERS))
    expect(line).toEqual({ kind: 'open', text: 'x'.repeat(MAX_HIDDEN_CHARACTERS) })
  })
})
