/** The nodes that this one is connected to. */
import { formatInteger } from '../../amounts.ts'
import type { Peers } from '../model.ts'
import { span } from '../text.ts'
import { formatAge, formatBytes, shortHash } from '../words.ts'
import { type Item, listAll, type ListView, pairs } from './list.ts'

type Peer = Peers['peers'][number]

const shortPeer = (id: string): string => `…${id.slice(-8)}`

const toItem = (peer: Peer): Item => ({
  id: peer.id,
  value: peer.address,
  call: 'curl -s "$VEX_URL/api/peers"',
  cells: () => [
    span(shortPeer(peer.id), 'accent'),
    span(peer.isValidatorKeyProven ? `${peer.kind} ✓` : peer.kind),
    span(formatInteger(BigInt(peer.head.height))),
    span(peer.direction === 'inbound' ? 'in' : 'out', 'dim'),
    span(formatBytes(Number(peer.bytesReceived)), 'dim'),
    span(formatBytes(Number(peer.bytesSent)), 'dim'),
    span(formatAge(Number(peer.connectedMs)), 'dim'),
  ],
  detail: width =>
    pairs(
      [
        ['id', peer.id, 'bold'],
        ['kind', `${peer.kind}${peer.isValidatorKeyProven ? ', has proven its vote key ✓' : ''}`],
        ['address', peer.address],
        ['direction', peer.direction],
        ['runs', peer.agent],
        [
          'head',
          `block ${formatInteger(BigInt(peer.head.height))}, ${shortHash(peer.head.hash)}, as it said last`,
        ],
        ['keeps from', `block ${formatInteger(BigInt(peer.keptFrom))}`],
        ['connected', `for ${formatAge(Number(peer.connectedMs))}`],
        ['received', formatBytes(Number(peer.bytesReceived))],
        ['sent', formatBytes(Number(peer.bytesSent))],
      ],
      width,
    ),
})

export const peersView: ListView = {
  id: 'peers',
  isTail: false,
  whenEmpty: 'no other node is connected: a chain of one needs none',
  columns: [
    { title: 'peer', width: 9, priority: 1 },
    { title: 'kind', width: 11, isWide: true, priority: 2 },
    { title: 'head', width: 9, isRight: true, priority: 3 },
    { title: 'dir', width: 3, priority: 6 },
    { title: 'received', width: 9, isRight: true, priority: 4 },
    { title: 'sent', width: 9, isRight: true, priority: 5 },
    { title: 'for', width: 6, isRight: true, priority: 7 },
  ],
  list: (model, filter) =>
    listAll(
      model.peers?.peers ?? [],
      filter,
      ({ id, kind, address, agent }) => `${id} ${kind} ${address} ${agent}`,
      ({ id }) => id,
      toItem,
    ),
}
