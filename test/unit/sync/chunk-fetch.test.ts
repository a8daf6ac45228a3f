/** The chunks of a snapshot, of whom the peers have only some. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chunkFile } from '../../../node/snapshot/manifest.ts'
import { ChunkFetch, type ProvedChunk } from '../../../node/sync/chunk-fetch.ts'
import type { DriveEffect } from '../../../node/sync/drive.ts'
import {
  type ListedSnapshot,
  snapshotPartAnswerCodec,
  snapshotPartRequestCodec,
} from '../../../node/sync/messages.ts'
import { openSnapshotShelf } from '../../../node/sync/snapshot-shelf.ts'
import { createEpochChain } from '../../support/epoch-chain.ts'
import { removeDirectory, temporaryDirectory } from '../../support/running-node.ts'
import { write } from '../snapshot/snapshot-folder.ts'

const world = createEpochChain()
const PATIENCE_MS = 10_000
let shelf = ''
beforeAll(async () => {
  world.grow(4n)
  shelf = await temporaryDirectory()
})
afterAll(() => removeDirectory(shelf))

describe('chunks from a peer that has all but one', () => {
  it('are stored before it is said that one cannot be had', () => {
    const { chunks } = write(world, join(shelf, '4'), { height: 4n })
    const [snapshot] = openSnapshotShelf(shelf).list() as [ListedSnapshot]
    const [lacking, ...others] = chunks.slice(0, 3)
    if (lacking === undefined) throw new Error('the snapshot has no chunk')
    const fetch = new ChunkFetch({
      snapshot,
      missing: [lacking, ...others],
      holders: new Set(['holder']),
      patienceMs: PATIENCE_MS,
    })
    const stored: string[] = []
    let failure: unknown
    let nowMs = 0
    const handle = (effects: readonly DriveEffect<ProvedChunk>[]): void => {
      for (const effect of effects)
        if (effect.kind === 'request') {
          const { file } = snapshotPartRequestCodec.decode(effect.body)
          if (file === chunkFile(lacking.prefix)) {
            handle(fetch.step({ kind: 'failure', id: effect.id, code: 'refused' }, nowMs))
            continue
          }
          const whole = readFileSync(join(shelf, '4', file))
          const bytes = snapshotPartAnswerCodec.encode({ fileBytes: BigInt(whole.length), bytes: whole })
          handle(fetch.step({ kind: 'answer', id: effect.id, bytes }, nowMs))
        } else if (effect.kind === 'work') stored.push(effect.work.listed.prefix)
        else if (effect.kind === 'fail') failure = effect.error
    }
    const { hash, header } = world.chain.head
    const holder = {
      id: 'holder',
      kind: 'full',
      head: { height: header.height, hash },
      keptFrom: 0n,
    } as const
    handle(fetch.step({ kind: 'peers', peers: [holder] }, nowMs))
    // The first is on its way to the disk all the while.
    for (let at = fetch.nextAtMs(nowMs); at !== undefined; at = fetch.nextAtMs(nowMs)) {
      expect(at).toBeGreaterThan(nowMs)
      nowMs = at
      handle(fetch.step({ kind: 'time' }, nowMs))
    }
    nowMs += 10 * PATIENCE_MS
    expect([stored.length, failure]).toEqual([1, undefined])
    for (const _ of others) handle(fetch.step({ kind: 'worked' }, nowMs))
    expect(stored).toEqual(others.map(({ prefix }) => prefix))
    expect(failure).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(chunkFile(lacking.prefix)),
    })
  })
})
