import { describe, expect, it } from 'vitest'
import type { Effect } from '../../../../cli/dashboard/actions.ts'
import { drawFrame } from '../../../../cli/dashboard/frame.ts'
import type { State } from '../../../../cli/dashboard/state.ts'
import { update } from '../../../../cli/dashboard/update.ts'
import { append, createRing } from '../../../../cli/dashboard/ring.ts'
import { eventsView } from '../../../../cli/dashboard/views/events.ts'
import { listRing, prepareTexts, showList } from '../../../../cli/dashboard/views/list.ts'
import { listViewOf } from '../../../../cli/dashboard/views/registry.ts'
import {
  after,
  blockRow,
  busyState,
  emptyState,
  hashOf,
  keys,
  NOW_MS,
  POLLED,
  TOKEN,
  TOKEN_ABI,
  transaction,
  VALIDATORS,
} from '../../../support/dashboard-state.ts'

const letters = (text: string): string[] => Array.from(text)

const SIGNERS = [{ name: 'dev0', isLocked: false }]

const selected = (state: State): string | undefined => {
  const view = listViewOf(state.ui.view)
  if (view === undefined) return undefined
  const { listing, index } = showList(view, state, 30)
  return index < 0 ? undefined : listing.at(index).value
}
const text = (state: State): string =>
  drawFrame(state)
    .map(({ spans }) => spans.map(each => each.text).join(''))
    .join('\n')
const effects = (state: State, ...names: readonly string[]): readonly Effect[] => {
  let at = state
  const all: Effect[] = []
  for (const name of names) {
    const next = update(at, keys(name))
    at = next.state
    all.push(...next.effects)
  }
  return all
}
const newBlocks = (...heights: readonly number[]) =>
  ({ type: 'chain', blocks: heights.map(height => blockRow(height)), transactions: [] }) as const

describe('following', () => {
  it('the list follows while it is at its tail', () => {
    const state = after(busyState('blocks'), newBlocks(121, 122))
    expect(selected(state)).toBe(hashOf(122))
    expect(text(state)).not.toContain(' new')
  })

  it('no event moves the place of whoever has left the tail; what is new is counted', () => {
    const left = after(busyState('blocks'), keys('k', 'k', 'k'))
    expect(selected(left)).toBe(hashOf(117))
    const top = (state: State) => showList(listViewOf('blocks')!, state, 34).top
    const later = after(left, newBlocks(121), newBlocks(122, 123))
    expect(selected(later)).toBe(hashOf(117))
    expect(top(later)).toBe(top(left))
    expect(text(later)).toContain('↓ 3 new')
  })

  it('G goes to the tail and follows again', () => {
    const state = after(busyState('blocks'), keys('g'), newBlocks(121), keys('G'), newBlocks(122))
    expect(selected(state)).toBe(hashOf(122))
  })

  it('a row that has been forgotten leaves the oldest one selected', () => {
    const state = after(
      busyState('blocks'),
      keys('g'),
      newBlocks(...Array.from({ length: 1_500 }, (_, i) => 121 + i)),
    )
    expect(state.model.blocks.items).toHaveLength(1_000)
    expect(selected(state)).toBe(hashOf(Number(state.model.blocks.items[0]?.height)))
  })

  it('under a filter only what matches is counted as new', () => {
    const state = after(busyState('transactions'), keys('/', ...letters('insufficient'), 'enter', 'g'), {
      type: 'chain',
      blocks: [],
      transactions: [transaction(30), transaction(31, { failed: 'insufficient balance' })],
    })
    expect(state.ui.filters.transactions).toBe('insufficient')
    expect(text(state)).toContain('/insufficient')
  })
})

const CALLS = [transaction(20, { call: 250n }), transaction(21, { call: 7n })]
const NO_ITEM = (): never => {
  throw new Error('nothing is shown')
}

