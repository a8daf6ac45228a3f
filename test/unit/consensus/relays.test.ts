/** To whom a certificate goes, and when. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { BlockRef } from '../../../node/consensus/block-ref.ts'
import { type Message, STANDSTILL_ITEMS } from '../../../node/consensus/messages.ts'
import type { Peer } from '../../../node/consensus/protocol.ts'
import { Relays } from '../../../node/consensus/relays.ts'
import type { Certificate, VoteKind } from '../../../node/types/vote.ts'
import { Schedule } from '../../sim/schedule.ts'
import { GENESIS } from './harness.ts'
import { certificateOf, childOf, peerOf, voteOf } from './replica-harness.ts'

const D0 = 100
const FOLLOWER: Peer = { id: 'follower', voteKey: undefined }
/** Votes somewhere else. */
const STRANGER: Peer = { id: 'stranger', voteKey: new Uint8Array(48).fill(9) }
const [A, B] = [peerOf(1), peerOf(2)] as [Peer, Peer]

const blockAt = (view: bigint, epoch = 0n): BlockRef => ({ ...childOf(GENESIS, { view }), epoch })
const of = (kind: VoteKind, view: bigint, epoch = 0n): Certificate => ({
  ...certificateOf(kind, blockAt(view, epoch)),
  epoch,
  view,
})
const vote = (kind: VoteKind, view: bigint, epoch = 0n): Message<BlockRef> => ({
  kind: 'vote',
  vote: { ...voteOf(kind, blockAt(view, epoch), 1, view), epoch },
})
const certificates = (...all: Certificate[]): Message<BlockRef> => ({
  kind: 'certificates',
  certificates: all,
})

let schedule: Schedule
let peers: Peer[]
let sent: string[]
let relays: Relays

const passMs = (ms: number): void => {
  const reached: boolean[] = []
  schedule.after(ms, () => reached.push(true))
  while (reached.length === 0) schedule.step()
}

/** What was sent since it was asked last, as "at: to, to <- kind view, kind view". */
const taken = (): string[] => sent.splice(0)

beforeEach(() => {
  schedule = new Schedule()
  peers = [A, B, FOLLOWER, STRANGER]
  sent = []
  relays = new Relays({
    clock: {
      now: () => schedule.now,
      after: (delayMs, callback) => {
        let isWanted = true
        schedule.after(delayMs, () => {
          if (isWanted) callback()
        })
        return () => {
          isWanted = false
        }
      },
    },
    networkDelayMs: D0,
    peers: () => peers,
    isVoter: peer => [A.id, B.id].includes(peer.id),
    send: (to, all) =>
      sent.push(
        `${schedule.now}: ${to.join(', ')} <- ${all.map(({ kind, view }) => `${kind} ${view}`).join(', ')}`,
      ),
  })
})

