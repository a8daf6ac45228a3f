/** Networks of processes, in the short form of what `npm run test:net` does at length; and `vex devnet` as it is typed. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../../node/api/client.ts'
import { killOne, partition } from '../net/scenarios.ts'
import { sentries } from '../net/sentry-scenario.ts'
import { unheard } from '../net/unheard-scenario.ts'
import { isInLongForm } from '../support/form.ts'
import { removeDirectory, temporaryDirectory } from '../support/running-node.ts'
import { runVex, startVex, waitForLine } from '../support/vex-command.ts'

const SHORT = 0.15
const LIMIT_MS = 180_000

describe('a network', () => {
  // Sentries alone take as long as two of the others, and have unit tests of their relay.
  for (const { what, run } of [killOne, partition, unheard, ...(isInLongForm ? [sentries] : [])])
    it(
      what,
      async () => {
        expect((await run(SHORT))['heights compared']).toBeGreaterThan(0)
      },
      LIMIT_MS,
    )
})

describe('vex devnet', () => {
  let folder: string
  beforeAll(async () => {
    folder = await temporaryDirectory()
  })
  afterAll(() => removeDirectory(folder))

  it(
    'runs nodes that are one chain, stops all of them in order, and goes on from there',
    async () => {
      const options = ['--validators', '2', '--full', '1', '--port', '0', '--json', '--data-dir', 'net']
      const heights: bigint[] = []
      for (const wanted of [1n, 3n]) {
        const devnet = startVex(folder, ['devnet', ...options])
        const line = await waitForLine(devnet, text => text.includes('"type":"ready"'))
        const { nodes } = JSON.parse(line) as { nodes: { name: string; url: string }[] }
        expect(nodes.map(({ name }) => name)).toEqual(['validator-0', 'validator-1', 'full-0'])
        const client = createApiClient({ url: nodes[2]?.url as string })
        let height = 0n
        while (height < wanted) {
          await new Promise(resolve => setTimeout(resolve, 100))
          height = BigInt((await client.api.chain.info.query()).head.height)
        }
        expect((await client.api.network.peers.query()).peers.length).toBeGreaterThan(0)
        heights.push(height)
        client.close()
        devnet.child.kill('SIGINT')
        const { exitCode, stdout, stderr } = await devnet.finished
        expect([exitCode, stderr]).toEqual([0, ''])
        expect(stdout).toContain('"type":"stopped"')
      }
      const other = await runVex(folder, ['devnet', '--validators', '3', '--port', '0', '--data-dir', 'net'])
      expect(other.exitCode).toBe(1)
      expect(other.stderr).toContain('start with --reset')
      expect(other.stderr).toContain(join('net', 'validator-0'))
    },
    LIMIT_MS,
  )

  it('refuses sizes that make no network', async () => {
    for (const [option, value, said] of [
      ['--validators', '0', 'a chain needs a validator'],
      ['--validators', '33', 'up to 32'],
      ['--port', '80', '1024'],
      ['--sentries', '5', 'up to 4'],
    ] as const) {
      const { exitCode, stderr } = await runVex(folder, ['devnet', option, value])
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(said)])
    }
    for (const [options, said] of [
      [['--validators', '1', '--sentries', '1'], 'two validators'],
      [['--sentries', '1', '--chaos'], 'without --chaos'],
    ] as const) {
      const { exitCode, stderr } = await runVex(folder, ['devnet', ...options])
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(said)])
    }
  })
})
