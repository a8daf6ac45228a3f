/** The transport of consensus on a sentry: what comes in goes on to whom sentry-relay.ts says, and to its own consensus. */
import type { WireMessage } from '../consensus/messages.ts'
import type { Transport } from '../consensus/ports.ts'
import type { Codec } from '../types/codec.ts'
import type { DirectTransport } from './direct.ts'
import { SentryRelay } from './sentry-relay.ts'

export interface SentryTransportOptions {
  readonly inner: DirectTransport
  readonly codec: Codec<WireMessage>
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
}

export const createSentryTransport = ({ inner, codec, now }: SentryTransportOptions): Transport => {
  const relay = new SentryRelay({ codec, peers: () => inner.peers(), hidden: () => inner.hidden() })
  return {
    broadcast: message => inner.broadcast(message),
    send: (peer, message) => inner.send(peer, message),
    peers: () => inner.peers(),
    onMessage: handler =>
      inner.onMessage((from, message) => {
        const to = relay.receivers(from, message, now())
        if (to.length > 0 && from.voteKey !== undefined) inner.relay(to, from.voteKey, message)
        handler(from, message)
      }),
    report: (peer, reason) => inner.report(peer, reason),
  }
}
