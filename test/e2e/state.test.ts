/** `vex state` on the directory of a node that made blocks and was stopped. */
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COLUMNS } from '../../node/storage/database.ts'
import { openRocksDatabase } from '../../node/storage/rocks.ts'
import { removeDirectory, startTestNode, temporaryDirectory } from '../support/running-node.ts'
import { runVex } from '../support/vex-command.ts'

let folder: string
beforeAll(async () => {
  folder = await temporaryDirectory()
  const node = await startTestNode(join(folder, 'good'), 0, { idleBlockIntervalMs: 20n })
  const { promise, resolve } = Promise.withResolvers<void>()
  node.node.onCommit(({ header }) => header.height >= 5n && resolve())
  await promise
  const locked = await runVex(folder, ['state', 'verify', '--data-dir', 'good', '--json'])
  expect(locked.exitCode).toBe(1)
  expect(JSON.parse(locked.stderr)).toMatchObject({ error: { code: 'locked' } })
  await node.stop()
  expect(node.fatal).toEqual([])
})
afterAll(() => removeDirectory(folder))

describe('vex state', () => {
  it('verifies a good state and counts it; both agree on the number of keys', async () => {
    const verified = await runVex(folder, ['state', 'verify', '--data-dir', 'good', '--json'])
    expect(verified).toMatchObject({ exitCode: 0, stderr: '' })
    const { keys, nodes, height } = JSON.parse(verified.stdout) as Record<string, unknown>
    expect(Number(height)).toBeGreaterThanOrEqual(5)
    const counted = await runVex(folder, ['state', 'stats', '--data-dir', 'good', '--json'])
    expect(counted.exitCode).toBe(0)
    const stats = JSON.parse(counted.stdout) as {
      accounts: number
      nodes: number
      blocks: { from: string; to: string }
      columns: { column: string; entries: number }[]
    }
    expect(stats.columns.find(({ column }) => column === COLUMNS.state)?.entries).toBe(keys)
    expect(stats.columns.map(({ column }) => column)).toEqual(Object.values(COLUMNS))
    expect(stats.blocks).toEqual({ from: '0', to: height })
    expect(stats.accounts).toBeGreaterThan(0)
    expect(stats.nodes).toBeGreaterThan(Number(nodes))
  })

  it('names the key whose value is not the one that the root stands for', async () => {
    cpSync(join(folder, 'good'), join(folder, 'bad'), { recursive: true })
    const db = await openRocksDatabase(join(folder, 'bad/db'))
    const [entry] = db.range(COLUMNS.state, { limit: 1 })
    const [key, value] = entry as [Uint8Array, Uint8Array]
    const changed = value.map((byte, i) => (i === value.length - 1 ? byte ^ 1 : byte))
    db.write([{ column: COLUMNS.state, key, value: changed }], { sync: true })
    await db.close()
    const { exitCode, stderr, stdout } = await runVex(folder, ['state', 'verify', '--data-dir', 'bad'])
    expect({ exitCode, stdout }).toEqual({ exitCode: 6, stdout: '' })
    expect(stderr).toContain(`key ${Buffer.from(key).toString('hex')} has a leaf but another value`)
  })

  it('refuses a directory that is not there, and makes none', async () => {
    const { exitCode, stderr } = await runVex(folder, ['state', 'stats', '--data-dir', 'nowhere'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('there is no data directory nowhere')
    expect(existsSync(join(folder, 'nowhere'))).toBe(false)
  })
})
