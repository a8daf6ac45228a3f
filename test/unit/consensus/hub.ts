/** Transports between drivers of one process: every message arrives, later and in order. */
import type { Transport } from '../../../node/consensus/ports.ts'
import type { Peer } from '../../../node/consensus/protocol.ts'
import { voteKeyOf } from './single-chain.ts'

export interface Hub {
  /** With the vote key of this seed (single-chain.ts), at a place of its own or at the seed's. */
  join(seed: number, place?: number): Transport
  leave(place: number): void
  readonly reports: string[]
  /** Every message sent, with its sender. */
  readonly sent: { from: number; message: Uint8Array }[]
}

export const createHub = (): Hub => {
  const handlers = new Map<number, (from: Peer, message: Uint8Array) => void>()
  const seeds = new Map<number, number>()
  const peerAt = (place: number): Peer => ({
    id: String(place),
    voteKey: voteKeyOf(seeds.get(place) ?? place),
  })
  const reports: string[] = []
  const sent: { from: number; message: Uint8Array }[] = []
  const deliver = (from: number, to: number, message: Uint8Array) => {
    setImmediate(() => handlers.get(to)?.(peerAt(from), message))
  }
  return {
    reports,
    sent,
    leave: place => handlers.delete(place),
    join: (seed, validator = seed) => {
      seeds.set(validator, seed)
      const others = () => [...handlers.keys()].filter(other => other !== validator)
      return {
        broadcast: message => {
          sent.push({ from: validator, message })
          for (const to of others()) deliver(validator, to, message)
        },
        send: (peer, message) => deliver(validator, Number(peer), message),
        peers: () => others().map(peerAt),
        onMessage: handler => handlers.set(validator, handler),
        report: (peer, reason) => reports.push(`${peer}: ${reason}`),
      }
    },
  }
}
