/** Up to where a key has signed: what it covers, and how it survives torn writes. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openFloor } from '../../../node/consensus/floor.ts'
import type { LogRecord } from '../../../node/consensus/protocol.ts'
import {
  coversMark,
  markOf,
  markOfRecords,
  raiseMark,
  type SignedMark,
} from '../../../node/consensus/signed-mark.ts'
import { ZERO_HASH } from '../../../node/types/primitives.ts'
import { VOTE_KINDS } from '../../../node/types/vote.ts'

const [N, L, F] = [1, 2, 4]
const at = (epoch: bigint, view: bigint, kinds = N): SignedMark => ({ epoch, view, kinds })

describe('a mark', () => {
  it('has a bit for each kind of vote', () => {
    const kinds = VOTE_KINDS.map(kind => markOf({ kind, epoch: 1n, view: 2n, hash: undefined }).kinds)
    expect(kinds).toEqual([N, L, F])
  })

  it('rises by epoch, then view, then kinds, and never falls', () => {
    expect(raiseMark(undefined, at(0n, 5n))).toEqual(at(0n, 5n))
    expect(raiseMark(at(0n, 5n, N), at(0n, 5n, L))).toEqual(at(0n, 5n, N + L))
    expect(raiseMark(at(0n, 5n, N + L), at(0n, 6n, F))).toEqual(at(0n, 6n, F))
    expect(raiseMark(at(0n, 5n), at(1n, 1n))).toEqual(at(1n, 1n))
    expect(raiseMark(at(1n, 1n), at(0n, 500n))).toEqual(at(1n, 1n))
    expect(raiseMark(at(1n, 7n), at(1n, 6n, F))).toEqual(at(1n, 7n))
  })

  it('is covered by whoever remembers as much or more', () => {
    expect(coversMark(undefined, at(0n, 1n))).toBe(false)
    expect(coversMark(at(0n, 1n, N + L), at(0n, 1n, L))).toBe(true)
    expect(coversMark(at(0n, 1n, N), at(0n, 1n, N + L))).toBe(false)
    expect(coversMark(at(0n, 2n, N), at(0n, 1n, N + L + F))).toBe(true)
    expect(coversMark(at(1n, 1n), at(0n, 900n))).toBe(true)
    expect(coversMark(at(0n, 900n), at(1n, 1n))).toBe(false)
  })

  it('of a log is its last vote; sealed views stand for all votes that they held', () => {
    const vote = (view: bigint, kind: 'notarize' | 'nullify'): LogRecord => ({
      kind: 'vote',
      statement: { kind, epoch: 2n, view, hash: kind === 'nullify' ? undefined : ZERO_HASH },
    })
    expect(markOfRecords([])).toBeUndefined()
    expect(markOfRecords([vote(3n, 'notarize'), vote(4n, 'nullify'), vote(4n, 'notarize')])).toEqual(
      at(2n, 4n, N + L),
    )
    expect(markOfRecords([{ kind: 'sealed', epoch: 2n, view: 9n }, vote(4n, 'nullify')])).toEqual(
      at(2n, 9n, N + L + F),
    )
  })
})

describe('the floor', () => {
  let path: string
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vex-floor-'))
    path = join(directory, 'signer.floor')
  })
  afterEach(() => rm(directory, { recursive: true }))

  const owner = new Uint8Array(32).fill(7)
  const open = (given: { owner?: Uint8Array; intervalMs?: number } = {}) =>
    openFloor({ path, owner, ...given })

  const write = async (...marks: SignedMark[]) => {
    for (const mark of marks) {
      const floor = await open()
      floor.raise(mark)
      await floor.close()
    }
  }
  const read = async () => {
    const floor = await open()
    await floor.close()
    return floor.mark
  }

  it('is nothing at first, then what was raised last', async () => {
    expect(await read()).toBeUndefined()
    await write(at(0n, 5n), at(0n, 6n, F), at(3n, 1n, L))
    expect(await read()).toEqual(at(3n, 1n, L))
    expect((await stat(path)).size).toBe(256)
  })

  it('is written within its interval, without being closed', async () => {
    const floor = await open({ intervalMs: 10 })
    floor.raise(at(0n, 5n))
    floor.raise(at(0n, 6n))
    for (let i = 0; i < 500 && (await read())?.view !== 6n; i++)
      await new Promise(resolve => setTimeout(resolve, 5))
    expect(await read()).toEqual(at(0n, 6n))
    await floor.close()
  })

  it('survives a torn write of either slot: the other one holds the mark before', async () => {
    await write(at(0n, 5n), at(0n, 6n))
    const whole = await readFile(path)
    // The first write went to the second slot, the second to the first.
    for (const [slot, left] of [
      [0, 5n],
      [128, 6n],
    ] as const) {
      for (const offset of [0, 8, 20, 40, 66]) {
        const torn = Buffer.from(whole)
        torn[slot + offset]! ^= 0xff
        await writeFile(path, torn)
        expect((await read())?.view).toBe(left)
      }
    }
    // Goes on from there.
    await write(at(0n, 7n), at(0n, 8n))
    expect((await read())?.view).toBe(8n)
  })

  it('refuses a file without a good slot, and another’s', async () => {
    await write(at(0n, 5n), at(0n, 6n))
    await expect(open({ owner: new Uint8Array(32) })).rejects.toMatchObject({ code: 'log_foreign' })
    const file = await readFile(path)
    await writeFile(path, file.fill(0xaa))
    await expect(open()).rejects.toMatchObject({ code: 'log_corrupt' })
    await writeFile(path, 'something else')
    await expect(open()).rejects.toMatchObject({ code: 'log_corrupt' })
  })

  it('takes a crash during its very first write for no mark', async () => {
    await writeFile(path, Buffer.alloc(0))
    expect(await read()).toBeUndefined()
    await write(at(0n, 5n))
    const file = await readFile(path)
    await writeFile(path, Buffer.alloc(file.length))
    expect(await read()).toBeUndefined()
  })

  it('says when it cannot be opened', async () => {
    await expect(openFloor({ path: join(directory, 'no', 'floor'), owner })).rejects.toMatchObject({
      code: 'io',
    })
  })
})
