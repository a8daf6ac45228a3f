/** The gossip of transactions: batches in, judged before they are passed on; batches out. */
import { type GossipSub, TopicValidatorResult } from '@libp2p/gossipsub'
import type { Logger } from 'pino'
import type { PeerTable } from './peer-table.ts'

/** What to do with a batch: pass it on, drop it, or drop it and count it against its sender. */
export type Verdict = 'accept' | 'ignore' | 'reject'

export interface TopicOptions {
  readonly gossip: GossipSub
  readonly name: string
  readonly table: PeerTable
  readonly logger: Logger
  readonly judge: (batch: Uint8Array) => Promise<Verdict>
  readonly onReject: (peer: string) => void
}

/** What the interface of gossipsub leaves out. */
interface Internals {
  reportMessageValidationResult(id: string, from: string, result: TopicValidatorResult): void
  readonly streamsOutbound: ReadonlyMap<string, unknown>
  readonly streamsInbound: ReadonlyMap<string, unknown>
}

const RESULTS: Readonly<Record<Verdict, TopicValidatorResult>> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
}

export interface Topic {
  readonly publish: (batch: Uint8Array) => void
  /** Somebody who was welcomed, and is there still, has said that it listens: gossip itself hears later who is gone. */
  readonly hasListeners: () => boolean
  /** Gossip goes both ways between us and the peer. */
  readonly isHeard: (peer: string) => boolean
}

export const joinTopic = ({ gossip, name, table, logger, judge, onReject }: TopicOptions): Topic => {
  const internals = gossip as unknown as Internals
  const take = async (batch: Uint8Array, id: string, from: string): Promise<void> => {
    let verdict: Verdict = 'ignore'
    try {
      // Who was not welcomed is not listened to.
      if (table.has(from)) verdict = await judge(batch)
    } catch (error) {
      logger.error({ error }, 'a gossiped batch could not be judged')
    }
    if (verdict === 'reject') onReject(from)
    internals.reportMessageValidationResult(id, from, RESULTS[verdict])
  }
  gossip.addEventListener('gossipsub:message', ({ detail: { msg, msgId, propagationSource } }) => {
    if (msg.topic === name) void take(msg.data, msgId, propagationSource.toString())
  })
  gossip.subscribe(name)
  return {
    publish(batch) {
      gossip.publish(name, batch).catch((error: unknown) => {
        logger.debug({ error }, 'a batch of transactions was not published')
      })
    },
    hasListeners: () => gossip.getSubscribers(name).some(peer => table.has(peer.toString())),
    isHeard: peer => internals.streamsInbound.has(peer) && internals.streamsOutbound.has(peer),
  }
}
