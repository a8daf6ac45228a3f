/** The API's part for operators: the other nodes that this one talks to. */
import type { PeerInfo } from '../network/network.ts'
import * as outputs from './outputs.ts'
import { answer } from './route.ts'
import { query, router } from './trpc.ts'
import { hex } from './views.ts'

const viewPeer = ({ id, kind, head, keptFrom, ...peer }: PeerInfo) => ({
  id,
  kind,
  agent: peer.agent,
  address: peer.address,
  direction: peer.direction,
  /** Whether it has proven a vote key; whose it is, the epoch's validators say. */
  isValidatorKeyProven: peer.isValidatorKeyProven,
  /** As it said last. */
  head: { height: String(head.height), hash: hex(head.hash) },
  keptFrom: String(keptFrom),
  connectedMs: String(peer.connectedMs),
  bytesReceived: String(peer.bytesReceived),
  bytesSent: String(peer.bytesSent),
})

export const network = router({
  /** Those connected now, and how others reach this node. */
  peers: query
    .meta({ method: 'GET', path: '/peers', summary: 'The nodes that this one is connected to' })
    .output(answer(outputs.peers))
    .query(({ ctx: { backend } }) => ({
      peerId: backend.networkPlace()?.peerId ?? null,
      addresses: backend.networkPlace()?.addresses ?? [],
      peers: backend.peers().map(viewPeer),
    })),
})
