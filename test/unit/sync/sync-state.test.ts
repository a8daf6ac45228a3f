/** A data directory made of a snapshot that peers serve, some of whom tamper with it. */
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RequestHandler } from '../../../node/network/ports.ts'
import { SNAPSHOT_FILES } from '../../../node/snapshot/manifest.ts'
import { openDataDirectory } from '../../../node/storage/data-directory.ts'
import { fetchSnapshot } from '../../../node/sync/fetch-snapshot.ts'
import { snapshotPartAnswerCodec, snapshotPartRequestCodec } from '../../../node/sync/messages.ts'
import { createSyncHandlers } from '../../../node/sync/serve.ts'
import { openSnapshotShelf } from '../../../node/sync/snapshot-shelf.ts'
import { syncState } from '../../../node/sync/sync-state.ts'
import { genesisHash } from '../../../node/types/genesis.ts'
import { toHash } from '../../../node/types/primitives.ts'
import { createEpochChain, epochGenesis, openEpochChain } from '../../support/epoch-chain.ts'
import { removeDirectory, temporaryDirectory } from '../../support/running-node.ts'
import { BUDGET_BYTES, filesOf, NOW_MS, write } from '../snapshot/snapshot-folder.ts'
import { createMemoryRequests, type MemoryPeer } from './memory-requests.ts'

const world = createEpochChain()
let path = ''
let run = 0
const within = (name: string): string => join(path, name)

beforeAll(async () => {
  path = await temporaryDirectory()
  world.grow(12n)
  for (const height of [8n, 12n]) write(world, within(`shelf/${height}`), { height })
})
afterAll(() => removeDirectory(path))
beforeEach(() => {
  run++
  // Peers are asked no faster than they like: that is waited for in no time.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] })
  vi.setTimerTickMode('nextTimerAsync')
})
afterEach(() => void vi.useRealTimers())

const peer = (id: string, give?: MemoryPeer['give'], shelf = 'shelf'): MemoryPeer => ({
  id,
  chain: world.chain,
  handlers: createSyncHandlers({ chain: world.chain, snapshots: openSnapshotShelf(within(shelf)) }),
  give,
})
/** Changes the last byte of what it gives of a file. */
const tamperingWith = (isVictim: (count: number) => boolean): MemoryPeer['give'] => {
  let count = 0
  return (name, answer) => {
    if (name !== 'snapshotPart' || !isVictim(++count)) return answer
    const { fileBytes, bytes } = snapshotPartAnswerCodec.decode(answer)
    return snapshotPartAnswerCodec.encode({
      fileBytes,
      bytes: bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte)),
    })
  }
}
const optionsFor = (peers: readonly MemoryPeer[], signal = new AbortController().signal) => ({
  requests: createMemoryRequests(peers),
  genesisHash: genesisHash(epochGenesis),
  folder: within(`fetched-${run}`),
  nowMs: () => NOW_MS,
  patienceMs: 300,
  pause: (ms: number) => new Promise(resolve => setTimeout(resolve, ms)),
  signal,
})
const chunkCount = (): number => readdirSync(within('shelf/12/chunks')).length

