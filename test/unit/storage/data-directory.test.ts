import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { sha256 } from '../../../node/crypto/hash.ts'
import {
  type DataDirectory,
  type DataDirectoryOptions,
  openDataDirectory,
} from '../../../node/storage/data-directory.ts'
import { COLUMNS, StorageError } from '../../../node/storage/database.ts'
import { formatVersion } from '../../../node/storage/migrations.ts'
import { openRocksDatabase } from '../../../node/storage/rocks.ts'
import { toHex } from '../../../node/types/primitives.ts'

const folder = mkdtempSync(join(tmpdir(), 'vex-data-'))
let made = 0
const freshPath = () => join(folder, `node ${made++}`)
const hashGenesis = (text: string) => sha256(Buffer.from(text))
const hashOf = (text: string) => hashGenesis(text)

const openDirectories: DataDirectory[] = []
const open = async (path: string, options: Partial<DataDirectoryOptions> = {}): Promise<DataDirectory> => {
  const directory = await openDataDirectory(path, {
    create: () => ({ genesis: 'the genesis', validatorKeys: 'the keys' }),
    hashGenesis,
    ...options,
  })
  openDirectories.push(directory)
  return directory
}
const close = async (directory: DataDirectory) => {
  await directory.database.close()
}
const makeAndClose = async (path: string) => {
  await close(await open(path))
}
const never = () => {
  throw new Error('must not be called')
}
const failure = async (run: Promise<unknown>): Promise<StorageError> => {
  try {
    await run
  } catch (error) {
    if (error instanceof StorageError) return error
    throw error
  }
  throw new Error('expected a StorageError')
}
const contentsOf = (path: string) =>
  Object.fromEntries(
    readdirSync(path, { withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => [entry.name, readFileSync(join(path, entry.name), 'utf8')]),
  )

afterEach(async () => {
  for (const directory of openDirectories.splice(0)) await directory.database.close()
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

describe('a new data directory', () => {
  test('is made once and read afterwards', async () => {
    const path = freshPath()
    const first = await open(path, { expectedGenesisHash: hashOf('the genesis') })
    expect(first.isNew).toBe(true)
    await close(first)
    const second = await open(path, { create: never })
    expect(second).toMatchObject({ isNew: false, path, genesis: 'the genesis', validatorKeys: 'the keys' })
    expect(second.genesisHash).toEqual(hashOf('the genesis'))
  })

  test('holds the published names, and the keys are for the owner only', async () => {
    const path = freshPath()
    const directory = await open(path)
    expect(readdirSync(path).sort()).toEqual([
      'db',
      'db.pid',
      'format.json',
      'genesis.json',
      'validator-key.json',
    ])
    expect(statSync(join(path, 'validator-key.json')).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(join(path, 'format.json'), 'utf8'))).toEqual({
      version: formatVersion(),
      genesisHash: toHex(hashOf('the genesis')),
    })
    expect(directory.consensusLogPath).toBe(join(path, 'consensus.log'))
    expect(directory.mempoolJournalPath).toBe(join(path, 'mempool.journal'))
  })

  test('without validator keys has no key file', async () => {
    const path = freshPath()
    await close(await open(path, { create: () => ({ genesis: 'g', validatorKeys: undefined }) }))
    expect(existsSync(join(path, 'validator-key.json'))).toBe(false)
    expect((await open(path)).validatorKeys).toBeUndefined()
  })

  test('may be the root of a disk of its own', async () => {
    const path = freshPath()
    mkdirSync(join(path, 'lost+found'), { recursive: true })
    writeFileSync(join(path, '.hidden'), '')
    expect((await open(path)).isNew).toBe(true)
  })

  test('for another chain than expected is not made', async () => {
    const path = freshPath()
    const error = await failure(open(path, { expectedGenesisHash: hashOf('another') }))
    expect(error.code).toBe('wrong_chain')
    expect(existsSync(join(path, 'format.json'))).toBe(false)
  })
})

describe('an interrupted making', () => {
  test.each(['genesis.json', 'validator-key.json', 'format.json'])(
    'that stopped before %s was written is made again',
    async missing => {
      const path = freshPath()
      await makeAndClose(path)
      writeFileSync(join(path, 'initializing'), '')
      const order = ['genesis.json', 'validator-key.json', 'format.json']
      for (const name of order.slice(order.indexOf(missing))) rmSync(join(path, name))
      const directory = await open(path, {
        create: () => ({ genesis: 'second', validatorKeys: 'second keys' }),
      })
      expect(directory).toMatchObject({ isNew: true, genesis: 'second', validatorKeys: 'second keys' })
      expect(existsSync(join(path, 'initializing'))).toBe(false)
      await close(directory)
      expect((await open(path, { create: never })).genesis).toBe('second')
    },
  )

  test('whose contents could not be made leaves the lock free and is made again', async () => {
    const path = freshPath()
    await expect(open(path, { create: never })).rejects.toThrow('must not be called')
    expect((await open(path)).isNew).toBe(true)
  })

  test('is told about first, when what it would hold cannot be made either', async () => {
    const path = freshPath()
    const directory = await open(path)
    for (const name of ['format.json', 'genesis.json', 'validator-key.json']) rmSync(join(path, name))
    writeFileSync(join(path, 'initializing'), '')
    const error = await failure(open(path, { create: never, writeMore: never }))
    expect(error.code).toBe('locked')
    await close(directory)
  })

  test('takes keys that came between the first look and the lock', async () => {
    const path = freshPath()
    const directory = await open(path, {
      create: given => {
        // Another process, that was killed right after.
        if (given === undefined) writeFileSync(join(path, 'validator-key.json'), 'theirs')
        return { genesis: 'the genesis', validatorKeys: given ?? 'ours' }
      },
    })
    expect(directory.validatorKeys).toBe('theirs')
    expect(readFileSync(join(path, 'validator-key.json'), 'utf8')).toBe('theirs')
  })

  test('writes what else it holds before it counts, and only if it does', async () => {
    const path = freshPath()
    const writeMore = () => writeFileSync(join(path, 'more'), String(existsSync(join(path, 'format.json'))))
    await close(await open(path, { writeMore }))
    expect(readFileSync(join(path, 'more'), 'utf8')).toBe('false')
    await close(await open(path, { writeMore: never }))
    const other = freshPath()
    await failure(open(other, { writeMore: never, expectedGenesisHash: hashOf('another') }))
  })

  test('that only failed to remove its mark is finished', async () => {
    const path = freshPath()
    await makeAndClose(path)
    writeFileSync(join(path, 'initializing'), '')
    expect((await open(path, { create: never })).isNew).toBe(false)
    expect(existsSync(join(path, 'initializing'))).toBe(false)
  })

  test('is not made again over blocks', async () => {
    const path = freshPath()
    const directory = await open(path)
    directory.database.write([{ column: COLUMNS.blocks, key: Uint8Array.of(0), value: Uint8Array.of(1) }], {
      sync: true,
    })
    await close(directory)
    rmSync(join(path, 'format.json'))
    writeFileSync(join(path, 'initializing'), '')
    const before = contentsOf(path)
    const error = await failure(open(path, { create: never }))
    expect(error.code).toBe('incomplete')
    expect(error.message).toContain('holds blocks')
    expect(contentsOf(path)).toEqual(before)
  })
})

describe('a directory that is not right', () => {
  test('without format.json is refused, whatever else is in it, and nothing in it changes', async () => {
    const path = freshPath()
    await makeAndClose(path)
    rmSync(join(path, 'format.json'))
    const before = contentsOf(path)
    const error = await failure(open(path, { create: never }))
    expect(error.code).toBe('incomplete')
    expect(error.message).toContain(path)
    expect(error.message).toContain('genesis.json')
    expect(contentsOf(path)).toEqual(before)
  })

  test('of somebody else is refused', async () => {
    const path = freshPath()
    mkdirSync(path)
    writeFileSync(join(path, 'thesis.txt'), 'chapter 1')
    const error = await failure(open(path, { create: never }))
    expect(error.code).toBe('incomplete')
    expect(error.message).toContain('thesis.txt')
    expect(readdirSync(path)).toEqual(['thesis.txt'])
  })

  test('of another chain names both chains', async () => {
    const path = freshPath()
    await makeAndClose(path)
    const error = await failure(open(path, { expectedGenesisHash: hashOf('another') }))
    expect(error.code).toBe('wrong_chain')
    expect(error.message).toContain(toHex(hashOf('the genesis')))
    expect(error.message).toContain(toHex(hashOf('another')))
  })

  test('of a newer format is refused, even if nothing else in format.json is known', async () => {
    const path = freshPath()
    await makeAndClose(path)
    const newer = formatVersion() + 1
    writeFileSync(join(path, 'format.json'), `{"version": ${newer}, "chain": "abc"}`)
    const error = await failure(open(path))
    expect(error.code).toBe('newer_version')
    expect(error.message).toContain(`data format ${newer}`)
  })

  test('of an older format says that its chain is not carried over', async () => {
    const path = freshPath()
    await makeAndClose(path)
    const text = readFileSync(join(path, 'format.json'), 'utf8')
    writeFileSync(join(path, 'format.json'), text.replace(/"version": \d+/, '"version": 1'))
    const error = await failure(open(path))
    expect(error.code).toBe('older_version')
    expect(error.message).toContain('--reset')
  })

  test.each([
    '',
    'null',
    '{}',
    '{"version": 0, "genesisHash": "00"}',
    '{"version": 2, "genesisHash": "00"}',
    '{"version',
  ])('with the damaged format.json %j is refused', async text => {
    const path = freshPath()
    await makeAndClose(path)
    writeFileSync(join(path, 'format.json'), text)
    expect((await failure(open(path))).code).toBe('corrupt')
  })

  test('whose genesis was edited or lost is refused', async () => {
    const path = freshPath()
    await makeAndClose(path)
    writeFileSync(join(path, 'genesis.json'), 'the genesis, richer')
    const edited = await failure(open(path))
    expect(edited.code).toBe('corrupt')
    expect(edited.message).toContain('genesis.json was changed')
    rmSync(join(path, 'genesis.json'))
    expect((await failure(open(path))).code).toBe('incomplete')
  })

  test('that another process uses is refused, and so is one that this process uses', async () => {
    const path = freshPath()
    await open(path)
    expect((await failure(open(path))).code).toBe('locked')
    const other = freshPath()
    await makeAndClose(other)
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'children/hold-open.ts'), join(other, 'db')],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    try {
      await once(child.stdout, 'data')
      const error = await failure(open(other))
      expect(error.code).toBe('locked')
      expect(error.message).toContain(String(child.pid))
    } finally {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
  })

  test('that is a file is refused with its name', async () => {
    const path = freshPath()
    writeFileSync(path, '')
    const error = await failure(open(path))
    expect(error.code).toBe('io')
    expect(error.message).toContain(path)
  })

  test.skipIf(process.getuid?.() === 0)(
    'that may not be written is refused with its name (not as root, whom no permission stops)',
    async () => {
      const path = freshPath()
      mkdirSync(path)
      chmodSync(path, 0o500)
      const error = await failure(open(path))
      expect(error.code).toBe('io')
      expect(error.message).toContain(path)
    },
  )
})

test('an error on the way leaves the lock free', async () => {
  const path = freshPath()
  await makeAndClose(path)
  await failure(open(path, { hashGenesis: () => hashOf('another') }))
  await (await openRocksDatabase(join(path, 'db'))).close()
})

test.runIf(process.platform === 'linux')(
  'a folder that can never be made is refused, not tried for ever',
  async () => {
    expect((await failure(open('/proc/vex/data'))).code).toBe('io')
  },
)
