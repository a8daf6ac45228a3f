/**
 * A new full node fetches and executes a chain from one peer, and from three at once, over libp2p, all of them `vex node start` in
 * processes of their own. The chain is made before the clock starts: real blocks of a lone validator, each with some
 * transfers, certificates and proofs, which are all verified again. The clock is the node's own: from its first question to
 * the last block that is committed.
 */
import { randomBytes } from 'node:crypto'
import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type NodeChild, startNodeChild } from '../../../cli/devnet/node-child.ts'
import { initDirectory } from '../../../node/init-directory.ts'
import { formatNodeKey } from '../../../node/network/node-key.ts'
import { peerIdOf } from '../../../node/network/peer-id.ts'
import { DATA_FILES } from '../../../node/storage/data-directory.ts'
import { openRocksDatabase } from '../../../node/storage/rocks.ts'
import { createEpochChain, genesisOfEpochs, TRANSFERS_PER_BLOCK } from '../../support/epoch-chain.ts'
import { atExit } from '../cleanup.ts'
import { freePort } from '../../support/free-port.ts'
import type { Result } from '../result.ts'
import { directoryBytes, withDirectory } from '../session.ts'

const VEX = fileURLToPath(new URL('../../../cli/vex.ts', import.meta.url))
/** Epochs as long as those of a devnet. */
const GENESIS = genesisOfEpochs(240n)
const SERVERS = 3
const PEERS = [1, SERVERS] as const
const STOP_MS = 15_000
const MB = 1_000_000

interface Server {
  readonly folder: string
  readonly address: string
  readonly listen: string
}

/** The first one is made, the others are copies with keys of their own. */
const makeServers = async (scratch: string, blocks: number): Promise<Server[]> => {
  const folders = Array.from({ length: SERVERS }, (_, i) => join(scratch, `server-${i}`))
  const [first] = folders as [string]
  await initDirectory({ path: first, genesis: GENESIS, kind: 'full', bootstrap: [] })
  const db = await openRocksDatabase(join(first, DATA_FILES.database))
  createEpochChain(undefined, db, GENESIS).grow(BigInt(blocks))
  await db.close()
  for (const folder of folders.slice(1)) await cp(first, folder, { recursive: true })
  return Promise.all(
    folders.map(async folder => {
      const nodeKey = new Uint8Array(randomBytes(32))
      await writeFile(join(folder, DATA_FILES.nodeKey), formatNodeKey(nodeKey))
      const listen = `/ip4/127.0.0.1/tcp/${await freePort()}`
      return { folder, listen, address: `${listen}/p2p/${await peerIdOf(nodeKey)}` }
    }),
  )
}

const start = (
  dataDirectory: string,
  listen: string,
  peers: readonly Server[],
  onLine: Parameters<typeof startNodeChild>[0]['onLine'] = () => undefined,
): NodeChild => {
  const child = startNodeChild({
    name: dataDirectory,
    command: [process.execPath, VEX],
    dataDirectory,
    environment: {
      VEX_API_PORT: '0',
      VEX_NETWORK_LISTEN: listen,
      VEX_NETWORK_PERSISTENT_PEERS: peers.map(({ address }) => address).join(','),
      // Nobody else is asked than who is to be.
      VEX_NETWORK_ONLY_PEERS: String(peers.length > 0),
    },
    onLine,
  })
  void child.exited.then(atExit(() => child.kill()))
  return child
}

interface Synced {
  readonly seconds: number
  readonly blocks: number
}

const syncFrom = async (folder: string, peers: readonly Server[], signal: AbortSignal): Promise<Synced> => {
  await initDirectory({ path: folder, genesis: GENESIS, kind: 'full', bootstrap: [] })
  const done = Promise.withResolvers<Synced>()
  const child = start(folder, '/ip4/127.0.0.1/tcp/0', peers, line => {
    if (line.msg === 'synced') done.resolve(line as unknown as Synced)
  })
  const stop = (): void => done.reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  void child.exited.then(how => done.reject(new Error(`the node that syncs ended: ${how}`)))
  try {
    return await done.promise
  } finally {
    signal.removeEventListener('abort', stop)
    await child.stop(STOP_MS)
  }
}

export const measureSync = (blocks: number, signal: AbortSignal): Promise<Result[]> =>
  withDirectory(async scratch => {
    const servers = await makeServers(scratch, blocks)
    const running = servers.map(({ folder, listen }) => start(folder, listen, []))
    try {
      await Promise.all(running.map(({ ready }) => ready))
      const results: Result[] = []
      for (const peers of PEERS) {
        const folder = join(scratch, `joins-${peers}`)
        const synced = await syncFrom(folder, servers.slice(0, peers), signal)
        results.push({
          workload: `sync-${peers}`,
          n: synced.blocks,
          rate: synced.blocks / synced.seconds,
          unit: `blocks/s of ${TRANSFERS_PER_BLOCK} tx`,
          seconds: synced.seconds,
          rss_mb: 0,
          disk_mb: (await directoryBytes(folder)) / MB,
          cpu_node_s: 0,
          cpu_driver_s: 0,
          cpu_main_s: 0,
          peers,
        })
      }
      return results
    } finally {
      await Promise.all(running.map(child => child.stop(STOP_MS)))
    }
  })
