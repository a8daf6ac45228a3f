/** A whole node in this process, in a temporary directory, and the typed client for it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { createApiClient, type ApiClient } from '../../node/api/client.ts'
import { devGenesis } from '../../node/dev.ts'
import { type NodeOptions, startNode, type VexNode } from '../../node/node.ts'
import type { ChainParams } from '../../node/types/genesis.ts'
import { TEST_CHAIN_ID } from './transactions.ts'

export interface RunningNode {
  readonly node: VexNode
  readonly client: ApiClient
  readonly directory: string
  /** Errors that stopped it. */
  readonly fatal: unknown[]
  stop(): Promise<void>
}

export const temporaryDirectory = (): Promise<string> => mkdtemp(join(tmpdir(), 'vex-test-'))

export const removeDirectory = (path: string): Promise<void> => rm(path, { recursive: true, force: true })

export const startTestNode = async (
  directory: string,
  port = 0,
  params: Partial<ChainParams> = {},
  options: Partial<NodeOptions> = {},
): Promise<RunningNode> => {
  const fatal: unknown[] = []
  const node = await startNode({
    dataDirectory: directory,
    host: '127.0.0.1',
    port,
    createGenesis: keys => {
      const genesis = devGenesis(keys, BigInt(Date.now()), TEST_CHAIN_ID)
      return { ...genesis, params: { ...genesis.params, ...params } }
    },
    logger: pino({ level: 'silent' }),
    onFatal: error => fatal.push(error),
    ...options,
  })
  const client = createApiClient({ url: node.url })
  return {
    node,
    client,
    directory,
    fatal,
    async stop() {
      client.close()
      await node.stop()
    },
  }
}
