/** What stands on the screen, held against files: a change of a frame is a deliberate diff (`vitest -u`). */
import { stripVTControlCharacters } from 'node:util'
import { renderToString } from 'ink'
import { createElement as h } from 'react'
import { describe, expect, it } from 'vitest'
import { drawFrame } from '../../../../cli/dashboard/frame.ts'
import { VIEWS, type ViewId } from '../../../../cli/dashboard/keys.ts'
import { App } from '../../../../cli/dashboard/screen.ts'
import type { State } from '../../../../cli/dashboard/state.ts'
import { lineWidth } from '../../../../cli/dashboard/text.ts'
import { paintLine, type Theme } from '../../../../cli/dashboard/theme.ts'
import {
  after,
  blockRow,
  busyState,
  emptyState,
  keys,
  NOW_MS,
  POLLED,
  TOKEN,
  VALIDATORS,
} from '../../../support/dashboard-state.ts'

const FOLDER = '../../../fixtures/dashboard'
const SIZES = [
  [40, 10],
  [80, 24],
  [120, 40],
  [200, 60],
] as const
const THEMES: Readonly<Record<string, Theme>> = {
  'no-colour': { hasColour: false, isAscii: false },
  colour: { hasColour: true, isAscii: false },
  ascii: { hasColour: false, isAscii: true },
}

const sized = (state: State, columns: number, rows: number): State =>
  after(state, { type: 'resized', columns, rows })

/** By Ink, as the terminal gets it. */
const draw = (state: State, theme: Theme): string =>
  `${renderToString(
    h(App, {
      lines: drawFrame(state).map(each => paintLine(each, theme)),
      onKeys: () => undefined,
      onPaste: () => undefined,
    }),
    { columns: state.size.columns },
  )}\n`

/** Without the weights of letters: what one reads. */
const read = (state: State, theme = 'no-colour'): string =>
  stripVTControlCharacters(draw(state, THEMES[theme] as Theme))

const stateOf = (view: ViewId): State => {
  const own = view === 'mine' ? VALIDATORS[3] : undefined
  const state = busyState(view, { own })
  return view === 'contracts'
    ? after(state, {
        type: 'contract',
        info: {
          address: TOKEN,
          name: 'Token',
          codeHash: '0x00',
          codeBytes: 11_156,
          owner: null,
          storageBytes: '900',
          deposit: '90000000',
        } as never,
      })
    : state
}

describe.each(SIZES)('frames of %i by %i', (columns, rows) => {
  it.each(VIEWS)('%s', async view => {
    const drawn = read(sized(stateOf(view), columns, rows))
    await expect(drawn).toMatchFileSnapshot(`${FOLDER}/${columns}x${rows}-${view}.txt`)
  })

  it.each(Object.keys(THEMES))('the overview and the transactions in %s', async name => {
    for (const view of ['overview', 'transactions'] as const)
      await expect(draw(sized(stateOf(view), columns, rows), THEMES[name] as Theme)).toMatchFileSnapshot(
        `${FOLDER}/${columns}x${rows}-${view}-${name}.txt`,
      )
  })
})

describe('frames of moments', () => {
  const at = (state: State): string => read(sized(state, 100, 30))
  const moments: Readonly<Record<string, State>> = {
    help: after(busyState(), keys('?')),
    connecting: emptyState(),
    lost: after(busyState(), {
      type: 'connection',
      nowMs: NOW_MS,
      connection: {
        kind: 'lost',
        sinceMs: NOW_MS - 3_000,
        reason: 'no Vex node answers',
        retryAtMs: NOW_MS + 2_000,
      },
    }),
    trouble: after(busyState(), {
      type: 'polled',
      nowMs: NOW_MS,
      polled: {
        status: {
          ...POLLED.status!,
          isReady: false,
          reasons: ['no other node is connected'],
          warnings: [{ code: 'disk_low', message: 'the disk has 100 MiB left: free some' }],
        },
      },
    }),
    paused: after(busyState(), { type: 'polled', nowMs: NOW_MS, polled: { control: { isPaused: true } } }),
    history: after(busyState('blocks'), keys('[', '['), {
      type: 'loaded',
      key: 'history:118',
      loaded: {
        kind: 'lines',
        lines: ['hash        0x00', '', '0 transactions; [ and ] step, Esc goes back'],
      },
    }),
    filter: after(busyState('transactions'), keys('/', 'f', 'a', 'i', 'l')),
    form: after(
      busyState('contracts', {
        signers: [
          { name: 'dev0', isLocked: false },
          { name: 'main', isLocked: true },
        ],
      }),
      keys('tab', 'enter', 'b', 'o', 'b', 'down', '5'),
    ),
    'new-below': after(busyState('blocks'), keys('g'), {
      type: 'chain',
      blocks: [121, 122, 123].map(height => blockRow(height)),
      transactions: [],
    }),
  }
  it.each(Object.keys(moments))('%s', async name => {
    await expect(at(moments[name] as State)).toMatchFileSnapshot(`${FOLDER}/moment-${name}.txt`)
  })
})

describe('a storm of sizes', () => {
  it('every size from 1 by 1 on gives a frame that fits, and one row less than the terminal has', () => {
    for (const view of VIEWS)
      for (let columns = 1; columns <= 210; columns += 13)
        for (let rows = 1; rows <= 64; rows += 5) {
          const state = sized(stateOfCached(view), columns, rows)
          const lines = drawFrame(state)
          expect(lines.length, `${view} ${columns}x${rows}`).toBeLessThanOrEqual(Math.max(1, rows - 1))
          for (const each of lines)
            expect(lineWidth(each), `${view} ${columns}x${rows}`).toBeLessThanOrEqual(columns)
        }
  })

  const cached = new Map<ViewId, State>()
  const stateOfCached = (view: ViewId): State => {
    const known = cached.get(view) ?? stateOf(view)
    cached.set(view, known)
    return known
  }

  it('says something at every size, and never that the terminal is too small', () => {
    for (const [columns, rows] of [
      [1, 1],
      [19, 5],
      [20, 6],
      [40, 10],
      [59, 30],
      [60, 15],
    ] as const) {
      const text = draw(sized(busyState(), columns, rows), THEMES['ascii'] as Theme)
      expect(text.trim()).not.toBe('')
      expect(text).not.toMatch(/small/i)
    }
  })

  it('nothing but ASCII where that is all there is', () => {
    for (const view of VIEWS) expect(read(sized(stateOf(view), 120, 40), 'ascii')).toMatch(/^[\n -~]*$/)
    expect(read(sized(after(busyState(), keys('?')), 120, 40), 'ascii')).toMatch(/^[\n -~]*$/)
  })

  it('without colours there are none', () => {
    const text = draw(sized(stateOf('transactions'), 120, 40), THEMES['no-colour'] as Theme)
    // Bold, dim, inverse and underlined are no colours.
    const codes = text
      .split('\u001b[')
      .slice(1)
      .map(each => Number.parseInt(each, 10))
    expect(codes.filter(code => code >= 30 && code < 50)).toEqual([])
  })

  it('the selected row stands out, in the panel that has the focus most', () => {
    const rows = (state: State): string[] =>
      draw(sized(state, 120, 40), THEMES['no-colour'] as Theme).split('\n')
    const marked = (state: State, code: string): number =>
      rows(state).findIndex(row => row.includes(`\u001b[${code}m`) && row.includes('120'))
    const inList = busyState('blocks')
    expect(marked(inList, '7')).toBe(37)
    expect(marked(after(inList, keys('tab')), '7')).toBe(-1)
    expect(marked(after(inList, keys('tab')), '4')).toBe(37)
  })
})
