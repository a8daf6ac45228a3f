import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { genesisChanges } from '../../../node/chain/genesis.ts'
import { LightQueries } from '../../../node/chain/light-queries.ts'
import { checkStoredBlock } from '../../../node/chain/stored-blocks.ts'
import { VEX } from '../../../node/params.ts'
import { SnapshotError } from '../../../node/snapshot/error.ts'
import { type Manifest, parseManifest } from '../../../node/snapshot/manifest.ts'
import { isRestored, restoreChunks, restoreHead } from '../../../node/snapshot/restore.ts'
import { openSnapshotSource } from '../../../node/snapshot/source.ts'
import { verifySnapshot } from '../../../node/snapshot/verify.ts'
import { writeSnapshot } from '../../../node/snapshot/write.ts'
import { COLUMNS, type Database, StorageError } from '../../../node/storage/database.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import { genesisHash } from '../../../node/types/genesis.ts'
import { toHash, toHex } from '../../../node/types/primitives.ts'
import { createEpochChain, epochGenesis, type EpochChain, openEpochChain } from '../../support/epoch-chain.ts'
import { removeDirectory, temporaryDirectory } from '../../support/running-node.ts'
import { testAccount } from '../../support/transactions.ts'

const NOW_MS = 1_800_000_000_000n
/** So small that there are many chunks. */
const BUDGET_BYTES = 400

let folder: string
/** Of the end of the third epoch, made there. */
let good: string
let world: EpochChain
const inFolder = (name: string): string => join(folder, name)

const write = (of: EpochChain, to: string, options: { height?: bigint; budget?: number } = {}): Manifest => {
  const source = openSnapshotSource(of.chain, of.db, options.height)
  const steps = writeSnapshot(source, { folder: to, chunkBudgetBytes: options.budget ?? BUDGET_BYTES })
  let done = 0
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    expect(step.value).toBeGreaterThan(done)
    done = step.value
  }
}

const takeAll = <T>(steps: Generator<unknown, T>): T => {
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
  }
}

const verify = (from: string) => verifySnapshot({ folder: from, nowMs: NOW_MS })

const restore = (from: string, db: Database = createMemoryDatabase()): Database => {
  const snapshot = verify(from)
  takeAll(restoreChunks(db, snapshot))
  restoreHead(db, snapshot)
  return db
}

const filesOf = (path: string): Map<string, string> =>
  new Map(
    readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter(name => statSync(join(path, name)).isFile())
      .sort()
      .map(name => [name, readFileSync(join(path, name), 'hex')]),
  )

