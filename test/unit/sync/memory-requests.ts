/** A network in memory: what is asked of a peer goes to its handlers, as bytes that nobody else holds. */
import type { ChainView } from '../../../node/chain/chain-view.ts'
import {
  type NetworkPeer,
  RequestError,
  type RequestHandlers,
  type Requests,
} from '../../../node/network/ports.ts'
import { REQUESTS, type RequestName } from '../../../node/network/request-table.ts'

export interface MemoryPeer {
  readonly id: string
  readonly chain: ChainView
  readonly handlers: RequestHandlers
  /** What it gives instead of its answer. */
  readonly give?: ((name: RequestName, answer: Uint8Array) => Uint8Array) | undefined
}

export interface MemoryRequests extends Requests {
  readonly reports: string[]
  /** `name of peer` of each request, in order. */
  readonly asked: string[]
}

const toPeer = ({ id, chain }: MemoryPeer): NetworkPeer => {
  const { hash, header } = chain.head
  return { id, kind: 'full', head: { height: header.height, hash }, keptFrom: chain.store.keptFrom() }
}

export const createMemoryRequests = (peers: readonly MemoryPeer[]): MemoryRequests => {
  const reports: string[] = []
  const asked: string[] = []
  const banned = new Set<string>()
  return {
    reports,
    asked,
    peers: () => peers.filter(({ id }) => !banned.has(id)).map(toPeer),
    async request(id, name, body, signal = new AbortController().signal) {
      asked.push(`${name} of ${id}`)
      const peer = peers.find(other => other.id === id)
      if (peer === undefined || banned.has(id)) throw new RequestError('closed', `${id} is not there`)
      if (body.length > REQUESTS[name].maxRequestBytes)
        throw new RequestError('refused', 'too large a request')
      await new Promise(resolve => setImmediate(resolve))
      if (signal.aborted) throw new RequestError('aborted', 'not wanted any more')
      const answer = await peer.handlers[name]?.(Uint8Array.from(body), toPeer(peer), signal)
      if (answer === undefined) throw new RequestError('refused', `${id} does not have it`)
      const given = Uint8Array.from(peer.give?.(name, answer) ?? answer)
      if (given.length > REQUESTS[name].maxAnswerBytes)
        throw new RequestError('too_large', 'too large an answer')
      return given
    },
    report(id, offence, reason) {
      reports.push(`${offence} of ${id}: ${reason}`)
      if (offence === 'invalid') banned.add(id)
    },
  }
}
