/** `vex doctor` on directories that were damaged: it names what is wrong, changes nothing, and its repair works. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  globSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Finding } from '../../cli/doctor/finding.ts'
import { removeDirectory, startTestNode, temporaryDirectory } from '../support/running-node.ts'
import { runVex, startVex, waitForLine } from '../support/vex-command.ts'

let folder: string
let data: string
beforeAll(async () => {
  folder = await temporaryDirectory()
  data = join(folder, 'data')
  const node = await startTestNode(join(folder, 'good'), 0, { idleBlockIntervalMs: 20n })
  const { promise, resolve } = Promise.withResolvers<void>()
  node.node.onCommit(({ header }) => header.height >= 5n && resolve())
  await promise
  await node.stop()
  expect(node.fatal).toEqual([])
})
afterAll(() => removeDirectory(folder))
beforeEach(() => {
  rmSync(data, { recursive: true, force: true })
  cpSync(join(folder, 'good'), data, { recursive: true })
})

const examine = async (
  ...args: string[]
): Promise<{ exitCode: number | null; wrong: Finding[]; all: Finding[] }> => {
  const { exitCode, stdout } = await runVex(folder, ['doctor', '--data-dir', data, '--json', ...args])
  const all = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Finding)
  return { exitCode, all, wrong: all.filter(({ status }) => status === 'wrong') }
}

const fingerprint = (): string[] =>
  globSync('**/*', { cwd: data })
    .filter(name => statSync(join(data, name)).isFile())
    .toSorted()
    .map(
      name =>
        `${name} ${createHash('sha256')
          .update(readFileSync(join(data, name)))
          .digest('hex')}`,
    )

const flip = (name: string, at: number): void => {
  const bytes = readFileSync(join(data, name))
  bytes[at] = (bytes[at] as number) ^ 0x10
  writeFileSync(join(data, name), bytes)
}

/** By so little that RocksDB takes what is left for all there was. */
const cutManifest = (): void => {
  const path = join(data, 'db', readFileSync(join(data, 'db', 'CURRENT'), 'utf8').trim())
  truncateSync(path, statSync(path).size - 1)
}

describe('vex doctor', () => {
  it('finds nothing wrong in a good directory, to the last key, and changes nothing', async () => {
    const before = fingerprint()
    const { exitCode, wrong, all } = await examine('--deep')
    expect(wrong).toEqual([])
    expect(exitCode).toBe(0)
    expect(all.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['head', 'blocks', 'state', 'journal']),
    )
    expect(fingerprint()).toEqual(before)
  })

  it.each<[string, string, () => void]>([
    ['format', 'format', () => rmSync(join(data, 'format.json'))],
    ['format', 'format', () => flip('format.json', 3)],
    ['keys', 'keys', () => chmodSync(join(data, 'validator-key.json'), 0o644)],
    ['consensus log', 'consensus log', () => flip('consensus.log', 40)],
    ['consensus log', 'consensus log', () => rmSync(join(data, 'consensus.log'))],
    [
      'signer’s floor',
      'signer’s floor',
      () => writeFileSync(join(data, 'signer.floor'), Buffer.alloc(256, 0x5a)),
    ],
  ])('names a damaged %s, and its repair makes it good', async (_, check, damage) => {
    damage()
    const before = fingerprint()
    const { exitCode, wrong } = await examine()
    expect(exitCode).toBe(6)
    expect(wrong.map(finding => finding.check)).toContain(check)
    expect(fingerprint()).toEqual(before)
    for (const { repair } of wrong) execFileSync('sh', ['-c', repair ?? 'false'])
    expect(await examine()).toMatchObject({ exitCode: 0, wrong: [] })
    const node = await startTestNode(data)
    expect(node.node.head.header.height).toBeGreaterThanOrEqual(5n)
    await node.stop()
    expect(node.fatal).toEqual([])
  })

  it.each<[string, string, () => void]>([
    ['genesis', 'genesis', () => rmSync(join(data, 'genesis.json'))],
    ['keys', 'keys', () => rmSync(join(data, 'validator-key.json'))],
    ['database', 'database', () => rmSync(join(data, 'db'), { recursive: true })],
    ['database', 'database', () => rmSync(join(data, 'db', 'CURRENT'))],
    ['database', 'database', () => cutManifest()],
  ])('names what only a copy of the %s can bring back', async (_, check, damage) => {
    damage()
    const { exitCode, wrong } = await examine()
    expect(exitCode).toBe(6)
    expect(wrong.map(finding => finding.check)).toContain(check)
    for (const { repair } of wrong) expect(repair).toMatch(/cp -a COPY/)
  })

  it('names the node that runs in the directory', async () => {
    const running = startVex(folder, ['dev', '--data-dir', join(folder, 'dev'), '--port', '0', '--json'])
    await waitForLine(running, line => line.includes('"ready"'))
    const { stdout, exitCode } = await runVex(folder, ['doctor', '--data-dir', join(folder, 'dev')])
    expect(stdout).toContain(`process ${running.child.pid}`)
    expect(exitCode).toBe(0)
    running.child.kill('SIGINT')
    expect((await running.finished).exitCode).toBe(0)
  })

  it('says that a directory is not there', async () => {
    const { stdout, exitCode } = await runVex(folder, ['doctor', '--data-dir', join(folder, 'nowhere')])
    expect(exitCode).toBe(6)
    expect(stdout).toMatch(/there is no data directory .*vex dev --data-dir/)
  })
})
