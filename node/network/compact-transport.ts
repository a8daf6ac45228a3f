/** The transport of consensus over that of frames: compact-relay.ts with its clock, its questions and its timer. */
import type { Peer } from '../consensus/protocol.ts'
import type { Height } from '../types/primitives.ts'
import type { DirectTransport } from './direct.ts'
import { CompactRelay, type CompactRelayOptions, type RelayAction } from './compact-relay.ts'
import { RequestError, type RequestHandler, type Requests } from './ports.ts'

export interface CompactTransportOptions extends Omit<CompactRelayOptions, 'peers'> {
  readonly inner: DirectTransport
  readonly requests: Requests
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
}

export interface CompactTransport {
  readonly transport: DirectTransport
  /** Answers `blockTransactions`. */
  readonly serve: RequestHandler
  /** Proposals up to there are forgotten. */
  finalised(height: Height): void
  stop(): void
}

export const createCompactTransport = ({
  inner,
  requests,
  now,
  ...options
}: CompactTransportOptions): CompactTransport => {
  const relay = new CompactRelay({ ...options, peers: () => inner.peers().map(({ id }) => id) })
  const stopping = new AbortController()
  let handler: ((from: Peer, message: Uint8Array) => void) | undefined
  let timer: NodeJS.Timeout | undefined

  const ask = async (id: number, peer: string, request: Uint8Array): Promise<void> => {
    let answer: Uint8Array | undefined
    try {
      answer = await requests.request(peer, 'blockTransactions', request, stopping.signal)
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
    }
    if (!stopping.signal.aborted) carryOut(relay.answered(id, answer, now()))
  }

  const carryOut = (actions: readonly RelayAction[]): void => {
    for (const action of actions) {
      if (action.kind === 'ask') void ask(action.ask, action.peer, action.request)
      else if (action.kind === 'report') requests.report(action.peer, action.offence, action.reason)
      else {
        const from = inner.peers().find(({ id }) => id === action.from)
        if (from === undefined) continue
        const { voice: voteKey } = action
        handler?.(voteKey === undefined ? from : { id: from.id, voteKey, isRelayed: true }, action.message)
      }
    }
    wake()
  }

  const wake = (): void => {
    clearTimeout(timer)
    const at = relay.wakeAt
    timer =
      at === undefined || stopping.signal.aborted
        ? undefined
        : setTimeout(() => carryOut(relay.tick(now())), Math.max(1, at - now())).unref()
  }

  inner.onMessage(({ id, voteKey, isRelayed }, frame) =>
    carryOut(relay.incoming(id, frame, now(), isRelayed === true ? voteKey : undefined)),
  )
  return {
    transport: {
      broadcast: message => inner.broadcast(relay.outgoing(message)),
      send: (peer, message) => inner.send(peer, relay.outgoing(message)),
      peers: () => inner.peers(),
      onMessage: handle => {
        handler = handle
      },
      report: (peer, reason) => inner.report(peer, reason),
      hidden: () => inner.hidden(),
      relay: (to, voteKey, message) => inner.relay(to, voteKey, relay.outgoing(message)),
    },
    serve: body => Promise.resolve(relay.serve(body)),
    finalised: height => relay.finalised(height),
    stop: () => {
      stopping.abort()
      clearTimeout(timer)
    },
  }
}
