/** config.json and the environment: one table; whatever does not fit is refused by its name. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  ConfigError,
  type ConfigSetting,
  configSettings,
  formatNewConfig,
  parseConfig,
} from '../../node/config.ts'
import { NODE_KINDS } from '../../node/network/ports.ts'

const PEER = '12D3KooWGRUHcHwPHm5FKqBbTkMnCUqJhAhBZ2BYQJDYFZVv7mFM'
const ADDRESS = `/ip4/203.0.113.7/tcp/4101/p2p/${PEER}`
const HASH = 'ab'.repeat(32)

const parse = (json: unknown, environment: Record<string, string> = {}) =>
  parseConfig(JSON.stringify(json), 'config.json', environment)
const refusal = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  throw new Error('expected a ConfigError')
}

describe('a new config.json', () => {
  it.each(NODE_KINDS)('of a %s is taken, and says what the defaults say', kind => {
    const config = parseConfig(formatNewConfig(kind, [ADDRESS]), 'config.json')
    const pruning = kind === 'archive' ? { pruning: 'archive' } : {}
    expect(config).toEqual(parse({ kind, network: { bootstrap: [ADDRESS] }, ...pruning }))
    expect(config).toMatchObject({ kind, api: { host: '127.0.0.1', port: 4100 }, logLevel: 'info' })
  })

  it('of a validator behind sentries talks to them alone, and nobody reaches it', () => {
    const { network } = parseConfig(formatNewConfig('validator', [], [ADDRESS]), 'config.json')
    expect(network).toMatchObject({ listen: [], bootstrap: [], persistentPeers: [ADDRESS], onlyPeers: true })
  })
})

describe('config.json', () => {
  it.each<[string, unknown, string]>([
    ['is no object', [], 'expected a JSON object'],
    ['has no kind', {}, 'kind: expected one of validator, full, archive, sentry'],
    ['has an unknown kind', { kind: 'miner' }, 'kind: expected one of'],
    ['has a section that is none', { kind: 'full', api: 4100 }, 'api: expected an object'],
    [
      'has a port as text',
      { kind: 'full', api: { port: '4100' } },
      'api.port: expected a number from 0 to 65535',
    ],
    ['has too great a port', { kind: 'full', api: { port: 65_536 } }, 'api.port: expected'],
    [
      'misspells a setting',
      { kind: 'full', network: { maxpeer: 3 } },
      '"network.maxpeer"; did you mean "maxPeers"?',
    ],
    ['misspells a section', { kind: 'full', netwrok: {} }, '"netwrok"; did you mean "network"?'],
    [
      'has what nobody knows',
      { kind: 'full', api: { password: 'x' } },
      '"api.password"; there are host, port, corsOrigins, bearerTokenFile, tls, adminPort',
    ],
    [
      'has one address for a list',
      { kind: 'full', network: { bootstrap: ADDRESS } },
      'network.bootstrap: expected a list',
    ],
    [
      'has a page for an origin',
      { kind: 'full', api: { corsOrigins: ['https://example.org/wallet'] } },
      'api.corsOrigins.0: expected an origin',
    ],
    ['has a certificate without a key', { kind: 'full', api: { tls: { cert: 'a' } } }, 'set cert and key'],
    [
      'misspells in a section of a section',
      { kind: 'full', api: { tls: { certificate: 'a' } } },
      '"api.tls.certificate"; there are cert, key',
    ],
    [
      'has a wrong address',
      { kind: 'full', network: { bootstrap: [ADDRESS, '1.2.3.4'] } },
      'network.bootstrap.1: expected an address',
    ],
    [
      'dials port 0',
      { kind: 'full', network: { persistentPeers: ['/ip4/1.2.3.4/tcp/0'] } },
      'persistentPeers.0: expected a port from 1',
    ],
    [
      'has a wrong peer id',
      { kind: 'sentry', network: { privatePeers: ['me'] } },
      'privatePeers.0: expected a peer id',
    ],
    [
      'keeps too few blocks',
      { kind: 'full', keepBlocks: 255 },
      'keepBlocks: expected a whole number from 256',
    ],
    [
      'has half a checkpoint',
      { kind: 'full', sync: { checkpoint: HASH } },
      'sync.checkpoint: expected HEIGHT:HASH',
    ],
    [
      'has a checkpoint beyond all heights',
      { kind: 'full', sync: { checkpoint: `${'9'.repeat(20)}:${HASH}` } },
      'sync.checkpoint: expected',
    ],
    ['is an archive that forgets', { kind: 'archive' }, 'set pruning to "archive"'],
    ['talks to nobody', { kind: 'validator', network: { onlyPeers: true } }, 'leaves nobody'],
    [
      'talks to its sentries alone and to others',
      { kind: 'validator', network: { onlyPeers: true, persistentPeers: [ADDRESS], bootstrap: [ADDRESS] } },
      'leave network.bootstrap empty',
    ],
    [
      'is a sentry of too many validators',
      { kind: 'sentry', network: { privatePeers: Array.from({ length: 17 }, () => PEER) } },
      'up to 16 validators',
    ],
    ['sets what the genesis sets', { kind: 'full', epochBlocks: 5 }, 'there is no setting "epochBlocks"'],
  ])('that %s is refused', (_, json, said) => {
    const message = refusal(() => parse(json))
    expect(message).toContain('config.json')
    expect(message).toContain(said)
  })

  it('that is no JSON is refused', () => {
    expect(refusal(() => parseConfig('{"kind"', 'a/config.json'))).toContain('a/config.json is not JSON')
  })

  it('gives a checkpoint in parts', () => {
    expect(parse({ kind: 'full', sync: { checkpoint: `12:0x${HASH}` } }).sync.checkpoint).toEqual({
      height: 12n,
      hash: new Uint8Array(32).fill(0xab),
    })
  })
})

/** A value for each variable, with what it is in the file. */
const GIVEN: Readonly<Record<string, readonly [text: string, json: unknown]>> = {
  VEX_API_HOST: ['0.0.0.0', '0.0.0.0'],
  VEX_API_PORT: ['4200', 4200],
  VEX_API_CORS_ORIGINS: [
    'https://example.org, http://localhost:5173',
    ['https://example.org', 'http://localhost:5173'],
  ],
  VEX_API_BEARER_TOKEN_FILE: ['api-token', 'api-token'],
  VEX_API_TLS_CERT: ['cert.pem', 'cert.pem'],
  VEX_API_TLS_KEY: ['key.pem', 'key.pem'],
  VEX_API_ADMIN_PORT: ['4102', 4102],
  VEX_NETWORK_LISTEN: ['/ip4/0.0.0.0/tcp/0, /ip6/::/tcp/5', ['/ip4/0.0.0.0/tcp/0', '/ip6/::/tcp/5']],
  VEX_NETWORK_ANNOUNCE: ['/dns4/node.example.org/tcp/5', ['/dns4/node.example.org/tcp/5']],
  VEX_NETWORK_BOOTSTRAP: [ADDRESS, [ADDRESS]],
  VEX_NETWORK_MDNS: ['true', true],
  VEX_NETWORK_PERSISTENT_PEERS: [ADDRESS, [ADDRESS]],
  VEX_NETWORK_MAX_PEERS: ['7', 7],
  VEX_NETWORK_PRIVATE_PEERS: [PEER, [PEER]],
  VEX_NETWORK_ONLY_PEERS: ['false', false],
  VEX_PRUNING: ['minimal', 'minimal'],
  VEX_KEEP_BLOCKS: ['300', 300],
  VEX_MIN_FREE_MIB: ['0', 0],
  VEX_LOG_LEVEL: ['debug', 'debug'],
  VEX_SNAPSHOT_EVERY_EPOCHS: ['4', 4],
  VEX_SYNC_CHECKPOINT: [`3:${HASH}`, `3:${HASH}`],
}

