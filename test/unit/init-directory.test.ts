/** A node's directory before its first start: made once, whole, and never over anybody's keys. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { devGenesis } from '../../node/dev.ts'
import { initDirectory, type InitOptions, readNodeKey } from '../../node/init-directory.ts'
import { createValidatorKeys, formatValidatorKeys } from '../../node/validator-keys.ts'
import { removeDirectory, startTestNode, temporaryDirectory } from '../support/running-node.ts'

let folder: string
let made = 0
beforeAll(async () => {
  folder = await temporaryDirectory()
})
afterAll(() => removeDirectory(folder))

const freshPath = (): string => join(folder, `node${made++}`)
const keys = createValidatorKeys(new Uint8Array(64).fill(3))
const genesis = devGenesis(keys, 1_700_000_000_000n, 'init')
const init = (path: string, options: Partial<InitOptions> = {}) =>
  initDirectory({ path, genesis, kind: 'validator', bootstrap: [], ...options })
const keyText = (path: string): string => readFileSync(join(path, 'validator-key.json'), 'utf8')
const withKeys = (): string => {
  const path = freshPath()
  mkdirSync(path)
  writeFileSync(join(path, 'validator-key.json'), formatValidatorKeys(keys), { mode: 0o600 })
  return path
}

describe('a node’s directory', () => {
  it('holds genesis, keys and settings, the keys for the owner only', async () => {
    const path = freshPath()
    await init(path, { validatorKeys: keys })
    expect(readdirSync(path).filter(name => !name.startsWith('db'))).toEqual([
      'config.json',
      'format.json',
      'genesis.json',
      'node.key',
      'validator-key.json',
    ])
    for (const name of ['node.key', 'validator-key.json'])
      expect(statSync(join(path, name)).mode & 0o777).toBe(0o600)
    const node = await startTestNode(path)
    expect(node.node).toMatchObject({ isNew: false, chainId: 'init' })
    await node.stop()
  })

  it('of a validator behind sentries has settings that name them', async () => {
    const path = freshPath()
    const sentries = ['/ip4/1.2.3.4/tcp/5/p2p/12D3KooWCa59e79USKynjyvsxTRLBJzjm341yxCUGhkhWaWe77eU']
    await init(path, { sentries })
    const { network } = JSON.parse(readFileSync(join(path, 'config.json'), 'utf8')) as { network: unknown }
    expect(network).toMatchObject({ listen: [], persistentPeers: sentries, onlyPeers: true })
  })

  it('keeps the keys that lie there', async () => {
    const path = withKeys()
    expect((await init(path))?.operatorPublicKey).toEqual(keys.operatorPublicKey)
    expect(keyText(path)).toBe(formatValidatorKeys(keys))
  })

  it('of a full node has no validator keys', async () => {
    const path = freshPath()
    expect(await init(path, { kind: 'full' })).toBeUndefined()
    expect(existsSync(join(path, 'validator-key.json'))).toBe(false)
  })

  it('is made once', async () => {
    const path = freshPath()
    await init(path)
    const before = keyText(path)
    await expect(init(path)).rejects.toMatchObject({ code: 'not_empty' })
    expect(keyText(path)).toBe(before)
  })

  it('is not made over other keys, nor of keys for a node that does not vote', async () => {
    const path = withKeys()
    await expect(init(path, { validatorKeys: createValidatorKeys() })).rejects.toMatchObject({
      code: 'not_empty',
    })
    await expect(init(path, { kind: 'full' })).rejects.toMatchObject({ code: 'not_empty' })
    expect(readdirSync(path)).toEqual(['validator-key.json'])
    expect(keyText(path)).toBe(formatValidatorKeys(keys))
  })

  it('is not made where somebody else’s files are', async () => {
    const path = withKeys()
    writeFileSync(join(path, 'thesis.txt'), 'chapter 1')
    await expect(init(path)).rejects.toMatchObject({ code: 'incomplete' })
    expect(readdirSync(path).toSorted()).toEqual(['thesis.txt', 'validator-key.json'])
  })

  it('whose making was interrupted is made again with the same keys', async () => {
    const path = freshPath()
    await init(path, { validatorKeys: keys })
    const seed = readNodeKey(path)
    rmSync(join(path, 'format.json'))
    writeFileSync(join(path, 'initializing'), '')
    await init(path)
    expect(keyText(path)).toBe(formatValidatorKeys(keys))
    expect(readNodeKey(path)).toEqual(seed)
  })

  it('whose making was interrupted does not lose its keys to another start', async () => {
    const path = withKeys()
    writeFileSync(join(path, 'initializing'), '')
    const node = await startTestNode(path)
    await node.stop()
    expect(keyText(path)).toBe(formatValidatorKeys(keys))
  })

  it('is not made of a genesis that no node could start from', async () => {
    const path = freshPath()
    await expect(init(path, { genesis: { ...genesis, validators: [] } })).rejects.toMatchObject({
      code: 'bad_genesis',
    })
    expect(existsSync(path)).toBe(false)
  })
})
