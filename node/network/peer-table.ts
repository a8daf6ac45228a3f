/** The peers that said hello and were welcomed, one connection each. */
import type { Connection } from '@libp2p/interface'
import type { Hello, Status, VoteKeyProof } from './hello.ts'
import type { NetworkPeer } from './ports.ts'
import type { Sender } from './sender.ts'

export interface Entry {
  readonly id: string
  readonly connection: Connection
  readonly hello: Hello
  readonly connectedMs: number
  /** As it said last. */
  status: Status
  /** Once our stream to it is open. */
  sender: Sender | undefined
  bytesReceived: number
  bytesSent: number
  /** Of a validator that hides behind this node: its delegation. */
  given: VoteKeyProof | undefined
  /** Of a sentry: vote keys, in hex, of whom it has shown that it may speak for. */
  readonly speaksFor: Set<string>
}

export const toNetworkPeer = ({ id, hello, status }: Entry): NetworkPeer => ({
  id,
  kind: hello.kind,
  head: { height: status.height, hash: status.hash },
  keptFrom: status.keptFrom,
})

export class PeerTable {
  readonly #entries = new Map<string, Entry>()
  readonly #waiting = new Map<string, (() => void)[]>()

  get size(): number {
    return this.#entries.size
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id)
  }

  has(id: string): boolean {
    return this.#entries.has(id)
  }

  all(): Entry[] {
    return [...this.#entries.values()]
  }

  set(entry: Entry): void {
    this.#entries.set(entry.id, entry)
    for (const wake of this.#waiting.get(entry.id) ?? []) wake()
    this.#waiting.delete(entry.id)
  }

  delete(id: string): void {
    this.#entries.delete(id)
  }

  /** The entry, or, if there is none by then, `undefined`: a stream may be here before its hello was dealt with. */
  async awaited(id: string, waitMs: number): Promise<Entry | undefined> {
    if (!this.has(id))
      await new Promise<void>(resolve => {
        this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), resolve])
        setTimeout(resolve, waitMs).unref()
      })
    return this.get(id)
  }
}
