import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LightQueries } from '../../../node/chain/light-queries.ts'
import { checkStoredBlock } from '../../../node/chain/stored-blocks.ts'
import { SnapshotError } from '../../../node/snapshot/error.ts'
import { parseManifest } from '../../../node/snapshot/manifest.ts'
import { openSnapshotSource } from '../../../node/snapshot/source.ts'
import { writeSnapshot } from '../../../node/snapshot/write.ts'
import { COLUMNS } from '../../../node/storage/database.ts'
import { createEpochChain, openEpochChain } from '../../support/epoch-chain.ts'
import { BUDGET_BYTES, filesOf, restore, thrownBy, write, useSnapshotFolder } from './snapshot-folder.ts'

const shared = useSnapshotFolder()

describe('a snapshot', () => {
  it('of a boundary is the same when it is made blocks later, past changes and deletions', () => {
    const later = createEpochChain()
    later.grow(12n)
    // Accounts of the snapshot change, and what staking keeps for a while goes.
    later.grow(15n)
    write(later, shared.in('later'))
    expect(filesOf(shared.in('later'))).toEqual(filesOf(shared.good))
    later.grow(17n)
    write(later, shared.in('named'), { height: 12n })
    expect(filesOf(shared.in('named'))).toEqual(filesOf(shared.good))
  })

  it('is in many chunks or few, and either is restored to the same database', () => {
    const few = write(shared.world, shared.in('few'), { budget: 1_000_000 })
    const many = parseManifest(readFileSync(join(shared.good, 'snapshot.json'), 'utf8'))
    expect(few.chunks).toHaveLength(1)
    expect(many.chunks.length).toBeGreaterThan(10)
    const [a, b] = [restore(shared.good), restore(shared.in('few'))]
    for (const column of Object.values(COLUMNS)) expect(a.range(column, {})).toEqual(b.range(column, {}))
  })

  it('holds what a light client needs from the genesis on, and the block with its receipts', () => {
    const db = restore(shared.good)
    const chain = openEpochChain(db)
    expect(chain.head).toEqual({
      hash: shared.world.blocks[12]?.hash,
      header: shared.world.blocks[12]?.header,
    })
    const [light, original] = [
      new LightQueries(chain, db),
      new LightQueries(shared.world.chain, shared.world.db),
    ]
    for (const epoch of [0n, 1n, 2n]) expect(light.handOver(epoch)).toEqual(original.handOver(epoch))
    expect(light.handOver(3n)).toBeUndefined()
    checkStoredBlock(chain.store, db, 12n)
    expect(chain.store.receipts(12n)).toEqual(shared.world.chain.store.receipts(12n))
    expect(chain.store.blockByHeight(0n)).toEqual(shared.world.chain.store.blockByHeight(0n))
    expect(chain.store.keptFrom()).toBe(12n)
    expect(chain.store.blockByHeight(11n)).toBeUndefined()
  })

  it('restored, is a chain that takes the blocks of the original, to the same roots', async () => {
    const original = createEpochChain()
    original.grow(27n)
    const db = restore(shared.good)
    const chain = openEpochChain(db)
    for (const { bytes, hash } of original.blocks.slice(13)) {
      await chain.check(bytes, async () => true)
      const { height } = chain.head.header
      chain.commit(hash, original.chain.store.certificate(height + 1n))
    }
    expect(chain.head.hash).toEqual(original.chain.head.hash)
    expect(chain.verifyState()).toEqual(original.chain.verifyState())
    // And of that a snapshot can be made again, as shared.good as the original's.
    const restored = { ...original, db, chain: openEpochChain(db) }
    write(restored, shared.in('again'))
    write(original, shared.in('original'))
    expect(filesOf(shared.in('again'))).toEqual(filesOf(shared.in('original')))
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
    expect(refusal(() => write(young, shared.in('none')))).toMatchObject({
      code: 'no_boundary',
      message: 'no epoch has ended yet: the first ends with block 4, and the last block here is 3',
    })
    for (const height of [0n, 3n, 13n, 16n])
      expect(refusal(() => write(shared.world, shared.in('none'), { height })).message).toContain(
        'does not end an epoch that is over: every 4th block ends one, the last here is 12',
      )
  })

  it('is refused with what to do when the state is no longer kept', () => {
    const forgetful = createEpochChain(2)
    forgetful.grow(6n)
    write(forgetful, shared.in('just'))
    forgetful.grow(7n)
    const { code, message } = refusal(() => write(forgetful, shared.in('none')))
    expect(code).toBe('no_boundary')
    expect(message).toContain('the state after block 4, which ended epoch 0, can no longer be read')
    expect(message).toContain('stop it soon after block 8')
  })

  it('leaves what is there as it is, and nothing of its own if it fails', () => {
    mkdirSync(shared.in('there'))
    expect(refusal(() => write(shared.world, shared.in('there')))).toMatchObject({ code: 'exists' })
    mkdirSync(shared.in('other.partial'))
    writeFileSync(shared.in('other.partial/mine'), '')
    expect(refusal(() => write(shared.world, shared.in('other')))).toMatchObject({ code: 'exists' })
    rmSync(shared.in('other.partial/mine'))
    write(shared.world, shared.in('other'))
    expect(existsSync(shared.in('other.partial'))).toBe(false)
    const [entry] = shared.world.db.range(COLUMNS.state, { limit: 1 })
    const [key, value] = entry as [Uint8Array, Uint8Array]
    shared.world.db.write([{ column: COLUMNS.state, key, value: Uint8Array.of(1) }], { sync: false })
    expect(thrownBy(() => write(shared.world, shared.in('none')))).toMatchObject({ code: 'corrupt' })
    shared.world.db.write([{ column: COLUMNS.state, key, value }], { sync: false })
    expect(readdirSync(shared.path).filter(name => name.startsWith('none'))).toEqual([])
  })

  it('can be left in the middle, and leaves nothing', () => {
    const steps = writeSnapshot(openSnapshotSource(shared.world.chain, shared.world.db), {
      folder: shared.in('left'),
      chunkBudgetBytes: BUDGET_BYTES,
    })
    steps.next()
    expect(existsSync(shared.in('left.partial'))).toBe(true)
    steps.return(undefined as never)
    expect(readdirSync(shared.path).filter(name => name.startsWith('left'))).toEqual([])
  })
})
