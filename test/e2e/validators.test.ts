/**
 * Four validators, each a whole node with its own database, threads and log, in one process: what they send one
 * another is handed over in memory. Their genesis gives them short epochs.
 */
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient, type ApiClient } from '../../node/api/client.ts'
import { createVexClient } from '../../node/client/client.ts'
import type { Transport } from '../../node/consensus/ports.ts'
import type { Peer } from '../../node/consensus/protocol.ts'
import { formatAddress, publicKeyToAddress } from '../../node/crypto/address.ts'
import { blsPublicKeyOf } from '../../node/crypto/bls.ts'
import { devAccounts, devGenesis } from '../../node/dev.ts'
import { startNode, type VexNode } from '../../node/node.ts'
import { VEX } from '../../node/params.ts'
import { createValidatorKeys, publicValidatorKeys } from '../../node/validator-keys.ts'
import { createAccountClient } from '../../node/wallet/send.ts'
import { removeDirectory, temporaryDirectory } from '../support/running-node.ts'
import { TEST_CHAIN_ID } from '../support/transactions.ts'

const EPOCH_BLOCKS = 6n
const STAKES = [4n, 3n, 3n, 2n].map(thousands => thousands * 1_000n * VEX)
const KEYS = STAKES.map((_, i) => createValidatorKeys(new Uint8Array(64).fill(40 + i)))
const [dev] = devAccounts() as [ReturnType<typeof devAccounts>[number]]

const genesis = (() => {
  const made = devGenesis(KEYS[0] as (typeof KEYS)[number], BigInt(Date.now()), TEST_CHAIN_ID)
  return {
    ...made,
    params: { ...made.params, epochBlocks: EPOCH_BLOCKS, idleBlockIntervalMs: 100n, networkDelayMs: 200n },
    validators: KEYS.map((keys, i) => ({
      ...publicValidatorKeys(keys, TEST_CHAIN_ID),
      stake: STAKES[i] as bigint,
      commissionBps: 0,
    })),
  }
})()

const createWires = () => {
  const handlers = new Map<number, (from: Peer, message: Uint8Array) => void>()
  const reports: string[] = []
  const peer = (place: number): Peer => ({
    id: String(place),
    voteKey: blsPublicKeyOf((KEYS[place] as (typeof KEYS)[number]).voteSecretKey),
  })
  const deliver = (from: number, to: number, message: Uint8Array): void => {
    // As bytes that nobody else holds.
    const copy = Uint8Array.from(message)
    setImmediate(() => handlers.get(to)?.(peer(from), copy))
  }
  const connect = (place: number): Transport => {
    const others = () => [...handlers.keys()].filter(other => other !== place)
    return {
      broadcast: message => others().forEach(to => deliver(place, to, message)),
      send: (to, message) => deliver(place, Number(to), message),
      peers: () => others().map(peer),
      onMessage: handler => handlers.set(place, handler),
      report: (from, reason) => reports.push(`${place} of ${from}: ${reason}`),
    }
  }
  return { connect, cut: (place: number) => handlers.delete(place), reports }
}

const wires = createWires()
const fatal: unknown[] = []
const directories: string[] = []
const nodes: VexNode[] = []

const start = async (place: number): Promise<void> => {
  nodes[place] = await startNode({
    dataDirectory: directories[place] as string,
    host: '127.0.0.1',
    port: 0,
    createGenesis: () => genesis,
    validatorKeys: KEYS[place],
    transport: wires.connect(place),
    logger: pino({ level: 'silent' }),
    onFatal: error => fatal.push(error),
  })
}

const clients = new Map<string, ApiClient>()
const clientOf = (place: number): ApiClient => {
  const { url } = nodes[place] as VexNode
  const known = clients.get(url) ?? createApiClient({ url })
  clients.set(url, known)
  return known
}

const heightOf = (place: number): bigint => (nodes[place] as VexNode).head.header.height

const until = async (isIt: () => boolean): Promise<void> => {
  while (!isIt() && fatal.length === 0) await new Promise(resolve => setTimeout(resolve, 20))
  expect(fatal).toEqual([])
}

