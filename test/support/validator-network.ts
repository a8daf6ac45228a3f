/**
 * Four validators, each a whole node with its own database, threads and log, in one process: what they send one
 * another is handed over in memory. Their genesis gives them short epochs.
 */
import { pino } from 'pino'
import { expect } from 'vitest'
import { type ApiClient, createApiClient } from '../../node/api/client.ts'
import type { Transport } from '../../node/consensus/ports.ts'
import type { Peer } from '../../node/consensus/protocol.ts'
import { blsPublicKeyOf } from '../../node/crypto/bls.ts'
import { devGenesis } from '../../node/dev.ts'
import { type NodeOptions, startNode, type VexNode } from '../../node/node.ts'
import { VEX } from '../../node/params.ts'
import type { Genesis } from '../../node/types/genesis.ts'
import { createValidatorKeys, publicValidatorKeys, type ValidatorKeys } from '../../node/validator-keys.ts'
import { removeDirectory, temporaryDirectory } from './running-node.ts'
import { TEST_CHAIN_ID } from './transactions.ts'

export const EPOCH_BLOCKS = 4n
const STAKES = [4n, 3n, 3n, 2n].map(thousands => thousands * 1_000n * VEX)
export const PLACES = STAKES.map((_, place) => place)
/** Of this process: on one machine no two vote with one key, and test files run side by side. */
const KEYS = STAKES.map((_, place) => createValidatorKeys(Buffer.alloc(64, `${process.pid}/${place} `)))
const keysOf = (place: number): ValidatorKeys => KEYS[place] as ValidatorKeys

const createGenesis = (): Genesis => {
  const made = devGenesis(keysOf(0), BigInt(Date.now()), TEST_CHAIN_ID)
  return {
    ...made,
    params: { ...made.params, epochBlocks: EPOCH_BLOCKS, idleBlockIntervalMs: 100n, networkDelayMs: 200n },
    validators: KEYS.map((keys, place) => ({
      ...publicValidatorKeys(keys, TEST_CHAIN_ID),
      stake: STAKES[place] as bigint,
      commissionBps: 0,
    })),
  }
}

const createWires = () => {
  const handlers = new Map<number, (from: Peer, message: Uint8Array) => void>()
  const reports: string[] = []
  const peer = (place: number): Peer => ({
    id: String(place),
    voteKey: blsPublicKeyOf(keysOf(place).voteSecretKey),
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

export const createValidatorNetwork = (optionsOf: (place: number) => Partial<NodeOptions> = () => ({})) => {
  const genesis = createGenesis()
  const wires = createWires()
  const fatal: unknown[] = []
  const directories: string[] = []
  const nodes: VexNode[] = []
  const clients = new Map<string, ApiClient>()

  const start = async (place: number): Promise<void> => {
    nodes[place] = await startNode({
      dataDirectory: (directories[place] ??= await temporaryDirectory()),
      host: '127.0.0.1',
      port: 0,
      createGenesis: () => genesis,
      validatorKeys: KEYS[place],
      transport: wires.connect(place),
      logger: pino({ level: 'silent' }),
      onFatal: error => fatal.push(error),
      ...optionsOf(place),
    })
  }
  const nodeOf = (place: number): VexNode => nodes[place] as VexNode
  const clientOf = (place: number): ApiClient => {
    const { url } = nodeOf(place)
    const known = clients.get(url) ?? createApiClient({ url })
    clients.set(url, known)
    return known
  }
  const heightOf = (place: number): bigint => nodeOf(place).head.header.height

  return {
    genesis,
    reports: wires.reports as readonly string[],
    start,
    nodeOf,
    clientOf,
    heightOf,
    directoryOf: (place: number): string => directories[place] as string,
    /** Nobody hears of it, and it of nobody. */
    stop: async (place: number): Promise<void> => {
      wires.cut(place)
      await nodeOf(place).stop()
    },
    until: async (isIt: () => boolean): Promise<void> => {
      while (!isIt() && fatal.length === 0) await new Promise(resolve => setTimeout(resolve, 20))
      expect(fatal).toEqual([])
    },
    /** The same blocks on all of `places`, from a height to the lowest head; gives their headers. */
    agreedBlocks: async (places: readonly number[], from = 1n) => {
      const lowest = places.map(heightOf).reduce((a, b) => (a < b ? a : b))
      const blocks = []
      for (let height = from; height <= lowest; height++) {
        const found = await Promise.all(
          places.map(place => clientOf(place).api.block.get.query({ height: String(height) })),
        )
        expect(new Set(found.map(({ hash }) => hash)).size).toBe(1)
        blocks.push(...found.slice(0, 1))
      }
      return blocks
    },
    close: async (): Promise<void> => {
      for (const client of clients.values()) client.close()
      for (const node of nodes) await node.stop()
      for (const directory of directories) await removeDirectory(directory)
    },
  }
}
