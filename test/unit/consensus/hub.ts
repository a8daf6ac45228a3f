/** Transports between drivers of one process: every message arrives, later and in order. */
import type { Peer, Transport } from '../../../node/consensus/ports.ts'
import { voteKeyOf } from './single-chain.ts'

export interface Hub {
  /** With the vote key of this seed (single-chain.ts). A seed has one place at the hub. */
  join(seed: number): Transport
  leave(seed: number): void
  readonly reports: string[]
  /** Every message sent, with its sender. */
  readonly sent: { from: number; message: Uint8Array }[]
}

export const createHub = (): Hub => {
  const handlers = new Map<number, (from: Peer, message: Uint8Array) => void>()
  const reports: string[] = []
  const sent: { from: number; message: Uint8Array }[] = []
  const deliver = (from: number, to: number, message: Uint8Array) => {
    setImmediate(() => handlers.get(to)?.({ id: String(from), voteKey: voteKeyOf(from) }, message))
  }
  return {
    reports,
    sent,
    leave: seed => handlers.delete(seed),
    join: validator => {
      const others = () => [...handlers.keys()].filter(other => other !== validator)
      return {
        broadcast: message => {
          sent.push({ from: validator, message })
          for (const to of others()) deliver(validator, to, message)
        },
        send: (peer, message) => deliver(validator, Number(peer), message),
        peers: () => others().map(other => ({ id: String(other), voteKey: voteKeyOf(other) })),
        onMessage: handler => handlers.set(validator, handler),
        report: (peer, reason) => reports.push(`${peer}: ${reason}`),
      }
    },
  }
}
