import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type JournalOptions, openJournal, readJournal } from '../../../node/mempool/journal.ts'
import type { ParsedTransaction } from '../../../node/types/transaction.ts'
import { make } from './make.ts'

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vex-journal-'))
  path = join(folder, 'pool')
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

/** A pool that holds what the test says. */
const poolOf = (live: ParsedTransaction[]): JournalOptions['pool'] => ({
  get bytes() {
    return live.reduce((sum, { bytes }) => sum + bytes.length, 0)
  },
  transactions: () => live.values(),
})

const failOnError = (error: unknown): void => {
  throw error
}
const openWith = (live: ParsedTransaction[], onError = failOnError) =>
  openJournal({ path, pool: poolOf(live), onError })

describe('what was appended', () => {
  it('is read back in order, byte for byte, without a close', async () => {
    const live: ParsedTransaction[] = []
    const journal = await openWith(live)
    for (const sizeBytes of [64, 1, 5000, 64]) {
      const parsed = make({ sizeBytes })
      live.push(parsed)
      journal.append(parsed.bytes)
    }
    await journal.written()
    expect(await readJournal(path)).toEqual(live.map(({ bytes }) => bytes))
    await journal.close()
  })

  it('is read back in order when more comes while it is written', async () => {
    const live: ParsedTransaction[] = []
    const journal = await openWith(live)
    for (let i = 0; i < 200; i++) {
      const parsed = make({ sizeBytes: 1 + ((i * 977) % 9_000) })
      live.push(parsed)
      journal.append(parsed.bytes)
      if (i % 3 === 0) await new Promise(setImmediate)
    }
    await journal.written()
    expect(await readJournal(path)).toEqual(live.map(({ bytes }) => bytes))
    await journal.close()
  })

  it('survives the sudden death of the process', async () => {
    const script = `
      import { openJournal } from ${JSON.stringify(join(import.meta.dirname, '../../../node/mempool/journal.ts'))}
      const pool = { bytes: 0, transactions: () => [].values() }
      const journal = await openJournal({ path: ${JSON.stringify(path)}, pool, onError: error => { throw error } })
      for (let i = 0; i < 100; i++) journal.append(new Uint8Array(200).fill(i))
      await journal.written()
      process.kill(process.pid, 'SIGKILL')`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL'])
    const recovered = await readJournal(path)
    expect(recovered).toHaveLength(100)
    expect(recovered[99]).toEqual(new Uint8Array(200).fill(99))
  })

  it('is nothing if there is no file, or a file of another kind', async () => {
    expect(await readJournal(path)).toEqual([])
    writeFileSync(path, 'vexpool2 and something that follows')
    expect(await readJournal(path)).toEqual([])
  })
})

describe('a damaged end', () => {
  const writeThree = async () => {
    const live = [make(), make(), make()]
    await (await openWith(live)).close()
    return live.map(({ bytes }) => bytes)
  }

  it('costs the record that is cut short, wherever it is cut', async () => {
    const [first, second] = await writeThree()
    const { size } = statSync(path)
    for (const cut of [1, 50, 100, 107]) {
      truncateSync(path, size - cut)
      expect(await readJournal(path)).toEqual([first, second])
    }
    truncateSync(path, size - 108)
    expect(await readJournal(path)).toEqual([first, second])
  })

  it('of bytes that do not match their checksum is not read', async () => {
    const [first] = await writeThree()
    const file = readFileSync(path)
    file[8 + 108 + 20] = 0xff ^ (file[8 + 108 + 20] ?? 0)
    writeFileSync(path, file)
    expect(await readJournal(path)).toEqual([first])
  })

  it('that claims a length beyond any transaction is not read', async () => {
    const [first, second] = await writeThree()
    const file = readFileSync(path)
    file.writeUInt32LE(0xffff_ffff, 8 + 2 * 108)
    writeFileSync(path, file)
    expect(await readJournal(path)).toEqual([first, second])
  })
})

describe('the file', () => {
  it('holds only the live transactions after an open and after a close', async () => {
    const live = [make(), make()]
    const journal = await openWith(live)
    expect(await readJournal(path)).toEqual(live.map(({ bytes }) => bytes))
    journal.append(make().bytes)
    live.pop()
    await journal.close()
    expect(await readJournal(path)).toEqual(live.map(({ bytes }) => bytes))
    expect(existsSync(`${path}.new`)).toBe(false)
  })

  it('stays within a few times the live set, however much passes through', async () => {
    const live: ParsedTransaction[] = []
    const journal = await openWith(live)
    const sizeBytes = 100 * 1024
    let largest = 0
    for (let i = 0; i < 120; i++) {
      const parsed = make({ sizeBytes })
      live.splice(0, live.length, parsed)
      journal.append(parsed.bytes)
      await journal.written()
      largest = Math.max(largest, statSync(path).size)
    }
    expect(largest).toBeGreaterThan(3 * 1024 * 1024)
    expect(largest).toBeLessThan(5 * 1024 * 1024)
    const recovered = await readJournal(path)
    expect(recovered.at(-1)).toEqual(live[0]?.bytes)
    await journal.close()
  })
})

describe('a disk that fails', () => {
  it('is reported once, costs the pool nothing, and is written anew when it works again', async () => {
    const errors: unknown[] = []
    const live: ParsedTransaction[] = []
    // A folder in the way of the new file: no write can succeed.
    mkdirSync(`${path}.new`)
    let nowMs = 1_000_000
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
    const journal = await openWith(live, error => errors.push(error))
    const appendOne = async () => {
      const parsed = make()
      live.push(parsed)
      journal.append(parsed.bytes)
      await journal.written()
    }
    await appendOne()
    nowMs += 20_000
    await appendOne()
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({ code: 'EISDIR' })

    rmSync(`${path}.new`, { recursive: true })
    await appendOne()
    expect(existsSync(path)).toBe(false)
    nowMs += 20_000
    await appendOne()
    expect(await readJournal(path)).toEqual(live.map(({ bytes }) => bytes))
    expect(errors).toHaveLength(1)
    await journal.close()
  })
})