/** With both of the settings that go together, so that either may be set. */
const FILE = { kind: 'full', api: { tls: { cert: 'a.pem', key: 'b.pem' } } }

/** The file with one setting changed. */
const fileWith = (name: string, value: unknown): Record<string, unknown> => {
  const file: Record<string, unknown> = structuredClone(FILE)
  const parts = name.split('.')
  const last = parts.pop() ?? ''
  const section = parts.reduce((at, part) => (at[part] ??= {}) as Record<string, unknown>, file)
  section[last] = value
  return file
}

describe('the environment', () => {
  it('has a variable for every setting but the kind', () => {
    const variables = configSettings().flatMap(({ variable }) => variable ?? [])
    expect(variables).toEqual(Object.keys(GIVEN))
    expect(configSettings().find(({ variable }) => variable === undefined)?.name).toBe('kind')
  })

  it.each(configSettings().filter(({ variable }) => variable !== undefined))(
    '$variable is put before $name of the file',
    ({ name, variable = '' }) => {
      const [text, json] = GIVEN[variable] ?? ['', undefined]
      expect(parse(FILE, { [variable]: text })).toEqual(parse(fileWith(name, json)))
      expect(parse(FILE, { [variable]: '' })).toEqual(parse(FILE))
    },
  )

  it('leaves the rest of a section as it is in the file', () => {
    const { api } = parse({ kind: 'full', api: { host: '0.0.0.0' } }, { VEX_API_PORT: '1' })
    expect(api).toMatchObject({ host: '0.0.0.0', port: 1 })
  })

  it.each([
    ['VEX_API_PORT', 'http'],
    ['VEX_API_PORT', '-1'],
    ['VEX_NETWORK_MDNS', 'yes'],
    ['VEX_NETWORK_LISTEN', '/ip4/0.0.0.0/tcp/0,'],
    ['VEX_NETWORK_BOOTSTRAP', '/ip4/1.2.3.400/tcp/1'],
    ['VEX_LOG_LEVEL', 'loud'],
    ['VEX_KEEP_BLOCKS', '1'],
    ['VEX_SYNC_CHECKPOINT', '1'],
  ])('with %s=%s is refused by the name of the variable', (variable, text) => {
    expect(refusal(() => parse({ kind: 'full' }, { [variable]: text }))).toMatch(new RegExp(`^${variable}: `))
  })

  it('that contradicts the file is named beside it', () => {
    expect(refusal(() => parse({ kind: 'full' }, { VEX_NETWORK_ONLY_PEERS: 'true' }))).toContain(
      'config.json, VEX_NETWORK_ONLY_PEERS: ',
    )
  })
})

it('the README lists every setting with its variable', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
  const isListed = ({ name, variable = '' }: ConfigSetting): boolean =>
    readme
      .split('\n')
      .map(line => line.split('|').map(cell => cell.trim().replaceAll('`', '')))
      .some(([, setting, from]) => setting === name && from === variable)
  expect(configSettings().filter(setting => !isListed(setting))).toEqual([])
})
