/** Streams between two ends in this process; what one end sends back is looked at as Yamux's frames. */
import type { Stream } from '@libp2p/interface'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { beforeAll, expect, it } from 'vitest'
import { closeNetworks, createTestNetwork, until } from '../../support/test-network.ts'

const KiB = 1024
/** Of Yamux: what may come before the first update. */
const WINDOW_BYTES = 256 * KiB
const HEADER_BYTES = 12
const WINDOW_UPDATE = 1

// A node sees to it when it makes its host.
beforeAll(async () => {
  await createTestNetwork('any')
  await closeNetworks()
})

/** A stream, what has come at its other end, and the window updates that this end has sent. */
const openStream = async () => {
  const [outbound, inbound] = multiaddrConnectionPair()
  const client = yamux()().createStreamMuxer(outbound)
  const server = yamux()().createStreamMuxer(inbound)
  const received: Uint8Array[] = []
  const updates: number[] = []
  outbound.addEventListener('message', ({ data }) => {
    const frame = Buffer.from(data.subarray())
    for (let at = 0; at + HEADER_BYTES <= frame.length; at += HEADER_BYTES)
      if (frame[at + 1] === WINDOW_UPDATE && frame.readUInt16BE(at + 2) === 0)
        updates.push(frame.readUInt32BE(at + 8))
  })
  server.addEventListener('stream', ({ detail: stream }) =>
    stream.addEventListener('message', ({ data }) => received.push(data.subarray())),
  )
  const stream: Stream = await client.createStream()
  await until(() => server.streams.length === 1, 'the stream')
  const bytes = (): number => received.reduce((sum, { length }) => sum + length, 0)
  return { stream, server, updates, bytes, whole: () => Buffer.concat(received) }
}

it('says nothing after small messages, until half of the window is used', async () => {
  const { stream, updates, bytes } = await openStream()
  const message = new Uint8Array(KiB)
  const untilCome = (messages: number) => until(() => bytes() === messages * KiB, 'messages')
  // The answer to the stream's opening gives the first one's room back.
  stream.send(message)
  await untilCome(1)
  for (let i = 0; i < 127; i++) stream.send(message)
  await untilCome(128)
  expect(updates).toEqual([])
  stream.send(message)
  await until(() => updates.length === 1, 'an update')
  expect(updates[0]).toBeGreaterThanOrEqual(WINDOW_BYTES / 2)
})

it('lets through what is many times the window, whole and in order', async () => {
  const { stream, updates, bytes, whole } = await openStream()
  const message = Buffer.alloc(24 * WINDOW_BYTES + 1, Buffer.from(Array.from({ length: 251 }, (_, i) => i)))
  stream.send(message)
  await until(() => bytes() === message.length, 'all of it')
  expect(whole().equals(message)).toBe(true)
  // The library sends one for each of some hundred frames.
  expect(updates.length).toBeLessThanOrEqual(24)
})

it('goes on after a pause in which the window ran out', async () => {
  const { stream, server, bytes } = await openStream()
  const [receiver] = server.streams
  receiver?.pause()
  stream.send(new Uint8Array(3 * WINDOW_BYTES))
  await new Promise(resolve => setTimeout(resolve, 50))
  expect(bytes()).toBeLessThanOrEqual(WINDOW_BYTES)
  receiver?.resume()
  await until(() => bytes() === 3 * WINDOW_BYTES, 'the rest')
})
