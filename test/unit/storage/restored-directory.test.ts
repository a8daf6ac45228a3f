import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDataDirectory } from '../../../node/storage/data-directory.ts'
import { COLUMNS } from '../../../node/storage/database.ts'
import { openRestoredDirectory } from '../../../node/storage/restored-directory.ts'
import { toHash } from '../../../node/types/primitives.ts'

const hashOf = (n: number) => toHash(new Uint8Array(32).fill(n))
const ORIGIN = { snapshot: '/snapshots/one', genesisHash: hashOf(1), blockHash: hashOf(2) }
const CONTENTS = { genesis: 'the genesis', validatorKeys: 'secrets' }

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vex-restored-'))
  path = join(folder, 'data')
})
afterEach(() => rmSync(folder, { recursive: true }))

const openAsNode = () =>
  openDataDirectory(path, {
    create: () => {
      throw new Error('a new chain was begun')
    },
    hashGenesis: () => hashOf(1),
  })
/** Fills some of it, and ends as a process does that is killed. */
const begin = async () => {
  const { database } = await openRestoredDirectory(path, ORIGIN)
  database.write([{ column: COLUMNS.state, key: Uint8Array.of(1), value: Uint8Array.of(2) }], { sync: true })
  await database.close()
}

describe('a directory that is restored', () => {
  it('is a data directory once it is finished, with a key that only its owner reads', async () => {
    const restored = await openRestoredDirectory(path, ORIGIN)
    restored.finish(CONTENTS)
    await restored.database.close()
    expect(existsSync(join(path, 'restoring'))).toBe(false)
    expect(statSync(join(path, 'validator-key.json')).mode & 0o777).toBe(0o600)
    const { database, isNew, genesis, validatorKeys } = await openAsNode()
    await database.close()
    expect({ isNew, genesis, validatorKeys }).toEqual({ isNew: false, ...CONTENTS })
  })

  it('is no data directory until then: the refusal names the command that goes on', async () => {
    await begin()
    await expect(openAsNode()).rejects.toMatchObject({
      code: 'unfinished_restore',
      message: `${path} holds a snapshot that is not restored in full yet; go on with: vex state restore --from /snapshots/one --data-dir ${path}`,
    })
    const again = await openRestoredDirectory(path, ORIGIN)
    expect(again.database.get(COLUMNS.state, Uint8Array.of(1))).toEqual(Uint8Array.of(2))
    again.finish({ ...CONTENTS, validatorKeys: undefined })
    await again.database.close()
    expect(existsSync(join(path, 'validator-key.json'))).toBe(false)
  })

  it('that was killed between its last file and the mark is one, and the mark goes', async () => {
    const restored = await openRestoredDirectory(path, ORIGIN)
    restored.finish(CONTENTS)
    await restored.database.close()
    writeFileSync(
      join(path, 'restoring'),
      JSON.stringify({ snapshot: 'x', genesisHash: '01'.repeat(32), blockHash: '02'.repeat(32) }),
    )
    await (await openAsNode()).database.close()
    expect(existsSync(join(path, 'restoring'))).toBe(false)
  })

  it('may be there if it is empty, or all there is in it is what a kill in the very first write left', async () => {
    mkdirSync(path)
    writeFileSync(join(path, 'restoring.new'), '{"snap')
    await begin()
  })

  it('is refused, and left as it is, if another state, a chain or anything else is in it', async () => {
    await begin()
    const refusal = (origin: typeof ORIGIN) =>
      expect(openRestoredDirectory(path, origin)).rejects.toMatchObject({
        code: 'not_empty',
        message: expect.stringContaining('holds part of another snapshot') as string,
      })
    await refusal({ ...ORIGIN, blockHash: hashOf(3) })
    await refusal({ ...ORIGIN, genesisHash: hashOf(3) })
    writeFileSync(join(path, 'restoring'), '{"snap')
    await expect(openRestoredDirectory(path, ORIGIN)).rejects.toMatchObject({ code: 'corrupt' })
    rmSync(join(path, 'restoring'))
    await expect(openRestoredDirectory(path, ORIGIN)).rejects.toMatchObject({
      code: 'not_empty',
      message: `${path} holds db: give a directory that does not exist, or an empty one. Nothing was changed`,
    })
    expect(existsSync(join(path, 'restoring'))).toBe(false)
  })

  it('is locked while it is filled', async () => {
    const first = await openRestoredDirectory(path, ORIGIN)
    await expect(openRestoredDirectory(path, ORIGIN)).rejects.toMatchObject({ code: 'locked' })
    await first.database.close()
  })
})
