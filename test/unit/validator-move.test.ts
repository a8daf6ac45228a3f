/** What a directory knows of a key's votes, and what a move makes of it. */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openFloor, readFloor } from '../../node/consensus/floor.ts'
import { recordCodec, type StoredRecord } from '../../node/consensus/records.ts'
import { isRetired, markOfRecords } from '../../node/consensus/signed-mark.ts'
import { signerOwner } from '../../node/consensus/signer-owner.ts'
import { openLog } from '../../node/consensus/wal.ts'
import { blsPublicKeyOf } from '../../node/crypto/bls.ts'
import { createValidatorKeys, formatValidatorKeys } from '../../node/validator-keys.ts'
import {
  enterDirectory,
  leaveDirectory,
  type MovingValidator,
  openMove,
  readSigned,
  sealMove,
} from '../../node/validator-move.ts'
import { removeDirectory, temporaryDirectory } from '../support/running-node.ts'

const CHAIN = { chainId: 'moves', genesisHash: new Uint8Array(32).fill(9) }
const keys = createValidatorKeys(new Uint8Array(64).fill(5))
const voteKey = blsPublicKeyOf(keys.voteSecretKey)
const stranger = blsPublicKeyOf(createValidatorKeys(new Uint8Array(64).fill(6)).voteSecretKey)
const NOBODY = new Uint8Array(48)
const OWNER = signerOwner(CHAIN.chainId, voteKey)
const CHEAP = { kdf: { name: 'scrypt', n: 2 ** 13, r: 8, p: 2 } } as const

let folder: string
let made = 0
beforeAll(async () => {
  folder = await temporaryDirectory()
})
afterAll(() => removeDirectory(folder))

const ownerOf = (key: Uint8Array): StoredRecord => ({
  kind: 'owner',
  chainId: CHAIN.chainId,
  epoch: 0n,
  voteKey: key,
})
const vote = (epoch: bigint, view: bigint): StoredRecord => ({
  kind: 'vote',
  statement: { kind: 'nullify', epoch, view, hash: undefined },
})

/** A directory with these records in its log, and a floor. */
const directory = async (
  records?: readonly StoredRecord[],
  floorAt?: { epoch: bigint; view: bigint },
  owner: Uint8Array = OWNER,
): Promise<string> => {
  const path = join(folder, `d${made++}`)
  mkdirSync(path)
  if (records !== undefined) {
    const log = await openLog(join(path, 'consensus.log'))
    for (const record of records) log.append(recordCodec.encode(record))
    await log.sync()
    await log.close()
  }
  if (floorAt !== undefined) {
    const floor = await openFloor({ path: join(path, 'signer.floor'), owner })
    floor.raise({ ...floorAt, kinds: 1 })
    await floor.close()
  }
  return path
}
const signedIn = (path: string, hasBlocks = true) =>
  readSigned(path, { chainId: CHAIN.chainId, voteKey, hasBlocks })
const moving = (signed: MovingValidator['signed']): MovingValidator => ({
  ...CHAIN,
  keys,
  signed,
  nodeKey: new Uint8Array(32).fill(1),
})
const enter = (path: string, validator = moving({ epoch: 3n, view: 8n })) =>
  enterDirectory(path, CHAIN, validator, formatValidatorKeys(keys))
const recordsOf = async (path: string): Promise<StoredRecord[]> => {
  const log = await openLog(join(path, 'consensus.log'))
  await log.close()
  return log.recovered.map(record => recordCodec.decode(record))
}

describe('up to where a key has signed', () => {
  it('is nowhere in a directory that never made a block', async () => {
    expect(signedIn(await directory(), false)).toBeNull()
    expect(signedIn(await directory([ownerOf(voteKey)]))).toBeNull()
  })

  it('is the higher of what log and floor know', async () => {
    const log = [ownerOf(voteKey), vote(2n, 7n), vote(2n, 5n)]
    expect(signedIn(await directory(log))).toEqual({ epoch: 2n, view: 7n })
    expect(signedIn(await directory(log, { epoch: 2n, view: 6n }))).toEqual({ epoch: 2n, view: 7n })
    expect(signedIn(await directory(log, { epoch: 3n, view: 1n }))).toEqual({ epoch: 3n, view: 1n })
    expect(signedIn(await directory([ownerOf(voteKey), { kind: 'sealed', epoch: 4n, view: 2n }]))).toEqual({
      epoch: 4n,
      view: 2n,
    })
  })

  it.each<[string, () => Promise<string>, string]>([
    ['without a log, though there are blocks', () => directory(), 'log_missing'],
    [
      'without a log, though there is a floor',
      () => directory(undefined, { epoch: 1n, view: 1n }),
      'log_missing',
    ],
    ['with another’s log', () => directory([ownerOf(stranger), vote(1n, 1n)]), 'log_foreign'],
    ['with a follower’s log', () => directory([ownerOf(NOBODY)]), 'log_foreign'],
    [
      'with another’s floor',
      () => directory([ownerOf(voteKey)], { epoch: 1n, view: 1n }, signerOwner(CHAIN.chainId, stranger)),
      'log_foreign',
    ],
  ])('is not known %s', async (_, make, code) => {
    const path = await make()
    expect(() => signedIn(path)).toThrow(expect.objectContaining({ code }))
  })
})

