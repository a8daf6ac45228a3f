/** Clients that ask to upgrade while WebSockets are being loaded: nobody is lost, and nobody waits for what has ended. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openLate } from '../../../node/api/late-sockets.ts'
import type { Sockets } from '../../../node/api/sockets.ts'

let server: Server
const clients: Socket[] = []

beforeEach(async () => {
  server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(() => {
  for (const client of clients.splice(0)) client.destroy()
  server.close()
  server.closeAllConnections()
})

/** A client that asks to upgrade, and all that it has heard once it is disconnected. */
const ask = async (path = '/trpc', more = '') => {
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  clients.push(client)
  client.on('error', () => undefined)
  const heard: Buffer[] = []
  client.on('data', part => heard.push(part))
  const ended = once(client, 'close').then(() => Buffer.concat(heard).toString())
  await once(client, 'connect')
  client.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n${more}`)
  return { client, ended }
}

/** Answers with the path that was asked for and what came with it or after it. */
const answering = (): Sockets & { readonly accepted: string[]; isClosed: boolean } => ({
  accepted: [],
  isClosed: false,
  accept(request, socket, head) {
    this.accepted.push(String(request.url))
    if (head.length > 0) socket.unshift(head)
    socket.once('data', (part: Buffer) => socket.end(`${request.url} ${part.toString()}`))
  },
  close() {
    this.isClosed = true
  },
})

/** Loads when it is told to. */
const later = () => {
  const sockets = answering()
  const gate = Promise.withResolvers<Sockets>()
  let loads = 0
  const load = () => {
    loads++
    return gate.promise
  }
  return { sockets, load, loads: () => loads, arrive: () => gate.resolve(sockets), fail: gate.reject }
}

const upgrades = (count: number): Promise<void> =>
  new Promise(resolve => {
    let seen = 0
    server.on('upgrade', () => {
      if (++seen === count) resolve()
    })
  })

const noError = (error: unknown): void => {
  throw error as Error
}

it('loads nothing for a server that nobody asks to upgrade', async () => {
  const { load, loads } = later()
  openLate(server, load, noError).close()
  expect(loads()).toBe(0)
})

it('lets those wait who come while it loads, loads once, and loses nothing that they send meanwhile', async () => {
  const { sockets, load, loads, arrive } = later()
  const late = openLate(server, load, noError)
  const two = upgrades(2)
  const first = await ask('/trpc?1', 'with it')
  const second = await ask('/trpc?2')
  await two
  second.client.write('after it')
  arrive()
  expect(await first.ended).toBe('/trpc?1 with it')
  expect(await second.ended).toBe('/trpc?2 after it')
  const third = await ask('/trpc?3', 'x')
  expect(await third.ended).toBe('/trpc?3 x')
  expect(loads()).toBe(1)
  expect(sockets.isClosed).toBe(false)
  late.close()
  expect(sockets.isClosed).toBe(true)
})

it('disconnects those who wait when it is closed, and closes what arrives after that', async () => {
  const { sockets, load, arrive } = later()
  const late = openLate(server, load, noError)
  const one = upgrades(1)
  const { ended } = await ask()
  await one
  late.close()
  expect(await ended).toBe('')
  arrive()
  await expect.poll(() => sockets.isClosed).toBe(true)
  expect(sockets.accepted).toEqual([])
  // As a server that is stopping does.
  expect(await (await ask()).ended).toBe('')
})

it('tells why it cannot load, disconnects who waited, and tries again for the next', async () => {
  const errors: unknown[] = []
  const sockets = answering()
  const outcomes = [Promise.reject(new Error('no such module')), Promise.resolve(sockets)]
  outcomes[0]?.catch(() => undefined)
  const late = openLate(
    server,
    () => outcomes.shift() as Promise<Sockets>,
    error => errors.push(error),
  )
  expect(await (await ask()).ended).toBe('')
  expect(errors).toEqual([new Error('no such module')])
  expect(await (await ask('/trpc', 'again')).ended).toBe('/trpc again')
  late.close()
})

it('outlives a client that goes while it waits', async () => {
  const { sockets, load, arrive } = later()
  const late = openLate(server, load, noError)
  const one = upgrades(1)
  const { client } = await ask()
  await one
  client.resetAndDestroy()
  const other = await ask('/trpc', 'here')
  arrive()
  expect(await other.ended).toBe('/trpc here')
  expect(sockets.accepted).toContain('/trpc')
  late.close()
})
