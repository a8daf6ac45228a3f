/**
 * A node among others whose database lost blocks that it had told of, and whose log has the last of them alone: what a log
 * that was compacted leaves. Only its peers can bring them back, and until they have it answers nobody.
 */
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApiClient } from '../../node/api/client.ts'
import { recordCodec } from '../../node/consensus/records.ts'
import { openLog } from '../../node/consensus/wal.ts'
import { devGenesis } from '../../node/dev.ts'
import { peerIdOf } from '../../node/network/peer-id.ts'
import { VEX } from '../../node/params.ts'
import { finalHeightOfLog } from '../../node/replay.ts'
import { DATA_FILES } from '../../node/storage/data-directory.ts'
import type { Genesis } from '../../node/types/genesis.ts'
import { toHex } from '../../node/types/primitives.ts'
import { createValidatorKeys, publicValidatorKeys, type ValidatorKeys } from '../../node/validator-keys.ts'
import {
  removeDirectory,
  type RunningNode,
  startTestNode,
  temporaryDirectory,
} from '../support/running-node.ts'
import { freePort } from '../support/free-port.ts'
import { seedOf } from '../support/test-network.ts'
import { TEST_CHAIN_ID } from '../support/transactions.ts'

const LIMIT_MS = 120_000
const LOST = 6n
/** Longer than a start takes, and than it looks for peers; shorter than it waits for a block before it gives up (node/voting.ts). */
const ALONE_MS = 8_000

/** The first makes blocks final without the second, which is the one that loses them. */
const KEYS = [77, 78].map(byte => createValidatorKeys(new Uint8Array(64).fill(byte)))
const STAKES = [9_000n * VEX, 1_000n * VEX]
const made = devGenesis(KEYS[0] as ValidatorKeys, BigInt(Date.now()), TEST_CHAIN_ID)
const genesis: Genesis = {
  ...made,
  params: { ...made.params, idleBlockIntervalMs: 100n },
  validators: KEYS.map((keys, place) => ({
    ...publicValidatorKeys(keys, TEST_CHAIN_ID),
    stake: STAKES[place] as bigint,
    commissionBps: 0,
  })),
}
let directories: string[] = []
let ports: number[] = []
let other: RunningNode
let node: RunningNode | undefined

const start = async (place: 0 | 1): Promise<RunningNode> => {
  const [networkPort, apiPort] = ports.slice(2 * place)
  return startTestNode(directories[place] as string, apiPort, undefined, {
    createGenesis: () => genesis,
    validatorKeys: KEYS[place],
    network: {
      nodeKey: seedOf(`lost blocks ${place}`),
      kind: 'validator',
      listen: [`/ip4/127.0.0.1/tcp/${networkPort}`],
      persistentPeers:
        place === 0 ? [] : [`/ip4/127.0.0.1/tcp/${ports[0]}/p2p/${await peerIdOf(seedOf('lost blocks 0'))}`],
    },
  })
}

const untilHeight = async ({ node, fatal }: RunningNode, height: bigint): Promise<void> => {
  while (node.head.header.height < height && fatal.length === 0) await sleep(20)
  expect(fatal).toEqual([])
}

/** Takes the blocks below the last that the log proves final, and their certificates, out of it. Gives that one's height. */
const compactLog = async (): Promise<bigint> => {
  const log = await openLog(join(directories[1] as string, DATA_FILES.consensusLog))
  const told = finalHeightOfLog(log.recovered, false)
  const records = log.recovered.map(bytes => ({ bytes, record: recordCodec.decode(bytes) }))
  const lost = new Set<string>()
  for (const { record } of records)
    if (record.kind === 'block' && record.block.height < told) lost.add(toHex(record.block.hash))
  expect(lost.size).toBeGreaterThan(0)
  const isLost = (hash: Uint8Array | undefined): boolean => hash !== undefined && lost.has(toHex(hash))
  const kept = records.filter(({ record }) => {
    if (record.kind === 'block') return !isLost(record.block.hash)
    return record.kind !== 'certificate' || !isLost(record.certificate.hash)
  })
  await log.rewrite(kept.map(({ bytes }) => bytes))
  await log.close()
  return told
}

const isAnswering = async (): Promise<boolean> => {
  const client = createApiClient({ url: `http://127.0.0.1:${ports[3]}` })
  try {
    return await Promise.race([
      client.api.chain.info.query().then(
        () => true,
        () => false,
      ),
      sleep(1_000, false),
    ])
  } finally {
    client.close()
  }
}

beforeAll(async () => {
  directories = [await temporaryDirectory(), await temporaryDirectory()]
  ports = await Promise.all([freePort(), freePort(), freePort(), freePort()])
})
afterAll(async () => {
  await node?.stop()
  await other.stop()
  for (const directory of directories) await removeDirectory(directory)
})

it(
  'a node among others that lost blocks which it told of answers nobody until its peers have given them back',
  async () => {
    other = await start(0)
    node = await start(1)
    await untilHeight(node, 3n)
    expect(await isAnswering()).toBe(true)
    await node.stop()
    const lostFrom = node.node.head.header.height
    const database = join(directories[1] as string, DATA_FILES.database)
    const old = `${database}.old`
    await cp(database, old, { recursive: true })

    node = await start(1)
    // What it catches up with it is given, and tells nobody of.
    await untilHeight(node, other.node.head.header.height)
    await untilHeight(node, node.node.head.header.height + LOST)
    await node.stop()
    node = undefined
    await other.stop()
    await rm(database, { recursive: true })
    await cp(old, database, { recursive: true })
    await rm(old, { recursive: true })
    const told = await compactLog()
    expect(told).toBeGreaterThanOrEqual(lostFrom + LOST)

    let started: RunningNode | undefined
    const starting = start(1).then(running => (node = started = running))
    starting.catch(() => undefined)
    const untilMs = performance.now() + ALONE_MS
    while (performance.now() < untilMs) {
      expect(await isAnswering()).toBe(false)
      expect(started).toBeUndefined()
      await sleep(100)
    }

    other = await start(0)
    const { head } = await (await starting).client.api.chain.info.query()
    expect(BigInt(head.height)).toBeGreaterThanOrEqual(told)
    expect(await isAnswering()).toBe(true)
  },
  LIMIT_MS,
)
