import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canOpenScreen } from '../../../../cli/dashboard/can-open.ts'
import { KEYS, keyNames } from '../../../../cli/dashboard/keys.ts'
import { columnWidths } from '../../../../cli/dashboard/layout.ts'
import { parseLogLine } from '../../../../cli/dashboard/log-tail.ts'
import { createPacer } from '../../../../cli/dashboard/pacer.ts'
import { append, createRing, nextOf } from '../../../../cli/dashboard/ring.ts'
import { createSigning } from '../../../../cli/dashboard/signing.ts'
import { cut, fitLine, line, lineWidth, span } from '../../../../cli/dashboard/text.ts'
import { themeOf, toAscii } from '../../../../cli/dashboard/theme.ts'
import { readWalletNames } from '../../../../cli/wallet/names.ts'
import { devAccounts } from '../../../../node/dev.ts'
import { addAccount, createWallet, sealWallet } from '../../../../node/wallet/wallet.ts'
import { removeDirectory, temporaryDirectory } from '../../../support/running-node.ts'

const NO_KEY = Object.fromEntries(
  [
    'upArrow',
    'downArrow',
    'leftArrow',
    'rightArrow',
    'pageDown',
    'pageUp',
    'home',
    'end',
    'return',
    'escape',
    'ctrl',
    'shift',
    'tab',
    'backspace',
    'delete',
    'meta',
    'super',
    'hyper',
    'capsLock',
    'numLock',
  ].map(name => [name, false]),
) as never

