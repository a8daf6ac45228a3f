/**
 * Loaded before everything else of a node: a line in its log each second, with what its connections to other nodes have carried
 * so far and how often it was given the same transaction.
 *
 *   bytes     of the TCP sockets, so that gossip, questions, handshakes and the frames around all of them count. Of a node's
 *             sockets those are its own that were opened to somewhere, and those that came to its port for nodes
 *   gossip    each message that came off the wire, before gossipsub drops those that it knows: transactions in all, by peer;
 *             different ones; the most often that one peer sent the same; messages that are none of ours. Ids are remembered for a while only, and not at
 *             all with COUNT_COPIES=no: of a flood only the number counts
 */
import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { isMainThread } from 'node:worker_threads'
import { CopyCount } from './copy-count.ts'
import { gossipPrototype } from './gossip-prototype.ts'

const EVERY_MS = 1_000

const countGossip = async (count: CopyCount): Promise<void> => {
  const prototype = await gossipPrototype()
  const receive = prototype.handleReceivedRpc
  prototype.handleReceivedRpc = function handleReceivedRpc(from, rpc) {
    for (const { data } of rpc.messages) if (data !== undefined) count.message(from.toString(), data)
    return receive.call(this, from, rpc)
  }
}

const countSockets = (): (() => { links: number; bytesRead: number; bytesWritten: number }) => {
  const open = new Set<Socket>()
  let [closedRead, closedWritten] = [0, 0]
  const watch = (socket: Socket): void => {
    open.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      closedRead += socket.bytesRead
      closedWritten += socket.bytesWritten
    })
  }
  const port = Number(/\/tcp\/(\d+)/.exec(process.env['VEX_NETWORK_LISTEN'] ?? '')?.[1])
  subscribe('net.client.socket', message => {
    const { socket } = message as { socket: Socket }
    socket.once('connect', () => watch(socket))
  })
  subscribe('net.server.socket', message => {
    const { socket } = message as { socket: Socket }
    if (socket.localPort === port) watch(socket)
  })
  return () => {
    let [bytesRead, bytesWritten] = [closedRead, closedWritten]
    for (const socket of open) {
      bytesRead += socket.bytesRead
      bytesWritten += socket.bytesWritten
    }
    return { links: open.size, bytesRead, bytesWritten }
  }
}

if (isMainThread) {
  const count = new CopyCount(process.env['COUNT_COPIES'] !== 'no')
  await countGossip(count)
  const sockets = countSockets()
  setInterval(() => {
    const line = { level: 30, msg: 'wire', atMs: Date.now(), ...sockets(), ...count.totals() }
    console.log(JSON.stringify(line))
  }, EVERY_MS).unref()
}
