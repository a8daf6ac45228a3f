import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hasColour } from '../../../cli/terminal/colour.ts'
import { columnsOf, layOut, shorten, widthOf, wrap } from '../../../cli/terminal/layout.ts'
import { progressBar, progressLine } from '../../../cli/terminal/progress.ts'
import { type GridColumn, showGrid, showTable } from '../../../cli/terminal/table.ts'

const TERMINAL = { isTTY: true }
const PIPE = { isTTY: false }
const HASH = `0x${'0123456789abcdef'.repeat(4)}`

describe('colour', () => {
  it.each([
    ['a terminal', TERMINAL, {}, true],
    ['a pipe', PIPE, {}, false],
    ['NO_COLOR in a terminal', TERMINAL, { NO_COLOR: '1' }, false],
    ['an empty NO_COLOR, which says nothing', TERMINAL, { NO_COLOR: '' }, true],
    ['a dumb terminal', TERMINAL, { TERM: 'dumb' }, false],
    ['FORCE_COLOR into a pipe', PIPE, { FORCE_COLOR: '1' }, true],
    ['FORCE_COLOR=0', TERMINAL, { FORCE_COLOR: '0' }, false],
    ['FORCE_COLOR against NO_COLOR', TERMINAL, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('%s', (_, stream, environment, expected) => {
    expect(hasColour(stream, environment)).toBe(expected)
  })

  it('is written in one file, and means nothing without its sign', async () => {
    const root = join(import.meta.dirname, '../../../cli')
    const files = (await readdir(root, { recursive: true })).filter(name => name.endsWith('.ts'))
    for (const name of files.filter(file => file !== join('terminal', 'colour.ts'))) {
      const text = await readFile(join(root, name), 'utf8')
      expect([name, /styleText|\\u001[bB]\[\d*m/.test(text)]).toEqual([name, false])
    }
  })
})

describe('text in a width', () => {
  it('is the terminal’s, or any', () => {
    expect(columnsOf({ isTTY: true, columns: 80 })).toBe(80)
    expect(columnsOf({ isTTY: false, columns: 80 })).toBe(Number.POSITIVE_INFINITY)
    expect(columnsOf({ isTTY: true, columns: 0 })).toBe(Number.POSITIVE_INFINITY)
  })

  it('is shortened in the middle, by what people count as characters', () => {
    expect(shorten(HASH, 11)).toBe('0x012…bcdef')
    expect(shorten('kurz', 4)).toBe('kurz')
    expect([widthOf('👩‍🚀é'), widthOf('\u001b[1mab\u001b[22m')]).toEqual([2, 2])
    expect(widthOf(shorten('👩‍🚀'.repeat(20), 9))).toBe(9)
  })

  it.each([20, 40, 60, 79, 80, 81, 120])('never asks the terminal to break a line: %i columns', columns => {
    const rows = [
      ['transaction', HASH],
      ['from', 'vex1fnzvzf6agz3r3g4gqg4qy5ry9a9klhwj3z0d3jf0jdfv5g2l9ksq0evgdk (dev0)'],
      ['status', 'failed: insufficient balance of whoever sends this (reverted)'],
      ['gas used', '303,720'],
    ] as const
    const text = showTable(`Transaction ${HASH}`, rows, columns)
    for (const line of text.split('\n')) expect([line, widthOf(line) <= columns]).toEqual([line, true])
    // Words are never lost, only hashes and addresses lose their middle.
    for (const word of ['failed:', 'insufficient', 'balance', '(reverted)', '(dev0)', '303,720'])
      expect(text).toContain(word)
  })

  it('breaks sentences between words, and shortens nothing in them', () => {
    expect(wrap('  error: the file is not there', 20)).toBe('  error: the file is\n  not there')
    expect(wrap(`see ${HASH} there`, 20)).toBe(`see\n${HASH}\nthere`)
    expect(wrap('a  b\n\nc', Number.POSITIVE_INFINITY)).toBe('a  b\n\nc')
    expect(shorten('vex16yxwsf…r8000r', 12)).toBe('vex16y…8000r')
    expect(shorten('vex16yxwsfx…r8000r', 15)).toBe('vex16yx…r8000r')
  })

  it('puts a hash on a line of its own before it takes any of it away', () => {
    expect(layOut('  transaction  ', HASH, 81)).toBe(`  transaction  ${HASH}`)
    expect(layOut('  transaction  ', HASH, 80)).toBe(`  transaction\n    ${HASH}`)
    expect(layOut('  transaction  ', HASH, 40)).toBe(`  transaction\n    ${shorten(HASH, 36)}`)
  })
})

describe('a grid', () => {
  const GRID: readonly GridColumn[] = [
    { head: 'name', least: 6 },
    { head: 'calls', side: 'right', dropsAt: 2 },
    { head: 'min', side: 'right', dropsAt: 1 },
    { head: 'max', side: 'right' },
  ]
  const ROWS = [
    ['Token.transferFrom', '12', '1,000', '2,000'],
    ['Token.burn', '3', '10', '20'],
  ]

  it('has everything where there is room', () => {
    expect(showGrid(GRID, ROWS, Number.POSITIVE_INFINITY)).toBe(
      [
        'name                calls    min    max',
        'Token.transferFrom     12  1,000  2,000',
        'Token.burn              3     10     20',
      ].join('\n'),
    )
  })

  it('shortens, then drops columns, the least of them first', () => {
    expect(showGrid(GRID, ROWS, 30).split('\n')[1]).toBe('Toke…From     12  1,000  2,000')
    expect(showGrid(GRID, ROWS, 24).split('\n')[1]).toBe('Token…From  1,000  2,000')
    expect(showGrid(GRID, ROWS, 16).split('\n')[0]).toMatch(/^name +max$/)
    for (let columns = 10; columns < 45; columns++)
      for (const line of showGrid(GRID, ROWS, columns).split('\n'))
        expect(widthOf(line)).toBeLessThanOrEqual(columns)
  })
})

describe('progress', () => {
  const VERIFYING = { what: 'Verifying' }
  const KEYS = { what: 'Removing', unit: 'keys' }

  it('says the part, the rate and what remains, as far as it is known', () => {
    expect(progressLine(VERIFYING, { done: 0.25, elapsedMs: 10_000 })).toBe('Verifying: 25 %, 30 s left')
    expect(progressLine(KEYS, { done: 5_000, elapsedMs: 2_000 })).toBe('Removing: 5,000 keys, 2,500 keys/s')
    expect(progressLine(KEYS, { done: 5_000, total: 20_000, elapsedMs: 2_000 })).toBe(
      'Removing: 25 %, 5,000 of 20,000 keys, 6 s left, 2,500 keys/s',
    )
    expect(progressLine(VERIFYING, { done: 0.001, elapsedMs: 10_000 })).toBe(
      'Verifying: 0 %, 2 h 46 min left',
    )
    // A moment says nothing about the rest.
    expect(progressLine(VERIFYING, { done: 0.25, elapsedMs: 10 })).toBe('Verifying: 25 %')
  })

  it('is a bar as long as there is room for one', () => {
    const measure = { done: 0.5, elapsedMs: 4_000 }
    expect(progressBar(VERIFYING, measure, 80)).toBe(
      `Verifying  ${'█'.repeat(15)}${'░'.repeat(15)}  50 %  4 s left`,
    )
    expect(progressBar(VERIFYING, measure, 40)).toBe('Verifying  ██████░░░░░░░  50 %  4 s left')
    for (let columns = 10; columns < 120; columns++)
      for (const options of [VERIFYING, KEYS])
        expect(widthOf(progressBar(options, measure, columns))).toBeLessThanOrEqual(columns)
  })
})
