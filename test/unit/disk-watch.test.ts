import { describe, expect, it } from 'vitest'
import { assertRoomToStart, createDiskWatch } from '../../node/disk-watch.ts'
import type { StorageError } from '../../node/storage/database.ts'

const MiB = 1024 * 1024
const MARK = 256 * MiB

const watched = (minFreeBytes = MARK) => {
  const told: string[] = []
  const faults: StorageError[] = []
  const disk = { free: 1024 * MiB, freeOfDatabase: undefined as number | undefined, nowMs: 0, looks: 0 }
  const watch = createDiskWatch({
    directory: '/data',
    minFreeBytes,
    freeBytes: path => {
      if (disk.free < 0) throw Object.assign(new Error('EIO: i/o error, statfs'), { code: 'EIO', errno: -5 })
      disk.looks++
      return path === '/data/db' ? (disk.freeOfDatabase ?? disk.free) : disk.free
    },
    nowMs: () => disk.nowMs,
    warn: sentence => told.push(sentence),
    onFault: error => faults.push(error),
  })
  const at = (free: number): void => {
    disk.free = free
    disk.nowMs += 1_000
    watch.check()
  }
  return { watch, disk, told, faults, at }
}

describe('the low-water mark', () => {
  it('is told of once, with what to do, and once more when there is room', () => {
    const { watch, told, at } = watched()
    at(MARK)
    expect(watch.problem).toBeUndefined()
    at(MARK - 1)
    at(200 * MiB)
    expect(told).toEqual([
      'the disk that holds /data has 255 MiB left: no blocks are made here and no transactions taken until 320 MiB are free. Free some, or stop the node and move the directory; the node goes on by itself',
    ])
    expect(watch.problem).toBe(told[0])
    // Not at the mark itself: a node there would go to and fro.
    at(MARK + MiB)
    expect(watch.problem).toBeDefined()
    at(320 * MiB)
    expect(watch.problem).toBeUndefined()
    expect(told.slice(1)).toEqual([
      'the disk that holds /data has 320 MiB free again: blocks are made and transactions taken',
    ])
  })

  it('holds blocks until there is room, or until the view is over', async () => {
    const { watch, at } = watched()
    const view = new AbortController()
    await watch.room(view.signal)
    at(100 * MiB)
    const ends: string[] = []
    const other = new AbortController()
    const waits = [
      watch.room(view.signal).then(() => ends.push('room')),
      watch.room(other.signal).then(() => ends.push('over')),
    ]
    await new Promise(resolve => setTimeout(resolve, 5))
    expect(ends).toEqual([])
    other.abort()
    await waits[1]
    expect(ends).toEqual(['over'])
    at(MARK * 2)
    await waits[0]
    expect(ends).toEqual(['over', 'room'])
  })

  it('has a lower one below which the node stops, once', () => {
    const { faults, at } = watched()
    at(64 * MiB)
    expect(faults).toEqual([])
    at(64 * MiB - 1)
    at(0)
    expect(faults.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'disk_full: the disk that holds /data is almost full: 63 MiB are left, and a node needs 64 MiB. Nothing is corrupted; free space and start again',
    ])
  })

  it('counts the database where that lies on another disk', () => {
    const { disk, told, at } = watched()
    disk.freeOfDatabase = 100 * MiB
    at(1024 * MiB)
    expect(told[0]).toContain('the disk that holds /data/db has 100 MiB left')
  })

  it('looks at the disk at most four times a second', () => {
    const { watch, disk } = watched()
    for (let i = 0; i < 1_000; i++) {
      disk.nowMs = i
      watch.check()
    }
    expect(disk.looks).toBe(8)
  })

  it('of 0 never stops anything', () => {
    const { watch, told, faults, at } = watched(0)
    at(0)
    expect([watch.problem, told, faults]).toEqual([undefined, [], []])
  })

  it('stops the node when the disk cannot be asked', () => {
    const { faults, at } = watched()
    at(-1)
    expect(faults).toMatchObject([{ code: 'io', message: expect.stringContaining('/data cannot be used') }])
  })

  it('keeps a node from starting that would stop at once', () => {
    const start = (free: number) => () =>
      assertRoomToStart({ directory: '/data', minFreeBytes: MARK, freeBytes: () => free })
    expect(start(64 * MiB)).not.toThrow()
    expect(start(9.5 * MiB)).toThrow(
      /^the disk that holds \/data is almost full: 9\.5 MiB are left, and a node needs 64 MiB\. .*free space and start again$/,
    )
  })
})