const thrownBy = (action: () => unknown): unknown => {
  try {
    action()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

beforeAll(async () => {
  folder = await temporaryDirectory()
  good = inFolder('good')
  world = createEpochChain()
  world.grow(12n)
  write(world, good)
})
afterAll(() => removeDirectory(folder))

describe('a snapshot', () => {
  it('of a boundary is the same when it is made blocks later, past changes and deletions', () => {
    const later = createEpochChain()
    later.grow(12n)
    // Accounts of the snapshot change, and what staking keeps for a while goes.
    later.grow(15n)
    write(later, inFolder('later'))
    expect(filesOf(inFolder('later'))).toEqual(filesOf(good))
    later.grow(17n)
    write(later, inFolder('named'), { height: 12n })
    expect(filesOf(inFolder('named'))).toEqual(filesOf(good))
  })

  it('is in many chunks or few, and either is restored to the same database', () => {
    const few = write(world, inFolder('few'), { budget: 1_000_000 })
    const many = parseManifest(readFileSync(join(good, 'snapshot.json'), 'utf8'))
    expect(few.chunks).toHaveLength(1)
    expect(many.chunks.length).toBeGreaterThan(10)
    const [a, b] = [restore(good), restore(inFolder('few'))]
    for (const column of Object.values(COLUMNS)) expect(a.range(column, {})).toEqual(b.range(column, {}))
  })

  it('holds what a light client needs from the genesis on, and the block with its receipts', () => {
    const db = restore(good)
    const chain = openEpochChain(db)
    expect(chain.head).toEqual({ hash: world.blocks[12]?.hash, header: world.blocks[12]?.block.header })
    const [light, original] = [new LightQueries(chain, db), new LightQueries(world.chain, world.db)]
    for (const epoch of [0n, 1n, 2n]) expect(light.handOver(epoch)).toEqual(original.handOver(epoch))
    expect(light.handOver(3n)).toBeUndefined()
    checkStoredBlock(chain.store, db, 12n)
    expect(chain.store.receipts(12n)).toEqual(world.chain.store.receipts(12n))
    expect(chain.store.blockByHeight(0n)).toEqual(world.chain.store.blockByHeight(0n))
    expect(chain.store.keptFrom()).toBe(12n)
    expect(chain.store.blockByHeight(11n)).toBeUndefined()
  })

  it('restored, is a chain that takes the blocks of the original, to the same roots', async () => {
    const original = createEpochChain()
    original.grow(27n)
    const db = restore(good)
    const chain = openEpochChain(db)
    for (const { bytes, hash } of original.blocks.slice(13)) {
      await chain.check(bytes, async () => true)
      const { height } = chain.head.header
      chain.commit(hash, original.chain.store.certificate(height + 1n))
    }
    expect(chain.head.hash).toEqual(original.chain.head.hash)
    expect(chain.verifyState()).toEqual(original.chain.verifyState())
    // And of that a snapshot can be made again, as good as the original's.
    const restored = { ...original, db, chain: openEpochChain(db) }
    write(restored, inFolder('again'))
    write(original, inFolder('original'))
    expect(filesOf(inFolder('again'))).toEqual(filesOf(inFolder('original')))
  })
})

describe('making a snapshot', () => {
  const refusal = (action: () => unknown) => {
    const error = thrownBy(action)
    expect(error).toBeInstanceOf(SnapshotError)
    return error as SnapshotError
  }

  it('is refused before an epoch has ended, and of blocks that end none', () => {
    const young = createEpochChain()
    young.grow(3n)
    expect(refusal(() => write(young, inFolder('none')))).toMatchObject({
      code: 'no_boundary',
      message: 'no epoch has ended yet: the first ends with block 4, and the last block here is 3',
    })
    for (const height of [0n, 3n, 13n, 16n])
      expect(refusal(() => write(world, inFolder('none'), { height })).message).toContain(
        'does not end an epoch that is over: every 4th block ends one, the last here is 12',
      )
  })

  it('is refused with what to do when the state is no longer kept', () => {
    const forgetful = createEpochChain(2)
    forgetful.grow(6n)
    write(forgetful, inFolder('just'))
    forgetful.grow(7n)
    const { code, message } = refusal(() => write(forgetful, inFolder('none')))
    expect(code).toBe('no_boundary')
    expect(message).toContain('the state after block 4, which ended epoch 0, can no longer be read')
    expect(message).toContain('stop it soon after block 8')
  })

  it('leaves what is there as it is, and nothing of its own if it fails', () => {
    mkdirSync(inFolder('there'))
    expect(refusal(() => write(world, inFolder('there')))).toMatchObject({ code: 'exists' })
    mkdirSync(inFolder('other.partial'))
    writeFileSync(inFolder('other.partial/mine'), '')
    expect(refusal(() => write(world, inFolder('other')))).toMatchObject({ code: 'exists' })
    rmSync(inFolder('other.partial/mine'))
    write(world, inFolder('other'))
    expect(existsSync(inFolder('other.partial'))).toBe(false)
    const [entry] = world.db.range(COLUMNS.state, { limit: 1 })
    const [key, value] = entry as [Uint8Array, Uint8Array]
    world.db.write([{ column: COLUMNS.state, key, value: Uint8Array.of(1) }], { sync: false })
    expect(thrownBy(() => write(world, inFolder('none')))).toMatchObject({ code: 'corrupt' })
    world.db.write([{ column: COLUMNS.state, key, value }], { sync: false })
    expect(readdirSync(folder).filter(name => name.startsWith('none'))).toEqual([])
  })

  it('can be left in the middle, and leaves nothing', () => {
    const steps = writeSnapshot(openSnapshotSource(world.chain, world.db), {
      folder: inFolder('left'),
      chunkBudgetBytes: BUDGET_BYTES,
    })
    steps.next()
    expect(existsSync(inFolder('left.partial'))).toBe(true)
    steps.return(undefined as never)
    expect(readdirSync(folder).filter(name => name.startsWith('left'))).toEqual([])
  })
})

describe('a snapshot that was tampered with', () => {
  let bad: string
  beforeEach(() => {
    bad = inFolder('bad')
    rmSync(bad, { recursive: true, force: true })
    cpSync(good, bad, { recursive: true })
  })

  /** The file that a restore of `bad` names. */
  const namedFile = (): string | undefined => {
    const error = thrownBy(() => restore(bad))
    expect(error).toBeInstanceOf(SnapshotError)
    const { code, file, message } = error as SnapshotError
    expect(code).toBe('bad_file')
    expect(message).toContain(`${file} of the snapshot`)
    return file
  }
  const change = (name: string, how: (bytes: Buffer) => Uint8Array): void =>
    writeFileSync(join(bad, name), how(readFileSync(join(bad, name))))
  const changeJson = (
    how: (json: Record<string, unknown> & { chunks: Record<string, unknown>[] }) => void,
  ): void =>
    change('snapshot.json', bytes => {
      const json = JSON.parse(bytes.toString()) as Parameters<typeof how>[0]
      how(json)
      return Buffer.from(JSON.stringify(json))
    })
  const files = (): string[] => [...filesOf(good).keys()]

  it('is refused with the name of the file that is missing, empty, cut, longer or a folder', () => {
    for (const name of files()) {
      const original = readFileSync(join(bad, name))
      const forms: [string, () => void][] = [
        ['missing', () => rmSync(join(bad, name))],
        ['empty', () => writeFileSync(join(bad, name), '')],
        ['cut', () => writeFileSync(join(bad, name), original.subarray(0, -3))],
        ['longer', () => writeFileSync(join(bad, name), Buffer.concat([original, Buffer.from([1, 2, 3])]))],
        [
          'a folder',
          () => {
            rmSync(join(bad, name))
            mkdirSync(join(bad, name))
          },
        ],
      ]
      for (const [form, make] of forms) {
        make()
        expect(namedFile(), `${name}, ${form}`).toBe(name)
        rmSync(join(bad, name), { recursive: true, force: true })
        writeFileSync(join(bad, name), original)
      }
    }
    restore(bad)
  })

  it('is refused for a bit in any of its files: with the name of the file, or of the one that it speaks of', () => {
    for (const name of files()) {
      const original = readFileSync(join(bad, name))
      for (let at = 0; at < original.length; at += Math.max(1, Math.floor(original.length / 12))) {
        change(name, bytes => {
          bytes[at] = (bytes[at] as number) ^ 1
          return bytes
        })
        const named = namedFile()
        if (name === 'snapshot.json')
          expect(named).toMatch(/^(snapshot\.json|genesis\.json|hand-overs|chunks\/\w+)$/)
        else expect(named, `${name}, byte ${at}`).toBe(name)
        writeFileSync(join(bad, name), original)
      }
    }
  })

  it('is refused if two chunks are exchanged', () => {
    const [a, b] = files().filter(name => name.startsWith('chunks/')) as [string, string]
    const first = readFileSync(join(bad, a))
    writeFileSync(join(bad, a), readFileSync(join(bad, b)))
    writeFileSync(join(bad, b), first)
    expect(thrownBy(() => restore(bad))).toMatchObject({
      message: `2 files of the snapshot are missing or damaged: ${a}, ${b}. Fetch them again`,
    })
  })

  it('is refused if its list is of another height, root, chain or genesis, or of chunks that make another root', () => {
    const cases: [Parameters<typeof changeJson>[0], RegExp][] = [
      [json => (json['height'] = '8'), /hand-overs of the snapshot goes on after block 8/],
      [
        json => (json['height'] = '16'),
        /hand-overs of the snapshot ends with block 12, and snapshot.json says block 16/,
      ],
      [json => (json['height'] = '0'), /snapshot.json of the snapshot is damaged: height/],
      [
        json => (json['stateRoot'] = '00'.repeat(32)),
        /snapshot.json of the snapshot says another state root/,
      ],
      [
        json => (json['blockHash'] = '00'.repeat(32)),
        /snapshot.json of the snapshot says that block 12 has the hash/,
      ],
      [json => (json['genesisHash'] = '00'.repeat(32)), /genesis.json of the snapshot has the hash/],
      [json => (json['chainId'] = 'other'), /snapshot.json of the snapshot says chain "other"/],
      [json => (json['formatVersion'] = 2), /has format 2; this version of Vex knows 1: update it/],
      [json => json.chunks.pop(), /lists chunks that do not make the state root/],
      [json => json.chunks.reverse(), /lists chunks that overlap or are not in order/],
      [json => (json['extra'] = 1), /snapshot.json of the snapshot is damaged/],
      [
        json => ((json.chunks[0] as { bytes: number }).bytes = 2 ** 40),
        /snapshot.json of the snapshot is damaged/,
      ],
    ]
    for (const [how, expected] of cases) {
      changeJson(how)
      expect((thrownBy(() => restore(bad)) as Error).message).toMatch(expected)
      cpSync(join(good, 'snapshot.json'), join(bad, 'snapshot.json'))
    }
  })

  it('is refused if the votes are of other validators, or of another chain with the same ones', () => {
    const other = createEpochChain()
    other.add([{ kind: 'transfer', to: testAccount('somebody').address, amount: VEX }])
    other.grow(12n)
    write(other, inFolder('other-history'))
    // Each file is sound by itself.
    cpSync(inFolder('other-history/block'), join(bad, 'block'))
    expect(namedFile()).toBe('block')
    cpSync(inFolder('other-history/hand-overs'), join(bad, 'hand-overs'))
    expect(namedFile()).toBe('snapshot.json')
  })

  it('of another chain or block than was asked for is refused, before anything is looked for in it', () => {
    const { genesisHash: chain, blockHash } = verify(good).manifest
    expect(chain).toEqual(genesisHash(epochGenesis))
    const other = toHash(new Uint8Array(32))
    const ask = (options: object) => verifySnapshot({ folder: good, nowMs: NOW_MS, ...options })
    ask({ expectedGenesisHash: chain, expectedBlockHash: blockHash })
    expect(thrownBy(() => ask({ expectedGenesisHash: other }))).toMatchObject({ code: 'another_chain' })
    expect(thrownBy(() => ask({ expectedBlockHash: other }))).toMatchObject({
      code: 'another_chain',
      message: expect.stringContaining(
        `has the hash ${toHex(blockHash)}, not that of the checkpoint`,
      ) as unknown,
    })
  })

  it('from the future is refused: the clock is wrong, or the chain', () => {
    expect(thrownBy(() => verifySnapshot({ folder: good, nowMs: 1_600_000_000_000n }))).toMatchObject({
      file: 'hand-overs',
      message: expect.stringContaining('of a time that is not yet') as unknown,
    })
  })
})

describe('a restore', () => {
  it('goes on where it was: after a bad chunk with that one, after a failed write with the rest', () => {
    const bad = inFolder('resumed')
    cpSync(good, bad, { recursive: true })
    const names = [...filesOf(good).keys()].filter(name => name.startsWith('chunks/'))
    const victim = names[3] as string
    rmSync(join(bad, victim))
    const db = createMemoryDatabase()
    const snapshot = verify(bad)
    const heard: (string | undefined)[] = []
    expect(
      thrownBy(() => {
        for (const { bad: error } of restoreChunks(db, snapshot))
          if (error !== undefined) heard.push(error.file)
      }),
    ).toMatchObject({ code: 'bad_file', file: victim })
    expect(heard).toEqual([victim])
    expect(isRestored(db)).toBe(false)
    cpSync(join(good, victim), join(bad, victim))
    // Only the one is read: the others may be gone.
    for (const name of names) if (name !== victim) rmSync(join(bad, name))
    expect(takeAll(restoreChunks(db, snapshot))).toMatchObject({
      chunks: names.length,
      before: names.length - 1,
    })
    restoreHead(db, snapshot)
    expect(isRestored(db)).toBe(true)
    for (const column of Object.values(COLUMNS))
      expect(db.range(column, {})).toEqual(restore(good).range(column, {}))
  })

  it('that is killed between any two writes ends as one that is not', () => {
    const whole = restore(good)
    const snapshot = verify(good)
    for (let allowed = 0; ; allowed++) {
      const db = createMemoryDatabase()
      let writes = 0
      const failing: Database = {
        ...db,
        get: (column, key) => db.get(column, key),
        getMany: (column, keys) => db.getMany(column, keys),
        range: (column, options) => db.range(column, options),
        write(batch, options) {
          if (writes++ === allowed) throw new StorageError('io', 'killed')
          db.write(batch, options)
        },
      }
      try {
        takeAll(restoreChunks(failing, snapshot))
        restoreHead(failing, snapshot)
        expect(allowed).toBeGreaterThan(snapshot.manifest.chunks.length)
        return
      } catch (error) {
        expect(error).toMatchObject({ message: 'killed' })
      }
      expect(isRestored(db)).toBe(false)
      const { before } = takeAll(restoreChunks(db, snapshot))
      expect(before).toBe(Math.min(allowed, snapshot.manifest.chunks.length))
      restoreHead(db, snapshot)
      for (const column of Object.values(COLUMNS))
        expect(db.range(column, {})).toEqual(whole.range(column, {}))
    }
  })

  it('of hand-overs that change while it runs makes no head', () => {
    const moving = inFolder('moving')
    cpSync(good, moving, { recursive: true })
    const snapshot = verify(moving)
    const db = createMemoryDatabase()
    takeAll(restoreChunks(db, snapshot))
    const bytes = readFileSync(join(moving, 'hand-overs'))
    writeFileSync(join(moving, 'hand-overs'), bytes.subarray(0, 4 + bytes.readUInt32BE(0)))
    expect(thrownBy(() => restoreHead(db, snapshot))).toMatchObject({ file: 'hand-overs' })
    expect(isRestored(db)).toBe(false)
  })

  it('has nothing of the genesis state but what is still there', () => {
    const db = restore(good)
    expect(genesisChanges(epochGenesis).length).toBeGreaterThan(10)
    expect(db.range(COLUMNS.staleTreeNodes, {})).toEqual([])
    expect(db.range(COLUMNS.undo, {})).toEqual([])
    openEpochChain(db).verifyState()
  })
})
