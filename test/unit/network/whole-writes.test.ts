/** Two nodes over the loopback: what each write to a socket brings. */
import { Socket } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { closeNetworks, createTestNetwork, until, untilConnected } from '../../support/test-network.ts'

afterEach(async () => {
  vi.restoreAllMocks()
  await closeNetworks()
})

const LENGTH_BYTES = 2

/** Whether it is Noise messages from the first byte to the last, each with its length before it. */
const isWhole = (bytes: Buffer): boolean => {
  let at = 0
  while (at + LENGTH_BYTES <= bytes.length) at += LENGTH_BYTES + bytes.readUInt16BE(at)
  return at === bytes.length
}

it('each is encrypted messages as a whole, small ones and those in several pieces', async () => {
  const a = await createTestNetwork('a')
  const b = await createTestNetwork('b', { bootstrap: [a.address] })
  await untilConnected([a, b])
  const heard: number[] = []
  b.transport.onMessage((_, message) => heard.push(message.length))
  const write = vi.spyOn(Socket.prototype, 'write')
  const sizes = [1, 150, 1_500, 60_000, 200_000]
  for (const size of sizes) a.transport.broadcast(new Uint8Array(size))
  await until(() => heard.length === sizes.length, 'all messages')
  const written = write.mock.calls.map(([chunk]) => Buffer.from(chunk as Uint8Array))
  expect(heard).toEqual(sizes)
  expect(written.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(261_651)
  expect(written.filter(bytes => !isWhole(bytes))).toEqual([])
})
