/** A way from one node to another that can be cut and mended: cut, what runs through it breaks, and nobody gets through. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface LinkProxy {
  readonly port: number
  /** That came so far. */
  readonly connections: number
  setCut(isCut: boolean): void
  close(): Promise<void>
}

const HOST = '127.0.0.1'

/** `targetPort` is asked for with each connection: a node may come back on another. */
export const startLinkProxy = async (targetPort: () => number): Promise<LinkProxy> => {
  const sockets = new Set<Socket>()
  let isCut = false
  let connections = 0
  const hold = (socket: Socket, other: Socket): void => {
    sockets.add(socket)
    socket.pipe(other)
    // Whoever is at the other end hears of it by the end of its own socket.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      sockets.delete(socket)
      other.destroy()
    })
  }
  const server = createServer(near => {
    connections++
    if (isCut) return void near.resetAndDestroy()
    const far = connect(targetPort(), HOST)
    hold(near, far)
    hold(far, near)
  })
  server.listen(0, HOST)
  await once(server, 'listening')
  const breakAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    get connections() {
      return connections
    },
    port: (server.address() as AddressInfo).port,
    setCut(cut) {
      isCut = cut
      if (cut) breakAll()
    },
    async close() {
      server.close()
      breakAll()
      await once(server, 'close')
    },
  }
}
