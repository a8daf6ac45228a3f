/** Blocks of a development chain, paused and made by hand over the admin port. */
import { afterEach, expect, it } from 'vitest'
import { createAdminClient } from '../../node/api/admin-client.ts'
import {
  removeDirectory,
  type RunningNode,
  startTestNode,
  temporaryDirectory,
} from '../support/running-node.ts'

const running: RunningNode[] = []
const folders: string[] = []
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop()
  for (const folder of folders.splice(0)) await removeDirectory(folder)
})

const start = async (hasBlockControl: boolean) => {
  const folder = await temporaryDirectory()
  folders.push(folder)
  const node = await startTestNode(folder, 0, { idleBlockIntervalMs: 50n }, { adminPort: 0, hasBlockControl })
  running.push(node)
  return { ...node, admin: createAdminClient(node.node.adminUrl ?? '') }
}

const nextHeight = async ({ node }: Pick<RunningNode, 'node'>): Promise<bigint> =>
  new Promise(resolve => {
    const stop = node.onCommit(block => {
      stop()
      resolve(block.header.height)
    })
  })

it('pauses, makes one block, goes on', async () => {
  const chain = await start(true)
  await nextHeight(chain)
  expect(await chain.admin.blocks.pause.mutate()).toEqual({ isPaused: true })
  expect(await chain.admin.blocks.status.query()).toEqual({ isPaused: true })
  // One may have been on its way.
  await new Promise(resolve => setTimeout(resolve, 300))
  const { height } = chain.node.head.header
  // Many times the idle interval.
  await new Promise(resolve => setTimeout(resolve, 1_000))
  expect(chain.node.head.header.height).toBe(height)

  const made = nextHeight(chain)
  await chain.admin.blocks.make.mutate()
  expect(await made).toBe(height + 1n)
  await new Promise(resolve => setTimeout(resolve, 500))
  expect(chain.node.head.header.height).toBe(height + 1n)

  const resumed = nextHeight(chain)
  expect(await chain.admin.blocks.resume.mutate()).toEqual({ isPaused: false })
  expect(await resumed).toBe(height + 2n)
  expect(chain.fatal).toEqual([])
})

it('on any other chain that is refused, with a sentence', async () => {
  const { admin } = await start(false)
  for (const refused of [
    admin.blocks.pause.mutate(),
    admin.blocks.make.mutate(),
    admin.blocks.status.query(),
  ])
    await expect(refused).rejects.toThrow('on a chain of vex dev alone')
})

it('what a node takes of its machine is told on the admin port alone, where there is one', async () => {
  const { admin, client } = await start(false)
  await expect(client.api.node.resources.query()).rejects.toThrow('on its admin port alone')
  const resources = await admin.machine.resources.query()
  expect(resources.memoryBytes).toBeGreaterThan(10_000_000)
  expect(resources.databaseBytes).toBeGreaterThan(0)
  expect(resources.freeBytes).toBeGreaterThan(0)
})
