/**
 * One connection over HTTP that stays open, without a client library: what a program in any language pays, and
 * little of it here, for the driver shares the machine with what it measures.
 */
import { connect, type Socket } from 'node:net'
import { BenchError } from './error.ts'
import { readAnswer } from './http-answer.ts'

export interface PlainConnection {
  /** The body of the answer, which must be a 200. One at a time. Throws a {@link BenchError}. */
  post(path: string, body: string): Promise<string>
  /** The same in bytes, both ways. */
  postBytes(path: string, body: Uint8Array): Promise<Buffer>
  close(): void
}

class Connection implements PlainConnection {
  readonly #host: string
  readonly #port: number
  #socket: Socket | undefined
  #received: Buffer = Buffer.alloc(0)
  #waiting: { path: string; resolve: (body: Buffer) => void; reject: (error: unknown) => void } | undefined

  constructor(url: string) {
    const { hostname, port } = new URL(url)
    this.#host = hostname
    this.#port = Number(port)
  }

  async post(path: string, body: string): Promise<string> {
    return (await this.#post(path, 'application/json', Buffer.from(body))).toString()
  }

  postBytes(path: string, body: Uint8Array): Promise<Buffer> {
    return this.#post(path, 'application/octet-stream', body)
  }

  #post(path: string, type: string, body: Uint8Array): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.#waiting !== undefined) throw new Error('a connection has one question under way')
      this.#waiting = { path, resolve, reject }
      const head =
        `POST ${path} HTTP/1.1\r\nHost: ${this.#host}:${this.#port}\r\nContent-Type: ${type}\r\n` +
        `Content-Length: ${body.length}\r\n\r\n`
      this.#open().write(Buffer.concat([Buffer.from(head), body]))
    })
  }

  close(): void {
    this.#socket?.destroy()
  }

  /** A server may have closed it while it was idle. */
  #open(): Socket {
    if (this.#socket !== undefined && !this.#socket.destroyed) return this.#socket
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true })
    this.#socket = socket
    this.#received = Buffer.alloc(0)
    let cause: unknown
    socket.on('error', error => {
      cause = error
    })
    socket.on('close', () => {
      if (socket === this.#socket) this.#fail(new BenchError('refused', 'the connection broke', { cause }))
    })
    socket.on('data', data => this.#take(socket, data))
    return socket
  }

  #take(socket: Socket, data: Buffer): void {
    this.#received = this.#received.length === 0 ? data : Buffer.concat([this.#received, data])
    try {
      const answer = readAnswer(this.#received)
      if (answer === undefined) return
      const { status, body, size, isLast } = answer
      this.#received = this.#received.subarray(size)
      if (isLast) socket.destroy()
      const waiting = this.#waiting
      this.#waiting = undefined
      if (status === 200) waiting?.resolve(body)
      else
        waiting?.reject(
          new BenchError('refused', `${waiting.path} answers ${status}: ${body.toString().slice(0, 500)}`),
        )
    } catch (error) {
      socket.destroy()
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    this.#waiting?.reject(error)
    this.#waiting = undefined
  }
}

/** Opened with the first question. */
export const openPlainConnection = (url: string): PlainConnection => new Connection(url)
