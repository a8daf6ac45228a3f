import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readDeployments, writeDeployments } from '../../../../cli/project/deployments.ts'

const DEPLOYMENTS = new Map([
  ['token', { address: 'vex1aaa', digest: 'd1' }],
  ['my-pool', { address: 'vex1bbb', digest: 'd2' }],
] as const)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vex-deployments-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('the deployments of a project', () => {
  it('are there at the next start on the same chain, and on no other', async () => {
    await writeDeployments(folder, '0x01', DEPLOYMENTS)
    expect(await readDeployments(folder, '0x01')).toEqual(DEPLOYMENTS)
    expect(await readDeployments(folder, '0x02')).toEqual(new Map())
  })

  it('are none if there is no file, or not the one that was written', async () => {
    expect(await readDeployments(folder, '0x01')).toEqual(new Map())
    for (const text of [
      '{',
      '{"genesisHash":"0x01","contracts":{"token":{"address":"dev0","digest":"d"}}}',
    ]) {
      await writeFile(join(folder, 'deployments.json'), text)
      expect(await readDeployments(folder, '0x01')).toEqual(new Map())
    }
  })

  it('are a module that scripts import', async () => {
    await writeDeployments(folder, '0x01', DEPLOYMENTS)
    const path = join(folder, 'deployments.ts')
    const module = (await import(path)) as { deployments: Record<string, string> }
    expect(module.deployments).toEqual({ token: 'vex1aaa', 'my-pool': 'vex1bbb' })
    expect(await readFile(path, 'utf8')).toMatch(/\} as const\n$/)
  })
})