describe('filters', () => {
  it('show what matches; ! inverts; Esc takes them away', () => {
    const failed = after(busyState('transactions'), keys('/', ...letters('failed'), 'enter'))
    expect(text(failed)).toContain('Transactions 1 ')
    expect(text(after(busyState('transactions'), keys('/', ...letters('!failed'), 'enter')))).toContain(
      'Transactions 22 ',
    )
    expect(text(after(failed, keys('esc')))).toContain('Transactions 23 ')
  })

  it('look in what an event says, as soon as the ABI that says it is there, prepared or not', () => {
    const texts = (isPrepared: boolean): string[] => {
      const known = after(
        busyState('events'),
        { type: 'forget' },
        { type: 'chain', blocks: [], transactions: CALLS },
      )
      const steps = eventsView.prepare?.(known.model)
      if (isPrepared) while (steps?.next().done === false);
      const filtering = after(known, keys('/', ...letters('amount: 250')))
      return [filtering, after(filtering, { type: 'abi', contract: TOKEN, abi: TOKEN_ABI })].map(text)
    }
    for (const isPrepared of [true, false]) {
      const [before, later] = texts(isPrepared)
      expect(before).toContain('Events 0 ')
      expect(later).toContain('Events 1 ')
    }
  })

  it('each item is put into words once, however many letters are typed', () => {
    let asked = 0
    const ring = append(createRing<{ text: string }>(10), [{ text: 'One' }, { text: 'two' }])
    const abis = new Map()
    const textOf = (item: { text: string }): string => {
      asked++
      return item.text
    }
    const steps = prepareTexts(ring, abis, textOf)
    while (steps.next().done === false);
    expect(listRing(ring, 'o', abis, textOf, NO_ITEM).count).toBe(2)
    expect(listRing(ring, 'on', abis, textOf, NO_ITEM).count).toBe(1)
    expect(asked).toBe(2)
    expect(listRing(ring, 'on', new Map(), textOf, NO_ITEM).count).toBe(1)
    expect(asked).toBe(4)
  })

  it('what is typed into one is no command', () => {
    expect(effects(busyState('transactions'), '/', 'q')).toEqual([])
  })
})

describe('leaving', () => {
  it('q leaves, Ctrl-C stops, Esc never does either', () => {
    expect(effects(busyState(), 'q')).toEqual([{ type: 'leave', isStop: false }])
    expect(effects(busyState(), 'ctrl-c')).toEqual([{ type: 'leave', isStop: true }])
    expect(
      effects(busyState('blocks'), 'enter', '+', 'esc', 'esc', 'esc', 'esc', 'esc').filter(
        ({ type }) => type === 'leave',
      ),
    ).toEqual([])
  })

  it('Ctrl-C works in a form, in a prompt and in the help', () => {
    const state = busyState('overview', { signers: SIGNERS })
    for (const opener of ['t', ':', '?'])
      expect(effects(state, opener, 'ctrl-c')).toContainEqual({ type: 'leave', isStop: true })
  })

  it('Ctrl-Z gives the terminal back from anywhere, and changes nothing that was typed', () => {
    const state = busyState('overview', { signers: SIGNERS })
    for (const openers of [[], ['t', 'b'], [':', 'b'], ['?']]) {
      const before = after(state, ...openers.map(name => keys(name)))
      expect(update(before, keys('ctrl-z'))).toEqual({ state: before, effects: [{ type: 'suspend' }] })
    }
    const tiny = after(busyState(), { type: 'resized', columns: 12, rows: 3 })
    expect(effects(tiny, 'ctrl-z')).toEqual([{ type: 'suspend' }])
  })

  it('works where there is room for a sentence alone', () => {
    const tiny = after(busyState(), { type: 'resized', columns: 12, rows: 3 })
    expect(effects(tiny, 'q')).toEqual([{ type: 'leave', isStop: false }])
  })
})

describe('views', () => {
  it('digits and : open them', () => {
    expect(after(busyState(), keys('7')).ui.view).toBe('validators')
    expect(after(busyState(), keys(':', ...letters('peers'), 'enter')).ui.view).toBe('peers')
    expect(after(busyState(), keys('>')).ui.view).toBe('blocks')
    expect(after(busyState(), keys('<')).ui.view).toBe('logs')
  })

  it('the own validator is there for whoever has named one', () => {
    expect(after(busyState(), keys('9')).ui.view).toBe('overview')
    expect(after(busyState('overview', { own: VALIDATORS[0] }), keys('9')).ui.view).toBe('mine')
  })

  it('a height, a hash and an address are looked up', () => {
    expect(effects(busyState(), ':', ...letters('1_000'), 'enter')).toEqual([
      { type: 'load', kind: 'history', id: '1000' },
    ])
    expect(after(busyState(), keys(':', ...letters(hashOf(1_003)), 'enter')).ui.filters.transactions).toBe(
      hashOf(1_003),
    )
    expect(effects(busyState(), ':', ...letters(TOKEN), 'enter')).toEqual([
      { type: 'load', kind: 'contract', id: TOKEN },
    ])
  })

  it('what is none of these is answered with what there is', () => {
    expect(text(after(busyState(), keys(':', ...letters('foo'), 'enter')))).toContain(
      '"foo" is no command: a view, a height',
    )
  })
})

