/**
 * How long a block of 1 MB takes from its leader's sending until a validator has the whole of it, checked against its header's root:
 * four peers, each in a process of its own (children/block-peer.ts), over libp2p on the loopback, in turn as the leader. No
 * votes and no execution. The three ways are in peer-messages.ts.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { atExit } from '../cleanup.ts'
import type { Result } from '../result.ts'
import { percentile } from '../statistics.ts'
import { type FromPeer, type Propagation, PROPAGATIONS, type ToPeer } from './peer-messages.ts'

const PEER = fileURLToPath(new URL('../children/block-peer.ts', import.meta.url))
const PEERS = 4
const ROUNDS = 24
/** Not counted: code is compiled, buffers grow. */
const WARM_UP = 4

class PeerProcess {
  readonly #child: ChildProcess
  readonly #heard: FromPeer[] = []
  readonly #done: () => void
  #wake: (() => void) | undefined
  #failure: unknown

  constructor(place: number, signal: AbortSignal) {
    this.#child = fork(PEER, [String(place), String(PEERS)], { execArgv: [] })
    this.#done = atExit(() => this.#child.kill('SIGKILL'))
    this.#child.on('message', (message: FromPeer) => {
      this.#heard.push(message)
      this.#wake?.()
    })
    const fail = (failure: unknown): void => {
      this.#failure ??= failure
      this.#wake?.()
    }
    this.#child.once('exit', () => fail(new Error('a peer of the propagation ended')))
    signal.addEventListener('abort', () => fail(signal.reason), { once: true })
  }

  tell(message: ToPeer): void {
    this.#child.send(message)
  }

  async hear<K extends FromPeer['kind']>(kind: K): Promise<FromPeer & { kind: K }> {
    for (;;) {
      const index = this.#heard.findIndex(message => message.kind === kind)
      if (index >= 0) return this.#heard.splice(index, 1)[0] as FromPeer & { kind: K }
      if (this.#failure !== undefined) throw this.#failure
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    if (this.#child.exitCode === null) await once(this.#child, 'exit')
    this.#done()
  }
}

const runRound = async (
  peers: readonly PeerProcess[],
  round: number,
  how: Propagation,
): Promise<{ tookMs: number[]; blockBytes: number }> => {
  const sender = peers[round % peers.length] as PeerProcess
  const receivers = peers.filter(peer => peer !== sender)
  for (const peer of peers) peer.tell({ kind: 'prepare', round, how, isSender: peer === sender })
  const prepared = await Promise.all(peers.map(peer => peer.hear('prepared')))
  sender.tell({ kind: 'send' })
  const { atMs } = await sender.hear('sent')
  const whole = await Promise.all(receivers.map(peer => peer.hear('whole')))
  return { tookMs: whole.map(each => each.atMs - atMs), blockBytes: prepared[0]?.blockBytes ?? 0 }
}

export const measurePropagation = async (signal: AbortSignal): Promise<Result[]> => {
  const peers = Array.from({ length: PEERS }, (_, place) => new PeerProcess(place, signal))
  try {
    const addresses: string[] = []
    for (const peer of peers) {
      peer.tell({ kind: 'start', bootstrap: [...addresses] })
      addresses.push((await peer.hear('started')).address)
    }
    await Promise.all(peers.map(peer => peer.hear('connected')))
    const results: Result[] = []
    let round = 0
    for (const how of PROPAGATIONS) {
      const times: number[] = []
      let bytes = 0
      const startMs = performance.now()
      for (let i = 0; i < WARM_UP + ROUNDS; i++) {
        const { tookMs, blockBytes } = await runRound(peers, round++, how)
        bytes = blockBytes
        if (i >= WARM_UP) times.push(...tookMs)
      }
      results.push({
        workload: `block-${how}`,
        n: times.length,
        unit: 'ms',
        seconds: (performance.now() - startMs) / 1e3,
        p50_ms: percentile(times, 0.5),
        p99_ms: percentile(times, 0.99),
        rss_mb: 0,
        disk_mb: 0,
        cpu_node_s: 0,
        cpu_driver_s: 0,
        cpu_main_s: 0,
        block_bytes: bytes,
      })
    }
    return results
  } finally {
    await Promise.all(peers.map(peer => peer.stop()))
  }
}
