/**
 * WebSockets on an HTTP server, loaded when the first client asks to upgrade: they take a tenth of the time that a node takes
 * until it answers, and TLS with them. Whoever asks meanwhile waits. Nothing is lost: nobody reads from their sockets.
 */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Sockets } from './sockets.ts'

/** A client that has gone says so again when its socket is read. */
const ignore = (): void => undefined

/** If `load` fails, whoever waits is disconnected, `onError` hears why, and the next tries again. */
export const openLate = (
  server: Server,
  load: () => Promise<Sockets>,
  onError: (error: unknown) => void,
): { close(): void } => {
  const waiting = new Set<Duplex>()
  let sockets: Sockets | undefined
  let loading: Promise<void> | undefined
  let isClosed = false

  const loaded = async (): Promise<void> => {
    try {
      sockets = await load()
      if (isClosed) sockets.close()
    } catch (error) {
      loading = undefined
      throw error
    }
  }

  const accept = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    waiting.add(socket)
    socket.on('error', ignore)
    try {
      await (loading ??= loaded())
    } catch (error) {
      socket.destroy()
      onError(error)
    } finally {
      waiting.delete(socket)
    }
    if (isClosed || sockets === undefined) return void socket.destroy()
    sockets.accept(request, socket, head)
    // They listen themselves.
    socket.off('error', ignore)
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (sockets === undefined || isClosed) void accept(request, socket, head)
    else sockets.accept(request, socket, head)
  })

  return {
    close() {
      isClosed = true
      for (const socket of waiting) socket.destroy()
      sockets?.close()
    },
  }
}
