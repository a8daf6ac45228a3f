/**
 * The gossip of transactions: batches in, judged before they are passed on; batches out.
 *
 *   message = u8 | a batch          the byte is 0, but in a batch that is published again: gossip knows messages by their
 *                                   hash, and carries each once
 */
import { type GossipSub, TopicValidatorResult } from '@libp2p/gossipsub'
import type { Logger } from 'pino'
import { concatBytes } from '#bytes'
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

export const messageOf = (batch: Uint8Array, again = 0): Uint8Array =>
  concatBytes(Uint8Array.of(again), batch)

/** The batch in a message of the topic; none in an empty one. */
export const batchIn = (message: Uint8Array): Uint8Array | undefined =>
  message.length === 0 ? undefined : message.subarray(1)

export interface Topic {
  /** `again`: a number from 0 to 255; another one if the same batch may have gone out before. */
  readonly publish: (batch: Uint8Array, again?: number) => void
  /**
   * Somebody who was welcomed, and is there still, has said that it listens, and hears us: gossip itself learns later who is
   * gone, and may for a while go one way only.
   */
  readonly hasListeners: () => boolean
  /** Gossip goes both ways between us and the peer. */
  readonly isHeard: (peer: string) => boolean
}

export const joinTopic = ({ gossip, name, table, logger, judge, onReject }: TopicOptions): Topic => {
  const internals = gossip as unknown as Internals
  const take = async (message: Uint8Array, id: string, from: string): Promise<void> => {
    let verdict: Verdict = 'ignore'
    try {
      // Who was not welcomed is not listened to.
      const batch = batchIn(message)
      if (table.has(from)) verdict = batch === undefined ? 'reject' : await judge(batch)
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
  const isHeard = (peer: string): boolean =>
    internals.streamsInbound.has(peer) && internals.streamsOutbound.has(peer)
  return {
    publish(batch, again) {
      gossip.publish(name, messageOf(batch, again)).catch((error: unknown) => {
        logger.debug({ error }, 'a batch of transactions was not published')
      })
    },
    hasListeners: () =>
      gossip
        .getSubscribers(name)
        .map(String)
        .some(peer => table.has(peer) && isHeard(peer)),
    isHeard,
  }
}
