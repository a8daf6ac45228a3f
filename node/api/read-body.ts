/** The body of a request, as bytes. */
import type { IncomingMessage } from 'node:http'
import { release } from '../types/release.ts'
import { MAX_BODY_BYTES } from './limits.ts'

/** `too_large`: longer than a body may be, and not read to its end. `gone`: whoever sent it has hung up on the way. */
export const readBody = async (request: IncomingMessage): Promise<Buffer | 'too_large' | 'gone'> => {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > MAX_BODY_BYTES) return 'too_large'
      chunks.push(chunk)
    }
  } catch (error) {
    if (request.errored === null) throw error
    return 'gone'
  }
  const body = Buffer.concat(chunks)
  for (const chunk of chunks) release(chunk)
  return body
}