describe('contracts', () => {
  const listed = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({
      address: `vex1${String(from + i).padStart(58, '0')}`,
      name: `C${from + i}`,
    })) as never[]

  it('of the list of the chain stand beside those that were seen, whose counts they leave alone', () => {
    const seen = busyState('contracts')
    const state = after(seen, {
      type: 'contracts',
      listed: [{ address: TOKEN, name: 'Token' } as never, ...listed(50, 2)],
      isMore: false,
    })
    expect(state.model.contracts.get(TOKEN)).toEqual(seen.model.contracts.get(TOKEN))
    expect(text(state)).toMatch(/Contracts 3 ─[^]*Token[^]*C50[^]* 0  [^]* –│/)
    expect(text(after(state, { type: 'contracts', listed: [], isMore: true }))).toContain(
      'Contracts 3 of more',
    )
  })

  it('are no more than are kept, however many are listed and made', () => {
    let state = busyState('contracts')
    for (let i = 0; i < 8; i++)
      state = after(state, { type: 'contracts', listed: listed(100 + i * 100, 100), isMore: true })
    expect(state.model.contracts.size).toBe(500)
  })
})

describe('the head', () => {
  it('is the node’s: while blocks of the past still come, nobody is told that it is behind or quiet', () => {
    const opened = after(
      emptyState(),
      { type: 'connection', nowMs: NOW_MS, connection: { kind: 'live' } },
      { type: 'polled', nowMs: NOW_MS, polled: POLLED },
      { type: 'chain', blocks: [blockRow(20, { arrivedMs: undefined })], transactions: [] },
    )
    expect(text(opened)).toContain('sync 100 %')
    expect(text(opened)).toContain('✓ Alive      block 120, 0.0 s ago')
    expect(text(opened)).toContain('✓ Keeps up   at the head, with 3 peers')
  })
})

describe('copying', () => {
  it('y copies the value, Y the command that shows the same', () => {
    expect(effects(busyState('blocks'), 'y')).toEqual([{ type: 'copy', text: hashOf(120) }])
    expect(effects(busyState('blocks'), 'Y')).toEqual([
      { type: 'copy', text: 'vex block 120 --url http://127.0.0.1:4100' },
    ])
  })
})

describe('a development chain', () => {
  const controlled = (change: Partial<State> = {}): State =>
    after(busyState('overview', { signers: SIGNERS, ...change }), {
      type: 'polled',
      nowMs: NOW_MS,
      polled: { control: { isPaused: false } },
    })

  it('space pauses and goes on, n makes a block', () => {
    expect(effects(controlled(), 'space')).toEqual([{ type: 'control', what: 'pause' }])
    const paused = after(controlled(), {
      type: 'polled',
      nowMs: NOW_MS,
      polled: { control: { isPaused: true } },
    })
    expect(effects(paused, 'space')).toEqual([{ type: 'control', what: 'resume' }])
    expect(effects(controlled(), 'n')).toEqual([{ type: 'control', what: 'makeBlock' }])
  })

  it('[ and ] step through history, from the selected block on', () => {
    const state = after(busyState(), keys('['))
    expect(state.ui.view).toBe('blocks')
    expect(state.ui.pinnedHeight).toBe(119n)
    expect(after(state, keys('[', '[', ']')).ui.pinnedHeight).toBe(118n)
    expect(after(state, keys('esc')).ui.pinnedHeight).toBeUndefined()
  })

  it('--readonly leaves all of that out, and its keys out of the help', () => {
    const state = controlled({ isReadonly: true })
    expect(effects(state, 'space', 'n', 't')).toEqual([])
    expect(after(state, keys('t')).ui.form).toBeUndefined()
    expect(text(after(state, keys('?')))).not.toContain('development chain')
    expect(text(after(controlled(), keys('?')))).toContain('makes a block now')
  })

  it('of another chain nothing is sent', () => {
    const state = controlled()
    const info = { ...state.model.info!, chainId: 'vex-main' }
    expect(
      after(state, { type: 'polled', nowMs: NOW_MS, polled: { info } }, keys('t')).ui.form,
    ).toBeUndefined()
  })
})