describe('a state sync', () => {
  it('takes the newest snapshot, byte for byte', async () => {
    const options = optionsFor([peer('a'), peer('b')])
    const heard: number[] = []
    const { manifest } = await fetchSnapshot({ ...options, onProgress: ({ chunks }) => heard.push(chunks) })
    expect(manifest.height).toBe(12n)
    expect(filesOf(options.folder)).toEqual(filesOf(within('shelf/12')))
    expect(heard).toEqual(Array.from({ length: chunkCount() + 1 }, (_, i) => i))
    expect(options.requests.asked.filter(asked => asked.endsWith('of b')).length).toBeGreaterThan(5)
    expect(options.requests.reports).toEqual([])
  })

  it.each([1, 2, 3, 4, 5, 6, 9])(
    'names who tampers with the file it gives as number %i, and has it from another',
    async victim => {
      const options = optionsFor([
        peer(
          'bad',
          tamperingWith(count => count === victim),
        ),
        peer('good'),
      ])
      await fetchSnapshot(options)
      expect(filesOf(options.folder)).toEqual(filesOf(within('shelf/12')))
      expect(options.requests.reports).toEqual([expect.stringMatching(/^invalid of bad: /)])
    },
  )

  it('believes no other list of chunks than the one that was offered: those who have that would look like liars', async () => {
    write(world, within('coarse/12'), { height: 12n, budget: 4 * BUDGET_BYTES })
    const [fine, coarse] = ['shelf', 'coarse'].map(shelf => openSnapshotShelf(within(shelf)).list()[0])
    if (fine === undefined || coarse === undefined) throw new Error('nothing is listed')
    const { manifestHash } = coarse
    const [good, other] = [peer('good'), peer('bad', undefined, 'coarse')]
    const bad: MemoryPeer = {
      ...other,
      handlers: {
        snapshots: good.handlers.snapshots as RequestHandler,
        snapshotPart: async (body, from, signal) => {
          const request = { ...snapshotPartRequestCodec.decode(body), manifestHash }
          return other.handlers.snapshotPart?.(snapshotPartRequestCodec.encode(request), from, signal)
        },
      },
    }
    const options = optionsFor([bad, good])
    expect(manifestHash).not.toEqual(fine.manifestHash)
    await fetchSnapshot(options)
    expect(filesOf(options.folder)).toEqual(filesOf(within('shelf/12')))
    expect(options.requests.reports).toEqual([
      expect.stringMatching(/^invalid of bad: .*not the one that was offered$/),
    ])
  })

  it('makes a directory that a chain opens, with the state of the block', async () => {
    const options = {
      ...optionsFor([
        peer(
          'bad',
          tamperingWith(count => count === 7),
        ),
        peer('good'),
      ]),
      dataDirectory: within('made'),
    }
    const { height, blockHash } = await syncState(options)
    expect({ height, blockHash }).toEqual({ height: 12n, blockHash: world.chain.head.hash })
    expect(existsSync(options.folder)).toBe(false)
    const directory = await openDataDirectory(options.dataDirectory, {
      create: () => {
        throw new Error('it is there')
      },
      hashGenesis: () => genesisHash(epochGenesis),
    })
    const chain = openEpochChain(directory.database)
    expect(chain.head).toEqual(world.chain.head)
    chain.verifyState()
    await directory.database.close()
  })

  it('that was killed goes on with what it has, and looks at that first', async () => {
    const stopping = new AbortController()
    const options = optionsFor([peer('a')], stopping.signal)
    const half = Math.floor(chunkCount() / 2)
    const stopped = fetchSnapshot({
      ...options,
      onProgress: ({ chunks }) => chunks === half && stopping.abort(),
    })
    await expect(stopped).rejects.toMatchObject({ name: 'SyncError', code: 'aborted' })
    const there = readdirSync(join(options.folder, SNAPSHOT_FILES.chunks)).filter(
      name => !name.endsWith('.part'),
    )
    expect(there.length).toBeGreaterThanOrEqual(half)
    expect(there.length).toBeLessThan(chunkCount())
    const victim = join(options.folder, SNAPSHOT_FILES.chunks, there[0] as string)
    writeFileSync(
      victim,
      readFileSync(victim).map(byte => byte ^ 1),
    )
    const again = optionsFor([peer('a')])
    await fetchSnapshot(again)
    expect(again.requests.asked.filter(asked => asked.startsWith('snapshotPart'))).toHaveLength(
      chunkCount() - there.length + 1,
    )
    for (const [name, bytes] of filesOf(within('shelf/12')))
      expect([name, filesOf(options.folder).get(name)]).toEqual([name, bytes])
  })

  it('goes on with the one that it has begun, as long as somebody has that', async () => {
    cpSync(within('shelf/8'), within('old/8'), { recursive: true })
    const stopping = new AbortController()
    const begun = optionsFor([peer('a', undefined, 'old')], stopping.signal)
    await expect(
      fetchSnapshot({ ...begun, onProgress: ({ chunks }) => chunks === 3 && stopping.abort() }),
    ).rejects.toThrow()
    expect((await fetchSnapshot(optionsFor([peer('a')]))).manifest.height).toBe(8n)
  })

  it('takes an older one where the newest cannot be had', async () => {
    const give: MemoryPeer['give'] = tamperingWith(count => count === 5)
    const options = optionsFor([peer('bad', give), peer('old', undefined, 'old')])
    expect((await fetchSnapshot(options)).manifest.height).toBe(8n)
  })

  it('says that nobody has any that holds', async () => {
    const nobody = optionsFor([peer('a', undefined, 'nothing')])
    await expect(fetchSnapshot(nobody)).rejects.toMatchObject({ code: 'no_snapshot' })
    const liars = optionsFor([
      peer(
        'a',
        tamperingWith(() => true),
      ),
      peer(
        'b',
        tamperingWith(() => true),
      ),
    ])
    await expect(fetchSnapshot(liars)).rejects.toMatchObject({ code: 'no_snapshot' })
    expect(liars.requests.reports).toHaveLength(2)
    const foreign = { ...optionsFor([peer('a')]), genesisHash: toHash(new Uint8Array(32)) }
    await expect(fetchSnapshot(foreign)).rejects.toMatchObject({ code: 'no_snapshot' })
  })

  it('holds to a checkpoint', async () => {
    const fetchWith = (height: bigint, hash = world.blocks[Number(height)]?.hash) =>
      fetchSnapshot({
        ...optionsFor([peer('a')]),
        checkpoint: { height, hash: toHash(hash ?? new Uint8Array(32)) },
        folder: within(`checked-${height}-${hash?.[0]}`),
      })
    for (const height of [4n, 12n, 20n]) expect((await fetchWith(height)).manifest.height).toBe(12n)
    const other = toHash(new Uint8Array(32).fill(1))
    await expect(fetchWith(4n, other)).rejects.toMatchObject({ code: 'wrong_checkpoint' })
    // An older one says nothing about that block: the block sync does.
    expect((await fetchWith(12n, other)).manifest.height).toBe(8n)
    await expect(fetchWith(5n)).rejects.toMatchObject({
      code: 'wrong_checkpoint',
      message: expect.stringContaining('trust the last block of an epoch'),
    })
  })

  it('leaves a folder alone that holds something else', async () => {
    const options = optionsFor([peer('a')])
    cpSync(within('shelf'), options.folder, { recursive: true })
    await expect(fetchSnapshot(options)).rejects.toMatchObject({ code: 'exists' })
    expect(existsSync(join(options.folder, '12'))).toBe(true)
  })
})

