/**
 * Strangers that attack the node at an address until this process is killed: `strangers.ts ADDRESS GENESIS_HASH`. In a
 * process of their own, because an attack that works uses up memory and time of its own, too.
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
import { toFrame } from '../../node/network/frames.ts'
import { helloCodec, PROTOCOL_VERSION } from '../../node/network/hello.ts'
import { fromHex, type Hash, toHash } from '../../node/types/primitives.ts'

/** A bare libp2p host that keeps to nothing. */
const createStranger = async (): Promise<Libp2p> => {
  const host = await createLibp2p({
    privateKey: await generateKeyPairFromSeed('Ed25519', randomBytes(32)),
    addresses: { listen: [] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    connectionManager: { reconnectRetries: 0 },
  })
  await host.handle('/vex/direct/1', () => undefined)
  return host
}

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

const ATTACKS: Readonly<Record<string, Attack>> = {
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

const [address = '', genesisHex = ''] = process.argv.slice(2)
const genesis = toHash(fromHex(genesisHex))

/** Again and again, each time as somebody new. */
const attack = async (run: Attack): Promise<never> => {
  for (;;) {
    const host = await createStranger()
    const signal = AbortSignal.timeout(15_000)
    try {
      const connection = await host.dial(multiaddr(address), { signal: AbortSignal.timeout(5_000) })
      await sayHello(connection, genesis)
      await run(connection, signal)
    } catch {
      // Thrown out.
    }
    void host.stop()
    await sleep(300)
  }
}

/** Connections that are opened and left alone. */
const flood = async (count: number): Promise<never> => {
  for (;;) {
    const host = await createStranger()
    await Promise.all(
      Array.from({ length: count }, () =>
        host
          .dial(multiaddr(address), { force: true, signal: AbortSignal.timeout(3_000) })
          .catch(() => undefined),
      ),
    )
    void host.stop()
    await sleep(500)
  }
}

await Promise.all([...Object.values(ATTACKS).map(attack), flood(30)])