describe('a certificate', () => {
  it('goes at once to those who do not vote, and to those who do when they have shown nothing for a while', () => {
    relays.add(of('notarize', 1n))
    expect(taken()).toEqual(['0: follower, stranger <- notarize 1'])
    passMs(D0 - 1)
    expect(taken()).toEqual([])
    passMs(1)
    expect(taken()).toEqual(['100: peer1 <- notarize 1', '100: peer2 <- notarize 1'])
    passMs(20 * D0)
    expect(taken()).toEqual([])
  })

  it('goes once, though others come before it is due, each in its time', () => {
    peers = [A]
    relays.add(of('notarize', 1n))
    passMs(60)
    relays.add(of('nullify', 2n))
    passMs(200)
    expect(taken()).toEqual(['100: peer1 <- notarize 1', '160: peer1 <- nullify 2'])
  })

  it('sets no timer where nobody votes', () => {
    peers = [FOLLOWER]
    relays.add(of('notarize', 1n))
    expect(taken()).toEqual(['0: follower <- notarize 1'])
    expect(schedule.step()).toBe(false)
    peers = []
    relays.add(of('notarize', 2n))
    expect(taken()).toEqual([])
    expect(schedule.step()).toBe(false)
  })

  it.each<[string, Message<BlockRef>]>([
    ['an F vote of its view', vote('finalize', 5n)],
    ['an N vote of the next view', vote('notarize', 6n)],
    ['an L vote of the next view', vote('nullify', 6n)],
    ['the certificate itself', certificates(of('notarize', 5n))],
    ['one of a later view', certificates(of('nullify', 3n), of('nullify', 8n))],
    [
      'a proposal in a later view',
      { kind: 'proposal', view: 7n, block: blockAt(7n), signature: Uint8Array.of(), justification: [] },
    ],
    ['a vote of a later epoch', vote('notarize', 1n, 1n)],
  ])('does not go to a peer that has shown that it has it: by %s', (_, message) => {
    peers = [A, B]
    relays.add(of('notarize', 5n))
    relays.heard(A, message)
    passMs(D0)
    expect(taken()).toEqual(['100: peer2 <- notarize 5'])
  })

  it('does not go to a peer that had shown it before', () => {
    peers = [A, B]
    relays.heard(A, vote('finalize', 5n))
    relays.add(of('notarize', 5n))
    passMs(D0)
    expect(taken()).toEqual(['100: peer2 <- notarize 5'])
  })

  it.each<[string, Peer, Message<BlockRef>]>([
    ['a vote of its own view', A, vote('notarize', 5n)],
    ['a vote of an earlier one, after', A, vote('finalize', 4n)],
    ['one that somebody else passes on', { ...A, isRelayed: true }, vote('finalize', 5n)],
    ['a question', A, { kind: 'certificatesWanted', epoch: 0n, above: 7n, upTo: 9n }],
    ['a certificate of another epoch', A, certificates(of('notarize', 1n), of('notarize', 9n, 1n))],
    ['no certificates', A, certificates()],
  ])('goes to a peer that says something else: %s', (_, from, message) => {
    peers = [A]
    relays.add(of('notarize', 5n))
    relays.heard(from, message)
    passMs(D0)
    expect(taken()).toEqual(['100: peer1 <- notarize 5'])
  })

  it('goes, in a new epoch, to a peer that was further in the old one, and not to one that is in a later one', () => {
    peers = [A, B]
    relays.heard(A, vote('finalize', 90n))
    relays.heard(B, vote('notarize', 1n, 2n))
    relays.heard(B, vote('notarize', 90n, 1n))
    relays.add(of('notarize', 1n, 1n))
    passMs(D0)
    expect(taken()).toEqual(['100: peer1 <- notarize 1'])
    relays.add(of('notarize', 5n, 2n))
    relays.heard(A, vote('finalize', 5n, 2n))
    passMs(D0)
    expect(taken()).toEqual(['200: peer2 <- notarize 5'])
  })

  it('goes to nobody who has left, and what he had shown is forgotten', () => {
    relays.heard(A, vote('finalize', 5n))
    relays.add(of('notarize', 1n))
    peers = [B]
    passMs(D0)
    expect(taken().slice(1)).toEqual(['100: peer2 <- notarize 1'])
    peers = [A]
    relays.add(of('notarize', 5n))
    passMs(D0)
    expect(taken()).toEqual(['200: peer1 <- notarize 5'])
  })

  it('goes with as many others as one message takes, the last ones', () => {
    peers = [A]
    for (let view = 1n; view <= 70n; view++) relays.add(of('nullify', view))
    passMs(D0)
    expect(taken().map(line => line.split(', ').length)).toEqual([STANDSTILL_ITEMS])
  })

  it('goes nowhere once all is over', () => {
    relays.add(of('notarize', 1n))
    taken()
    relays.stop()
    passMs(10 * D0)
    expect(taken()).toEqual([])
  })
})

describe('certificates that finalise', () => {
  it('wait longer, and go as one, the highest', () => {
    peers = [A, B]
    for (let view = 1n; view <= 4n; view++) {
      relays.add(of('finalize', view))
      passMs(D0)
    }
    passMs(4 * D0)
    expect(taken()).toEqual(['500: peer1 <- finalize 4', '500: peer2 <- finalize 4'])
    relays.add(of('finalize', 1n, 1n))
    relays.add(of('finalize', 9n))
    passMs(5 * D0)
    expect(taken()).toEqual(['1300: peer1 <- finalize 1', '1300: peer2 <- finalize 1'])
  })

  it('are shown by one that finalises, of that view or a later one, and by nothing else', () => {
    peers = [A, B]
    relays.add(of('finalize', 5n))
    relays.heard(A, certificates(of('notarize', 9n)))
    relays.heard(A, vote('finalize', 9n))
    relays.heard(A, certificates(of('finalize', 4n)))
    relays.heard(B, certificates(of('finalize', 6n)))
    passMs(5 * D0)
    expect(taken()).toEqual(['500: peer1 <- finalize 5'])
  })
})
