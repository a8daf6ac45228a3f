import type * as fs from 'node:fs'
import { constants } from 'node:fs'
import {
  appendFile,
  type FileHandle,
  mkdtemp,
  open,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openLog } from '../../../node/consensus/wal.ts'

let directory: string
let path: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vex-log-'))
  path = join(directory, 'consensus.log')
})
afterEach(() => rm(directory, { recursive: true }))

const bytes = (...text: string[]) => text.map(part => Uint8Array.from(Buffer.from(part)))
const texts = (records: readonly Uint8Array[]) => records.map(record => Buffer.from(record).toString())

/** One frame per inner list. */
const write = async (...frames: string[][]) => {
  const log = await openLog(path)
  const ends: number[] = [log.sizeBytes]
  for (const frame of frames) {
    for (const record of bytes(...frame)) log.append(record)
    await log.sync()
    ends.push(log.sizeBytes)
  }
  await log.close()
  return ends
}

const reopen = async () => {
  const log = await openLog(path)
  const { recovered, droppedBytes, isNew } = log
  await log.close()
  return { recovered: texts(recovered), droppedBytes, isNew }
}

describe('the log', () => {
  it('gives back what was synced, in order, and goes on after it', async () => {
    expect(await write(['a', ''], ['b'.repeat(70_000)])).toHaveLength(3)
    await write(['c'])
    expect(await reopen()).toEqual({
      recovered: ['a', '', 'b'.repeat(70_000), 'c'],
      droppedBytes: 0,
      isNew: false,
    })
  })

  it('writes nothing before the sync, and the rest on close', async () => {
    const log = await openLog(path)
    expect(log.isNew).toBe(true)
    for (const record of bytes('a', 'b')) log.append(record)
    expect((await stat(path)).size).toBe(16)
    await log.close()
    expect((await reopen()).recovered).toEqual(['a', 'b'])
  })

  it('cuts off a torn last frame at every byte, reports it, and can be written again', async () => {
    const ends = await write(['first', 'second'], ['third'], ['fourth', 'fifth'])
    const file = await readFile(path)
    const kept = [[], ['first', 'second'], ['first', 'second', 'third']]
    for (let length = ends[0] ?? 0; length < file.length; length++) {
      await writeFile(path, file.subarray(0, length))
      const whole = ends.findLastIndex(end => end <= length)
      expect(await reopen()).toEqual({
        recovered: kept[whole],
        droppedBytes: length - (ends[whole] ?? 0),
        isNew: false,
      })
      expect((await stat(path)).size).toBe(ends[whole])
    }
    await write(['again'])
    expect((await reopen()).recovered).toEqual(['first', 'second', 'third', 'again'])
  })

  it('cuts off a last frame whose pages came to disk in part', async () => {
    const [, , end = 0] = await write(['a'], ['b'], ['x'.repeat(10_000)])
    const file = await readFile(path)
    file.fill(0, end + 100, end + 4196)
    await writeFile(path, file)
    expect((await reopen()).recovered).toEqual(['a', 'b'])
  })

  it('refuses a flipped bit in any byte before the last frame', async () => {
    const ends = await write(['one', 'two'], ['three'])
    const file = await readFile(path)
    for (let at = 0; at < (ends[1] ?? 0); at++) {
      const damaged = Buffer.from(file)
      damaged[at]! ^= 0x10
      await writeFile(path, damaged)
      await expect(openLog(path), `byte ${at}`).rejects.toMatchObject({ code: 'log_corrupt' })
    }
  })

  it('does not take a frame inside a record for one of its own', async () => {
    await write(['inner'])
    const inner = await readFile(path)
    await rm(path)
    const log = await openLog(path)
    log.append(Uint8Array.from(inner))
    await log.sync()
    await log.close()
    const file = await readFile(path)
    await writeFile(path, file.subarray(0, file.length - 1))
    expect((await reopen()).recovered).toEqual([])
  })

  it('refuses a file that is not a log, and says what to do', async () => {
    await appendFile(path, 'not a log at all, but long enough')
    await expect(openLog(path)).rejects.toThrow(/must not vote.*put a good copy/s)
    await writeFile(path, '')
    await expect(openLog(path)).rejects.toMatchObject({ code: 'log_corrupt' })
  })

  it('is replaced whole by a rewrite, and takes records after it', async () => {
    await write(['old'.repeat(1000)])
    const log = await openLog(path)
    await log.rewrite(bytes('kept', 'too'))
    expect(log.sizeBytes).toBe((await stat(path)).size)
    for (const record of bytes('new')) log.append(record)
    await log.close()
    expect((await reopen()).recovered).toEqual(['kept', 'too', 'new'])
    expect((await stat(path)).size).toBeLessThan(100)
  })

  it('is the old one or the new one after a crash during a rewrite', async () => {
    await write(['old'])
    await writeFile(`${path}.new`, 'half a file')
    expect((await reopen()).recovered).toEqual(['old'])
    const log = await openLog(path)
    await log.rewrite(bytes('new'))
    await log.close()
    expect((await reopen()).recovered).toEqual(['new'])
  })

  it.runIf(process.platform === 'linux')(
    'is durable under its name: the file is synced, then renamed, then the directory synced',
    async () => {
      const synced: string[] = []
      const probe = await open(directory, 'r')
      const prototype = Object.getPrototypeOf(probe) as FileHandle
      const { sync } = prototype as { sync: (this: FileHandle) => Promise<void> }
      const spy = vi.spyOn(prototype, 'sync').mockImplementation(async function (this: FileHandle) {
        synced.push(await readlink(`/proc/self/fd/${this.fd}`))
        return sync.call(this)
      })
      try {
        const log = await openLog(path)
        await log.rewrite(bytes('kept'))
        await log.close()
      } finally {
        spy.mockRestore()
        await probe.close()
      }
      expect(synced).toEqual([`${path}.new`, directory, `${path}.new`, directory])
    },
  )

  it.runIf(process.platform === 'linux')(
    'writes through to the disk, before a rewrite and after',
    async () => {
      /** The flags of each descriptor of this process that is open on the log. */
      const flags = async (): Promise<number[]> => {
        const found: number[] = []
        for (const fd of await readdir('/proc/self/fd')) {
          if ((await readlink(`/proc/self/fd/${fd}`).catch(() => '')) !== path) continue
          const info = await readFile(`/proc/self/fdinfo/${fd}`, 'utf8')
          found.push(Number.parseInt(/^flags:\s*(\d+)/m.exec(info)?.[1] ?? '0', 8))
        }
        return found
      }
      for (const open of ['made', 'found']) {
        const log = await openLog(path)
        const before = await flags()
        await log.rewrite(bytes('kept'))
        for (const each of [before, await flags()])
          expect([open, each.map(bits => bits & constants.O_DSYNC)]).toEqual([open, [constants.O_DSYNC]])
        await log.close()
      }
    },
  )

  it('is synced by a call of its own where writes may stop short of the disk', async () => {
    const synced: number[] = []
    const { platform } = process
    vi.resetModules()
    vi.doMock('node:fs', async (load: () => Promise<typeof fs>) => {
      const real = await load()
      const fdatasync = (fd: number, done: fs.NoParamCallback): void => {
        synced.push(fd)
        real.fdatasync(fd, done)
      }
      return { ...real, fdatasync }
    })
    Object.defineProperty(process, 'platform', { value: 'darwin' })
    try {
      const elsewhere = await import('../../../node/consensus/wal.ts')
      const log = await elsewhere.openLog(path)
      for (const record of ['a', 'b']) {
        log.append(Buffer.from(record))
        await log.sync()
      }
      await log.close()
    } finally {
      Object.defineProperty(process, 'platform', { value: platform })
      vi.doUnmock('node:fs')
      vi.resetModules()
    }
    expect(synced).toHaveLength(2)
    expect((await reopen()).recovered).toEqual(['a', 'b'])
  })

  it('refuses a second sync while one runs: they would write to the same place', async () => {
    const log = await openLog(path)
    for (const record of bytes('a')) log.append(record)
    const first = log.sync()
    for (const record of bytes('b')) log.append(record)
    await expect(log.sync()).rejects.toThrow(/two syncs/)
    await first
    await log.close()
    expect((await reopen()).recovered).toEqual(['a', 'b'])
  })

  it('names what the system said when it cannot be opened', async () => {
    await expect(openLog(join(directory, 'no', 'such', 'log'))).rejects.toMatchObject({ code: 'io' })
    await expect(openLog(directory)).rejects.toMatchObject({ code: 'io' })
  })

  it('takes nothing after it is closed', async () => {
    const log = await openLog(path)
    await log.close()
    await log.close()
    expect(() => log.append(new Uint8Array(1))).toThrow(/closed/)
  })

  it('writes what the system left out of a write, wherever it stopped', async () => {
    const log = await openLog(path)
    const other = await open(join(directory, 'other'), 'w')
    const records = ['a', '', 'b'.repeat(100), 'c']
    // The frame's header, four lengths, and the records.
    const frameBytes = 16 + 4 * 4 + 102
    const spy = vi.spyOn(Object.getPrototypeOf(other) as FileHandle, 'writev')
    try {
      for (let stop = 0; stop <= frameBytes; stop++) {
        spy.mockImplementationOnce(async function (this: FileHandle, buffers, at) {
          const all = Buffer.concat(buffers as Uint8Array[])
          expect(all.length).toBe(frameBytes)
          if (stop > 0) await this.write(all, 0, stop, at)
          return { bytesWritten: stop, buffers }
        })
        for (const record of bytes(...records)) log.append(record)
        await log.sync()
      }
    } finally {
      spy.mockRestore()
      await other.close()
      await log.close()
    }
    const { recovered, droppedBytes } = await reopen()
    expect(droppedBytes).toBe(0)
    expect(recovered).toEqual(Array.from({ length: frameBytes + 1 }, () => records).flat())
  })

  it('stops for good when the disk is full, even if there is space again', async () => {
    const log = await openLog(path)
    const other = await open(join(directory, 'other'), 'w')
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    const write = vi.spyOn(Object.getPrototypeOf(other) as FileHandle, 'writev').mockRejectedValueOnce(full)
    try {
      for (const record of bytes('lost')) log.append(record)
      await expect(log.sync()).rejects.toMatchObject({ code: 'disk_full' })
      expect(() => log.append(new Uint8Array(1))).toThrow(/Free space and start again/)
      await expect(log.sync()).rejects.toMatchObject({ code: 'disk_full' })
    } finally {
      write.mockRestore()
      await other.close()
      await log.close()
    }
    expect((await reopen()).recovered).toEqual([])
  })
})