describe('frames are paced', () => {
  it('a key is drawn at once while the chain is busy', () => {
    const pacer = createPacer()
    let nowMs = 0
    for (; nowMs < 5_000; nowMs += 5) if (pacer.waitMs(nowMs, false) === 0) pacer.drawn(nowMs)
    expect(pacer.waitMs(nowMs, true)).toBe(0)
    pacer.drawn(nowMs)
    expect(pacer.waitMs(nowMs + 5, true)).toBe(0)
  })

  it('there are never more than 15 in a second, however many keys and events there are', () => {
    const pacer = createPacer()
    const drawn: number[] = []
    for (let nowMs = 0; nowMs < 10_000; nowMs += 3)
      if (pacer.waitMs(nowMs, nowMs % 2 === 0) <= 0) {
        pacer.drawn(nowMs)
        drawn.push(nowMs)
      }
    for (const from of drawn)
      expect(drawn.filter(at => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(15)
    expect(drawn.length).toBeGreaterThan(80)
  })
})

describe('keys', () => {
  it('none stands twice in the table', () => {
    const names = KEYS.flatMap(entry => entry.names)
    expect(new Set(names).size).toBe(names.length)
  })

  it('several in one read are several', () => {
    expect(keyNames('jj G', NO_KEY)).toEqual(['j', 'j', 'space', 'G'])
    expect(keyNames('\u0015a\t\u007f\u0003', NO_KEY)).toEqual(['ctrl-u', 'a', 'tab', 'backspace', 'ctrl-c'])
    expect(keyNames('c', { ...(NO_KEY as object), ctrl: true } as never)).toEqual(['ctrl-c'])
    expect(keyNames('', { ...(NO_KEY as object), escape: true } as never)).toEqual(['esc'])
  })
})

describe('text', () => {
  it('is cut by columns, not by characters', () => {
    expect(cut('abcdef', 4)).toBe('abc…')
    expect(cut('漢字漢字', 5)).toBe('漢字…')
    expect(lineWidth(fitLine(line(span('漢字漢字'), span('abc')), 7))).toBe(7)
  })

  it('in ASCII is as wide as before', () => {
    expect(toAscii('✓ 漢 …│')).toBe('+ ?? ~|')
  })

  it('of columns the least important goes first', () => {
    const columns = [
      { width: 5, priority: 1 },
      { width: 5, priority: 3 },
      { width: 5, priority: 2, isWide: true },
    ]
    expect(columnWidths(columns, 30)).toEqual([5, 5, 16])
    expect(columnWidths(columns, 14)).toEqual([5, 0, 7])
    expect(columnWidths(columns, 4)).toEqual([4, 0, 0])
  })
})

it('a ring keeps the last, and their numbers', () => {
  let ring = append(createRing<number>(3), [1, 2])
  ring = append(ring, [3, 4])
  expect([ring.items, ring.first, nextOf(ring)]).toEqual([[2, 3, 4], 1, 4])
  ring = append(ring, [5, 6, 7, 8])
  expect([ring.items, ring.first, nextOf(ring)]).toEqual([[6, 7, 8], 5, 8])
})

describe('the environment', () => {
  const tty = { stdin: { isTTY: true }, stdout: { isTTY: true } }
  it('says whether there is something to draw on', () => {
    expect(canOpenScreen(tty, { TERM: 'xterm' })).toBe(true)
    expect(canOpenScreen({ ...tty, stdout: {} }, {})).toBe(false)
    expect(canOpenScreen({ ...tty, stdin: {} }, {})).toBe(false)
    for (const environment of [{ CI: 'true' }, { CONTINUOUS_INTEGRATION: '1' }, { TERM: 'dumb' }])
      expect(canOpenScreen(tty, environment)).toBe(false)
    expect(canOpenScreen(tty, { CI: 'false' })).toBe(true)
  })

  it('says how it may look', () => {
    expect(themeOf({ LANG: 'C.UTF-8' }, {})).toEqual({ hasColour: true, isAscii: false })
    expect(themeOf({ LANG: 'C' }, {})).toMatchObject({ isAscii: true })
    expect(themeOf({ LANG: 'de_DE.UTF-8', NO_COLOR: '1', FORCE_COLOR: '1' }, {})).toMatchObject({
      hasColour: false,
    })
    expect(themeOf({ LANG: 'C.UTF-8', FORCE_COLOR: '0' }, {})).toMatchObject({ hasColour: false })
    expect(themeOf({ LC_ALL: 'C.UTF-8' }, { ascii: true })).toMatchObject({ isAscii: true })
  })
})

describe('a log', () => {
  it('of pino is read field by field', () => {
    expect(
      parseLogLine(
        '{"level":50,"time":5,"pid":1,"hostname":"h","path":"x","error":{"message":"why"},"msg":"what"}',
        9,
      ),
    ).toEqual({
      timeMs: 5,
      level: 'error',
      text: 'what: why  path=x',
      source: 'log',
    })
  })

  it('of anything is read as it is', () => {
    expect(parseLogLine('\u001b[33mwarning: low\u001b[39m', 9)).toEqual({
      timeMs: 9,
      level: 'warn',
      text: 'warning: low',
      source: 'log',
    })
    expect(parseLogLine('{not json', 9)?.text).toBe('{not json')
    expect(parseLogLine('  ', 9)).toBeUndefined()
  })
})

describe('signing', () => {
  const wallet = { path: 'none', isThere: false, accounts: [], problem: undefined }
  it('with a development account needs no password, with another name says who there is', async () => {
    const signing = createSigning({ devAccounts: devAccounts(), wallet }, 1_000, () => 0)
    expect(await signing.keyOf('dev1', '')).toEqual(devAccounts()[1]?.secretKey)
    await expect(signing.keyOf('nobody', '')).rejects.toThrow(
      'there is no account "nobody" here: there are dev0, dev1',
    )
    expect(signing.lockAtMs).toBeUndefined()
  })

  it('with an account of the wallet asks for its password once, and again when the time is over', async () => {
    const folder = await temporaryDirectory()
    try {
      const path = join(folder, 'wallet.json')
      const made = await addAccount(createWallet(12), 'main')
      const text = await sealWallet(made, 'a good password', {
        kdf: { name: 'scrypt', n: 2 ** 13, r: 8, p: 2 },
      })
      writeFileSync(path, text, { mode: 0o600 })
      let nowMs = 1_000
      const signing = createSigning({ devAccounts: [], wallet: readWalletNames(path) }, 60_000, () => nowMs)
      expect(signing.signers).toEqual([{ name: 'main', isLocked: true }])
      await expect(signing.keyOf('main', '')).rejects.toThrow('is locked: give its password')
      await expect(signing.keyOf('main', 'a bad password')).rejects.toThrow(/password/)
      const key = await signing.keyOf('main', 'a good password')
      expect(signing.signers).toEqual([{ name: 'main', isLocked: false }])
      expect(await signing.keyOf('main', '')).toEqual(key)

      nowMs = 50_000
      signing.touch(nowMs)
      expect(signing.lock(100_000)).toBe(false)
      expect(signing.lock(110_000)).toBe(true)
      expect(signing.signers).toEqual([{ name: 'main', isLocked: true }])
      await expect(signing.keyOf('main', '')).rejects.toThrow('is locked')
    } finally {
      await removeDirectory(folder)
    }
  })
})
