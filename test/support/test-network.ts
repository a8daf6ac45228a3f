/** Networks in this process, on loopback, each with a list of what it logged; and bare libp2p hosts that keep to nothing. */
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { pino } from 'pino'
import { sha256 } from '../../node/crypto/hash.ts'
import { type Network, type NetworkOptions, startNetwork } from '../../node/network/network.ts'

export interface LogLine {
  readonly level: number
  readonly msg: string
  readonly peer?: string
  readonly reason?: string
}

export interface TestNetwork extends Network {
  readonly lines: readonly LogLine[]
  readonly address: string
}

export const GENESIS = sha256(Buffer.from('a test genesis'))
export const seedOf = (name: string): Uint8Array => sha256(Buffer.from(`network test ${name}`))

const closers: (() => Promise<void>)[] = []

export const closeNetworks = async (): Promise<void> => {
  for (const close of closers.splice(0)) await close()
}

export const until = async (isIt: () => boolean, what: string, limitMs = 20_000): Promise<void> => {
  const endMs = performance.now() + limitMs
  while (!isIt()) {
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

export const createTestNetwork = async (
  name: string,
  options: Partial<NetworkOptions> = {},
): Promise<TestNetwork> => {
  const lines: LogLine[] = []
  const network = await startNetwork({
    nodeKey: seedOf(name),
    kind: 'full',
    genesisHash: GENESIS,
    agent: `test/${name}`,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    status: () => ({ height: 7n, hash: GENESIS, keptFrom: 1n }),
    handlers: {},
    onTransactions: () => Promise.resolve('ignore'),
    logger: pino({ level: 'info' }, { write: line => void lines.push(JSON.parse(line) as LogLine) }),
    ...options,
  })
  closers.push(() => network.close())
  return { ...network, lines, address: network.addresses()[0] as string }
}

export const idsOf = (network: Network): string[] => network.peerInfos().map(({ id }) => id)

/** Until each has all the others. */
export const untilConnected = (networks: readonly TestNetwork[]): Promise<void> =>
  until(
    () => networks.every(network => network.transport.peers().length >= networks.length - 1),
    'all to be connected',
  )

export const createBareHost = async (name: string): Promise<Libp2p> => {
  const host = await createLibp2p({
    privateKey: await generateKeyPairFromSeed('Ed25519', seedOf(name)),
    addresses: { listen: [] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
  })
  // A peer that takes no stream of ours is none.
  await host.handle('/vex/direct/1', () => undefined)
  closers.push(async () => host.stop())
  return host
}

/** `isAnew`: beside the connection that there is. */
export const dial = (host: Libp2p, address: string, isAnew = false) =>
  host.dial(multiaddr(address), { force: isAnew })