describe('leaving', () => {
  it('raises the floor above everything and takes the key away', async () => {
    const path = await directory([ownerOf(voteKey), vote(2n, 7n)], { epoch: 2n, view: 7n })
    writeFileSync(join(path, 'validator-key.json'), formatValidatorKeys(keys))
    await leaveDirectory(path, CHAIN.chainId, voteKey)
    expect(existsSync(join(path, 'validator-key.json'))).toBe(false)
    const floor = readFloor(readFileSync(join(path, 'signer.floor')), 'it')
    expect(floor && isRetired(floor.mark)).toBe(true)
    expect(() => signedIn(path)).toThrow(expect.objectContaining({ code: 'moved_away' }))
  })
})

describe('arriving', () => {
  it.each<[string, () => Promise<string>]>([
    ['where nothing was voted', () => directory()],
    ['in a follower’s directory', () => directory([ownerOf(NOBODY)])],
    [
      'where an arrival was interrupted',
      () => directory([ownerOf(voteKey), { kind: 'sealed', epoch: 3n, view: 8n }], { epoch: 3n, view: 8n }),
    ],
  ])('%s: the log seals what was signed, and covers the floor', async (_, make) => {
    const path = await make()
    await enter(path)
    const records = await recordsOf(path)
    expect(records).toEqual([
      { kind: 'owner', chainId: CHAIN.chainId, epoch: 3n, voteKey },
      { kind: 'sealed', epoch: 3n, view: 8n },
    ])
    const known = markOfRecords(records.filter(record => record.kind !== 'owner'))
    expect(readFloor(readFileSync(join(path, 'signer.floor')), 'it')?.mark).toEqual(known)
    expect(readFileSync(join(path, 'validator-key.json'), 'utf8')).toBe(formatValidatorKeys(keys))
    expect(statSync(join(path, 'validator-key.json')).mode & 0o777).toBe(0o600)
    // And can leave again.
    expect(signedIn(path)).toEqual({ epoch: 3n, view: 8n })
  })

  it('a key that never signed needs no log', async () => {
    const path = await directory()
    await enter(path, moving(null))
    expect([existsSync(join(path, 'consensus.log')), existsSync(join(path, 'signer.floor'))]).toEqual([
      false,
      false,
    ])
  })

  it.each<[string, () => Promise<string>, Partial<MovingValidator>, string]>([
    ['where the key has voted', () => directory([ownerOf(voteKey), vote(1n, 1n)]), {}, 'has_voted'],
    ['where another has voted', () => directory([ownerOf(stranger)]), {}, 'has_voted'],
    ['in another chain', () => directory(), { chainId: 'other' }, 'other_chain'],
    ['in a chain of the same name', () => directory(), { genesisHash: new Uint8Array(32) }, 'other_chain'],
  ])('is refused %s', async (_, make, change, code) => {
    const path = await make()
    await expect(enter(path, { ...moving({ epoch: 3n, view: 8n }), ...change })).rejects.toMatchObject({
      code,
    })
    expect(existsSync(join(path, 'validator-key.json'))).toBe(false)
  })

  it('is refused where other keys lie', async () => {
    const path = await directory()
    writeFileSync(join(path, 'validator-key.json'), '{}')
    await expect(enter(path)).rejects.toMatchObject({ code: 'has_voted' })
    rmSync(join(path, 'validator-key.json'))
    await enter(path)
  })
})

describe('the file of a move', () => {
  it('comes back with its password, and its mark cannot be lowered', async () => {
    const validator = moving({ epoch: 3n, view: 8n })
    const text = await sealMove(validator, 'a good password', CHEAP)
    expect(await openMove(text, 'a good password', 'it')).toEqual(validator)
    await expect(openMove(text, 'another password', 'it')).rejects.toMatchObject({ code: 'wrong_password' })
    const lowered = text.replace('"view": "8"', '"view": "7"')
    expect(lowered).not.toBe(text)
    await expect(openMove(lowered, 'a good password', 'it')).rejects.toMatchObject({ code: 'tampered' })
    const never = await sealMove({ ...moving(null), nodeKey: undefined }, 'a good password', CHEAP)
    expect(await openMove(never, 'a good password', 'it')).toMatchObject({ signed: null, nodeKey: undefined })
  })
})