describe('forms', () => {
  const start = (): State => busyState('overview', { signers: SIGNERS })
  const filled = (): State =>
    after(start(), keys('t', ...letters('bob'), 'enter', ...letters('1.5vex'), 'enter'))

  it('a transfer is asked about before it is sent', () => {
    expect(effects(filled(), 'enter')).toEqual([])
    expect(text(after(filled(), keys('enter')))).toContain('Send it? y sends')
    expect(effects(filled(), 'enter', 'x')).toEqual([])
    expect(effects(filled(), 'enter', 'y')).toEqual([
      {
        type: 'run',
        task: { kind: 'transfer' },
        values: ['bob', '1.5vex'],
        from: 'dev0',
        value: '',
        password: '',
      },
    ])
  })

  it('a view is asked at once, with the words of its fields', () => {
    const state = after(busyState('contracts'), keys('tab', 'down', 'down', 'down', 'enter'))
    expect(text(state)).toContain('Ask Token.owns(least: u64): bool')
    expect(effects(state, '7', 'enter')).toEqual([
      {
        type: 'run',
        task: { kind: 'view', contract: TOKEN, method: 'owns', params: 1 },
        values: ['7'],
        from: '',
        value: '',
        password: '',
      },
    ])
  })

  it('a call is not offered where nothing is sent', () => {
    const state = after(busyState('contracts', { isReadonly: true }), keys('tab', 'enter'))
    expect(state.ui.form).toBeUndefined()
    expect(text(state)).toContain('on development chains alone')
  })

  it('a password is shown as dots, and gone from the form when it was used', () => {
    const locked = busyState('overview', { signers: [...SIGNERS, { name: 'main', isLocked: true }] })
    const typed = after(
      locked,
      keys('t', ...letters('bob'), 'enter', '1', 'enter', 'enter', ...letters('secret')),
    )
    expect(text(typed)).not.toContain('secret')
    expect(text(typed)).toContain('······')
    const sent = update(after(typed, keys('enter')), keys('y'))
    expect(sent.effects).toMatchObject([{ type: 'run', password: 'secret' }])
    expect(JSON.stringify(sent.state.ui)).not.toContain('secret')
  })

  it('what is pasted goes into the field, line breaks as spaces', () => {
    expect(after(start(), keys('t'), { type: 'pasted', text: 'a\nb' }).ui.form?.fields[0]?.value).toBe('a b')
  })

  it('what came of it stands in the form, and the form stays', () => {
    const state = after(filled(), keys('enter', 'y'), {
      type: 'formDone',
      result: { isGood: false, lines: ['refused'] },
    })
    expect(text(state)).toContain('✗ refused')
    expect(state.ui.form?.stage).toBe('editing')
  })
})

describe('the store', () => {
  it('holds no more after an hour of blocks and a thousand events a second than after some minutes', () => {
    let state = emptyState()
    const feed = (from: number, seconds: number): void => {
      for (let second = from; second < from + seconds; second++)
        state = after(state, {
          type: 'chain',
          blocks: [blockRow(second, { timeMs: NOW_MS + second * 1_000 })],
          transactions: Array.from({ length: 100 }, (_, i) =>
            transaction(second * 100 + i, { call: BigInt(i) }),
          ),
        })
    }
    feed(1, 60)
    const size = () => {
      const { blocks, transactions, events, logs, seconds, contracts, loaded } = state.model
      return [blocks, transactions, events, logs, seconds]
        .map(ring => ring.items.length)
        .concat(contracts.size, loaded.size)
    }
    feed(61, 1_200)
    const settled = size()
    feed(1_261, 300)
    expect(size()).toEqual(settled)
    expect(settled.slice(0, 5)).toEqual([1_000, 1_000, 2_000, 0, 300])
  })

  it('counts the votes of the own validator in the certificates that come', () => {
    const own = VALIDATORS[3]
    const state = after(busyState('mine', { own }), {
      type: 'chain',
      blocks: [blockRow(121), blockRow(122, { parentVotes: { epoch: '0', signers: '0x07' } })],
      transactions: [],
    })
    const before = busyState('mine', { own }).model.votes
    expect(state.model.votes).toEqual({ cast: before.cast + 1, missed: before.missed + 1 })
  })

  it('a trouble that comes and one that goes are told once each', () => {
    const told = (state: State) => state.model.logs.items.map(row => row.text)
    const status = {
      ...busyState().model.status!,
      isReady: false,
      reasons: ['no block has become final here for 31 s'],
    }
    const again = { ...status, reasons: ['no block has become final here for 32 s'] }
    const state = after(
      busyState(),
      { type: 'polled', nowMs: NOW_MS, polled: { status } },
      { type: 'polled', nowMs: NOW_MS, polled: { status: again } },
      { type: 'polled', nowMs: NOW_MS, polled: { status: { ...status, isReady: true, reasons: [] } } },
    )
    expect(told(state).filter(each => each.includes('no block has become final'))).toEqual([
      'no block has become final here for 31 s',
      'over: no block has become final here for 32 s',
    ])
  })

  it('what a contract has said steers no terminal', () => {
    const state = after(busyState('logs'), {
      type: 'logged',
      rows: [{ timeMs: NOW_MS, level: 'info', text: 'evil \u001b[2J\u0007 text\nsecond', source: 'log' }],
    })
    expect(text(state).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
  })
})