describe('a shelf', () => {
  it('gives no other file than those of its snapshots', async () => {
    const shelf = openSnapshotShelf(within('shelf'))
    const [listed] = shelf.list()
    if (listed === undefined) throw new Error('nothing is listed')
    writeFileSync(within('secret'), 'secret')
    const read = (file: string, offset = 0n) => shelf.read({ ...listed, file, offset }, 100)
    expect(await read('snapshot.json')).toMatchObject({ bytes: { length: 100 } })
    for (const file of [
      '../../secret',
      'chunks/../../../secret',
      '/etc/hostname',
      'chunks',
      '',
      'chunks/',
      'chunks/zz',
      'snapshot.json/',
    ])
      expect([file, await read(file)]).toEqual([file, undefined])
    expect(await read('block', 1n << 40n)).toBeUndefined()
    expect(
      await shelf.read({ ...listed, manifestHash: toHash(new Uint8Array(32)), file: 'block', offset: 0n }, 9),
    ).toBeUndefined()
  })

  it('lists whole snapshots only', () => {
    cpSync(within('shelf'), within('mixed'), { recursive: true })
    cpSync(within('shelf/8'), within('mixed/16.partial'), { recursive: true })
    cpSync(within('shelf/8'), within('mixed/20'), { recursive: true })
    writeFileSync(within('mixed/24'), '')
    expect(
      openSnapshotShelf(within('mixed'))
        .list()
        .map(({ height }) => height),
    ).toEqual([12n, 8n])
  })
})