/** The same blocks on all of `places`, up to the lowest head; gives their headers. */
const agreedBlocks = async (places: readonly number[]) => {
  const lowest = places.map(heightOf).reduce((a, b) => (a < b ? a : b))
  const blocks = []
  for (let height = 1n; height <= lowest; height++) {
    const found = await Promise.all(
      places.map(place => clientOf(place).api.block.get.query({ height: String(height) })),
    )
    expect(new Set(found.map(({ hash }) => hash)).size).toBe(1)
    blocks.push(...found.slice(0, 1))
  }
  return blocks
}

beforeAll(async () => {
  for (const [place] of KEYS.entries()) {
    directories.push(await temporaryDirectory())
    await start(place)
  }
})
afterAll(async () => {
  for (const client of clients.values()) client.close()
  for (const node of nodes) await node.stop()
  for (const directory of directories) await removeDirectory(directory)
})

describe('four validators', () => {
  it('make one chain through epochs, led by several of them, each block voted for by more than two thirds', async () => {
    await until(() => nodes.every((_, place) => heightOf(place) > 3n * EPOCH_BLOCKS))
    const blocks = await agreedBlocks([0, 1, 2, 3])
    expect(new Set(blocks.map(({ proposer }) => proposer)).size).toBeGreaterThan(1)
    expect(new Set(blocks.map(({ epoch }) => epoch))).toContain('2')
    expect(new Set(blocks.map(({ eta }) => eta)).size).toBe(blocks.length)
    expect(wires.reports).toEqual([])
  })

  it('carry a delegation into the set two epochs later, on every node', async () => {
    const [, second] = genesis.validators
    const account = createAccountClient({ client: clientOf(0), secretKey: dev.secretKey })
    const validator = (second as (typeof genesis.validators)[number]).address
    const sent = await account.send({ kind: 'delegate', validator, amount: 5_000n * VEX })
    expect(sent.kind).toBe('final')
    const address = formatAddress(validator)
    const powerAt = async (place: number): Promise<string | undefined> => {
      const { validators } = await clientOf(place).api.staking.validators.query({})
      return validators.find(each => each.address === address)?.power
    }
    const from = heightOf(0)
    // It takes at most the rest of this epoch and two more; sets grow by a fifth an epoch at most.
    await until(() => nodes.every((_, place) => heightOf(place) > from + 4n * EPOCH_BLOCKS))
    const powers = await Promise.all([0, 1, 2, 3].map(powerAt))
    expect(new Set(powers).size).toBe(1)
    expect(Number(powers[0])).toBeGreaterThan(3_000)
    await agreedBlocks([0, 1, 2, 3])
  })

  it('go on without one of them, which catches up when it is back, epochs later', async () => {
    wires.cut(3)
    await nodes[3]?.stop()
    const from = heightOf(0)
    await until(() => [0, 1, 2].every(place => heightOf(place) > from + 2n * EPOCH_BLOCKS))
    await start(3)
    expect(heightOf(3)).toBeLessThan(heightOf(0))
    const goal = heightOf(0) + EPOCH_BLOCKS
    await until(() => heightOf(3) > goal)
    await agreedBlocks([0, 1, 2, 3])
  })

  it('do not let one vote that has lost its log', async () => {
    const path = join(directories[3] as string, 'consensus.log')
    wires.cut(3)
    await nodes[3]?.stop()
    await rename(path, `${path}.kept`)
    await expect(start(3)).rejects.toMatchObject({
      code: 'incomplete',
      message: expect.stringContaining('what this validator has signed is unknown'),
    })
    await rename(`${path}.kept`, path)
    await start(3)
    const goal = heightOf(0) + 2n
    await until(() => heightOf(3) > goal)
  })

  it('convince a light client that trusts the genesis alone', async () => {
    const { genesisHash } = await clientOf(2).api.chain.info.query()
    const vex = createVexClient({ url: (nodes[2] as VexNode).url })
    const light = await vex.light({ genesisHash, trustingPeriodMs: 3_600_000n })
    const { header } = await light.head()
    expect(header.epoch).toBeGreaterThan(5n)
    const account = await light.account(publicKeyToAddress(dev.publicKey))
    expect(account?.nonce).toBe(1n)
    vex.close()
  })
})
