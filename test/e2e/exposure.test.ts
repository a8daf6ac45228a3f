/** A node that others reach: its token, its origins, HTTPS, and what only its own machine may do. */
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { apiFailure, createApiClient } from '../../node/api/client.ts'
import { apiRouter } from '../../node/api/router.ts'
import { adminRouter } from '../../node/api/admin-router.ts'
import { ConfigError, parseConfig } from '../../node/config.ts'
import { readExposure } from '../../node/exposure.ts'
import type { NodeOptions } from '../../node/node.ts'
import {
  removeDirectory,
  type RunningNode,
  startTestNode,
  temporaryDirectory,
} from '../support/running-node.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures/tls')
const TOKEN = 'correct-horse-battery-staple'
const ORIGIN = 'https://wallet.example.org'
const OTHER = 'https://other.example.org'

const running: RunningNode[] = []
const start = async (options: Partial<NodeOptions>): Promise<RunningNode> => {
  const node = await startTestNode(await temporaryDirectory(), 0, {}, options)
  running.push(node)
  return node
}
afterEach(async () => {
  for (const node of running.splice(0)) {
    await node.stop()
    expect(node.fatal).toEqual([])
    await removeDirectory(node.directory)
  }
})

/** Whether the socket opened, or the status that it was refused with. */
const openSocket = (url: string, headers: Record<string, string>): Promise<number | 'open'> =>
  new Promise(resolve => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/trpc`, { headers })
    socket.on('unexpected-response', (_, { statusCode = 0 }) => {
      resolve(statusCode)
      socket.terminate()
    })
    socket.on('open', () => {
      resolve('open')
      socket.terminate()
    })
    socket.on('error', () => undefined)
  })

/** As a client sends most of what it asks: answered without tRPC's adapter. */
const postCall = (url: string, headers: Record<string, string>): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers } })

describe('with a token', () => {
  it('nothing of the chain is told without it, over HTTP or a WebSocket; with it all is', async () => {
    const lines: string[] = []
    const stream = new Writable({
      write(chunk, _, done) {
        lines.push(String(chunk))
        done()
      },
    })
    const { node } = await start({
      access: { corsOrigins: ['*'], token: TOKEN },
      logger: pino({ level: 'trace' }, stream),
    })
    const { url } = node
    const statusOf = async (path: string, token?: string): Promise<number> => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
      const response = await fetch(`${url}${path}`, { headers })
      await response.body?.cancel()
      return response.status
    }
    for (const path of ['/api/chain', '/trpc/chain.info', '/metrics', '/api/streams/blocks?fromHeight=0']) {
      expect([path, await statusOf(path)]).toEqual([path, 401])
      expect([path, await statusOf(path, `${TOKEN}x`)]).toEqual([path, 401])
      expect([path, await statusOf(path, TOKEN)]).toEqual([path, 200])
    }
    const statusOfCall = async (authorization: string): Promise<number> =>
      (await postCall(`${url}/trpc/chain.info`, { authorization })).status
    expect(await statusOfCall('')).toBe(401)
    expect(await statusOfCall(`Bearer ${TOKEN}x`)).toBe(401)
    expect(await statusOfCall(`Bearer ${TOKEN}`)).toBe(200)
    for (const path of ['/health', '/ready', '/docs', '/api'])
      expect([path, await statusOf(path)]).toEqual([path, 200])
    const { security, components } = (await (await fetch(`${url}/api`)).json()) as Record<string, object>
    expect(security).toEqual([{ token: [] }])
    expect(components).toMatchObject({ securitySchemes: { token: { scheme: 'bearer' } } })

    for (const token of [undefined, 'another-token-that-is-as-long']) {
      const stranger = createApiClient({ url, token })
      const refused = await stranger.api.chain.info.query().catch((error: unknown) => apiFailure(error, url))
      expect(refused).toMatchObject({ code: 'unauthorized', message: expect.stringContaining('Bearer') })
      const streamed = await new Promise(resolve => {
        stranger.api.subscribe.blocks.subscribe(
          { fromHeight: '0' },
          { onData: () => resolve('data'), onError: error => resolve(apiFailure(error)?.code) },
        )
      })
      expect(streamed).toBe('unauthorized')
      stranger.close()
    }
    const friend = createApiClient({ url, token: TOKEN })
    expect((await friend.api.chain.info.query()).chainId).toBe('test')
    const height = await new Promise(resolve => {
      friend.api.subscribe.blocks.subscribe(
        { fromHeight: '0' },
        { onData: ({ data }) => resolve(data.height), onError: resolve },
      )
    })
    expect(height).toBe('0')
    friend.close()
    expect(lines.join('')).not.toContain(TOKEN)
  })

  it('its file is private, and holds one; the token is in no error', async () => {
    const directory = await temporaryDirectory()
    const path = join(directory, 'token')
    const read = (text: string, mode: number) => {
      writeFileSync(path, text)
      chmodSync(path, mode)
      const { api } = parseConfig(
        JSON.stringify({ kind: 'full', api: { bearerTokenFile: 'token' } }),
        'config.json',
      )
      return readExposure(api, directory).access.token
    }
    const refusal = (text: string, mode: number): string => {
      try {
        read(text, mode)
      } catch (error) {
        if (error instanceof ConfigError) return error.message
        throw error
      }
      throw new Error('expected a ConfigError')
    }
    expect(read(`${TOKEN}\n`, 0o600)).toBe(TOKEN)
    for (const mode of [0o640, 0o604, 0o644])
      expect(refusal(TOKEN, mode)).toMatch(/^api\.bearerTokenFile: others may read .*chmod 600/)
    for (const text of ['', 'short', `${TOKEN} ${TOKEN}`, `${TOKEN}\n${TOKEN}`, 'ä'.repeat(40)]) {
      const message = refusal(text, 0o600)
      expect(message).toMatch(/^api\.bearerTokenFile: .* holds no token/)
      if (text !== '') expect(message).not.toContain(text)
    }
    await removeDirectory(directory)
  })
})

describe('with a list of origins', () => {
  it('other pages read nothing, and open no WebSocket; programs are asked for none', async () => {
    const { node } = await start({ access: { corsOrigins: [ORIGIN], token: undefined } })
    const allowed = async (origin: string) =>
      (await fetch(`${node.url}/api/chain`, { headers: { origin } })).headers.get(
        'access-control-allow-origin',
      )
    expect(await allowed(ORIGIN)).toBe(ORIGIN)
    expect(await allowed(OTHER)).toBe(null)
    for (const [origin, shown] of [
      [ORIGIN, ORIGIN],
      [OTHER, null],
    ] as const) {
      const called = await postCall(`${node.url}/trpc/chain.info`, { origin })
      expect(called.headers.get('access-control-allow-origin')).toBe(shown)
      // Neither another page nor another way to answer may be taken for this one.
      expect(called.headers.get('vary')?.split(', ').sort()).toEqual(['accept', 'origin', 'trpc-accept'])
    }
    expect(await openSocket(node.url, { origin: ORIGIN })).toBe('open')
    expect(await openSocket(node.url, { origin: OTHER })).toBe(403)
    expect(await openSocket(node.url, {})).toBe('open')
  })
})

describe('the admin port', () => {
  it('has what changes the node; the public API has nothing but what is read and sent', async () => {
    const logger = pino({ level: 'warn' })
    const { node } = await start({ adminPort: 0, logger })
    const admin = node.adminUrl ?? ''
    expect(admin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const setLevel = (level: string, headers: Record<string, string> = {}) =>
      fetch(`${admin}/api/log/level`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ level }),
      })
    expect((await setLevel('debug')).status).toBe(200)
    expect(logger.level).toBe('debug')
    expect(await (await fetch(`${admin}/api/log/level`)).json()).toEqual({ level: 'debug' })
    expect((await setLevel('loud')).status).toBe(400)
    expect((await fetch(`${admin}/metrics`)).status).toBe(200)
    expect((await fetch(`${admin}/ready`)).status).toBe(200)
    expect((await fetch(`${admin}/api/chain`)).status).toBe(404)

    expect((await fetch(`${node.url}/metrics`)).status).toBe(404)
    expect((await fetch(`${node.url}/api/log/level`)).status).toBe(404)
    expect((await fetch(`${node.url}/trpc/log.level`)).status).toBe(404)

    // From a page, whatever it calls itself.
    expect((await setLevel('info', { origin: 'http://127.0.0.1:4100' })).status).toBe(403)
    expect((await postCall(`${admin}/trpc/log.level`, { origin: OTHER })).status).toBe(403)
    expect((await postCall(`${admin}/trpc/log.level`, {})).status).toBe(200)
    expect(await openSocket(admin, { origin: OTHER })).toBe(403)
    expect(await openSocket(admin, { host: 'rebound.example.org' })).toBe(403)
    expect(await openSocket(admin, {})).toBe('open')
    expect(logger.level).toBe('debug')
  })

  it('and the public API share no procedure, and only two of the public ones are not reads', () => {
    const procedures = (router: { _def: { procedures: object } }) =>
      Object.entries(router._def.procedures as Record<string, { _def: { type: string } }>)
    const changing = procedures(apiRouter).filter(([, { _def }]) => _def.type === 'mutation')
    expect(changing.map(([name]) => name)).toEqual(['transaction.submit', 'transaction.submitMany'])
    const open = new Set(procedures(apiRouter).map(([name]) => name))
    expect(procedures(adminRouter).filter(([name]) => open.has(name))).toEqual([])
  })
})

describe('with a certificate', () => {
  it('the API speaks HTTPS', async () => {
    const directory = await temporaryDirectory()
    const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')]
    copyFileSync(join(FIXTURES, 'cert.pem'), cert)
    copyFileSync(join(FIXTURES, 'key.pem'), key)
    chmodSync(key, 0o600)
    const settings = { kind: 'full', api: { tls: { cert: 'cert.pem', key: 'key.pem' } } }
    const { api } = parseConfig(JSON.stringify(settings), 'config.json')
    const { node } = await start(readExposure(api, directory))
    expect(node.url).toMatch(/^https:/)
    const answer = await new Promise<string>((resolve, reject) => {
      const asked = request(`${node.url}/api/chain`, { ca: readFileSync(cert) }, response => {
        response.setEncoding('utf8')
        let text = ''
        response.on('data', chunk => (text += chunk))
        response.on('end', () => resolve(text))
      })
      asked.on('error', reject).end()
    })
    expect(JSON.parse(answer)).toMatchObject({ chainId: 'test' })
    chmodSync(key, 0o644)
    expect(() => readExposure(api, directory)).toThrow(/^api\.tls\.key: others may read/)
    await removeDirectory(directory)
  })

  it('that is none, or another key’s, is refused with the setting', async () => {
    const directory = await temporaryDirectory()
    const tls = { cert: Buffer.from('no certificate'), key: Buffer.from('no key') }
    const options = { access: undefined, tls }
    await expect(startTestNode(directory, 0, {}, options)).rejects.toThrow(/^api\.tls: /)
    await removeDirectory(directory)
  })
})
