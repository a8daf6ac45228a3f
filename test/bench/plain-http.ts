/** One connection over HTTP that stays open, without a client library: what a program in any language pays. */
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { BenchError } from './error.ts'

export interface PlainConnection {
  /** The body of the answer, which must be a 200. One at a time. */
  post(path: string, body: string): Promise<string>
  close(): void
}

export const openPlainConnection = (url: string): PlainConnection => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const { hostname, port } = new URL(url)
  return {
    post: (path, body) =>
      new Promise((resolve, reject) => {
        const asked = request({
          agent,
          hostname,
          port,
          path,
          method: 'POST',
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        })
        asked.on('error', reject)
        asked.on('response', response => {
          text(response).then(answer => {
            if (response.statusCode === 200) resolve(answer)
            else reject(new BenchError('refused', `${path} answers ${response.statusCode}: ${answer}`))
          }, reject)
        })
        asked.end(body)
      }),
    close: () => agent.destroy(),
  }
}
