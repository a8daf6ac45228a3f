/**
 * A validator that lies, and strangers that attack: played in this process, against honest nodes in theirs.
 *
 * The validator has the fourth node's keys. For every proposal that it hears it votes twice, for the block and for another;
 * in the honest nodes' eyes its peer is authentic, so that what it signs convicts it.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Connection, Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { lpStream } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { pino } from 'pino'
import { messageCodec } from '../../node/consensus/messages.ts'
import { blsSign } from '../../node/crypto/bls.ts'
import { toFrame } from '../../node/network/frames.ts'
import { helloCodec, PROTOCOL_VERSION } from '../../node/network/hello.ts'
import { type Network, startNetwork } from '../../node/network/network.ts'
import { blockCodec, blockHash } from '../../node/types/block.ts'
import { type Genesis, genesisHash } from '../../node/types/genesis.ts'
import { type Hash, toHash } from '../../node/types/primitives.ts'
import { voteMessage, type VoteStatement } from '../../node/types/vote.ts'
import type { PlannedNode } from '../../cli/devnet/plan.ts'

export interface Liar {
  readonly network: Network
  /** Views in which it has voted twice. */
  readonly doubleVotes: number
}

/** `position`: in the set of validators. */
export const startLiar = async (
  { nodeKey, validatorKeys }: PlannedNode,
  { genesis, position, bootstrap }: { genesis: Genesis; position: number; bootstrap: readonly string[] },
): Promise<Liar> => {
  if (validatorKeys === undefined) throw new RangeError('a liar needs the keys of a validator')
  const { voteSecretKey } = validatorKeys
  const hash = genesisHash(genesis)
  let doubleVotes = 0
  const network = await startNetwork({
    nodeKey,
    kind: 'validator',
    genesisHash: hash,
    voteSecretKey,
    agent: 'liar',
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap,
    persistentPeers: bootstrap,
    status: () => ({ height: 0n, hash, keptFrom: 1n }),
    handlers: {},
    onTransactions: () => Promise.resolve('ignore'),
    logger: pino({ level: 'silent' }),
  })
  const voteFor = (statement: VoteStatement): void => {
    const signature = blsSign(voteSecretKey, voteMessage(genesis.chainId, statement))
    network.transport.broadcast(
      messageCodec.encode({ kind: 'vote', vote: { ...statement, signer: position, signature } }),
    )
  }
  network.transport.onMessage((_from, bytes) => {
    const message = messageCodec.decode(bytes)
    if (message.kind !== 'proposal') return
    const { header } = blockCodec.decode(message.block)
    const statement = { kind: 'notarize', epoch: header.epoch, view: message.view } as const
    voteFor({ ...statement, hash: blockHash(header) })
    voteFor({ ...statement, hash: toHash(randomBytes(32)) as Hash })
    doubleVotes++
  })
  return {
    network,
    get doubleVotes() {
      return doubleVotes
    },
  }
}

/** A bare libp2p host that keeps to nothing. */
export const createStranger = async (): Promise<Libp2p> =>
  createLibp2p({
    privateKey: await generateKeyPairFromSeed('Ed25519', randomBytes(32)),
    addresses: { listen: [] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    connectionManager: { reconnectRetries: 0 },
  })

const sayHello = async (connection: Connection, genesis: Hash): Promise<void> => {
  const stream = lpStream(await connection.newStream('/vex/hello/1'))
  const hello = {
    protocol: PROTOCOL_VERSION,
    genesisHash: genesis,
    kind: 'full' as const,
    agent: 'stranger',
    height: 0n,
    hash: genesis,
    keptFrom: 1n,
    voteKeyProof: undefined,
  }
  await stream.write(helloCodec.encode(hello), { signal: AbortSignal.timeout(5_000) })
  await stream.read({ signal: AbortSignal.timeout(5_000) })
}

/** One attack over one connection, as long as that lasts. */
type Attack = (connection: Connection, signal: AbortSignal) => Promise<void>

const direct = (connection: Connection) => connection.newStream('/vex/direct/1')

export const ATTACKS: Readonly<Record<string, Attack>> = {
  async 'frames of garbage'(connection, signal) {
    const stream = await direct(connection)
    while (!signal.aborted && stream.status === 'open') {
      if (!stream.send(toFrame(Uint8Array.of(0), randomBytes(2_000)))) await stream.onDrain({ signal })
      await sleep(1)
    }
  },
  async 'a frame of 4 GiB'(connection) {
    const stream = await direct(connection)
    stream.send(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0))
    await sleep(500)
  },
  async 'a frame in drops'(connection, signal) {
    const stream = await direct(connection)
    stream.send(Uint8Array.of(0, 0x30, 0, 0))
    while (!signal.aborted && stream.status === 'open') {
      stream.send(Uint8Array.of(1))
      await sleep(100)
    }
  },
  async 'megabytes without end'(connection, signal) {
    const stream = await direct(connection)
    const frame = toFrame(new Uint8Array(1_000_000))
    while (!signal.aborted && stream.status === 'open')
      if (!stream.send(frame)) await stream.onDrain({ signal })
  },
  async 'streams that say nothing'(connection, signal) {
    while (!signal.aborted && connection.status === 'open') {
      await connection.newStream(['/vex/ask/headers/1', '/vex/hello/1'])
      await sleep(5)
    }
  },
}

/** Again and again until the signal; gives how often it was thrown out. */
export const attack = async (
  name: string,
  { address, genesis, signal }: { address: string; genesis: Hash; signal: AbortSignal },
): Promise<number> => {
  let ends = 0
  while (!signal.aborted) {
    const host = await createStranger()
    try {
      const connection = await host.dial(multiaddr(address), { signal: AbortSignal.timeout(5_000) })
      await sayHello(connection, genesis)
      await (ATTACKS[name] as Attack)(connection, signal)
    } catch {
      // Thrown out.
    }
    ends++
    await host.stop()
    await sleep(100)
  }
  return ends
}

/** Connections that are opened and left alone. */
export const flood = async (address: string, count: number, signal: AbortSignal): Promise<void> => {
  const host = await createStranger()
  while (!signal.aborted) {
    await Promise.all(
      Array.from({ length: count }, () =>
        host
          .dial(multiaddr(address), { force: true, signal: AbortSignal.timeout(3_000) })
          .catch(() => undefined),
      ),
    )
    await sleep(200)
  }
  await host.stop()
}
