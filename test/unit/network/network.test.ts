import type { Connection } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { afterEach, describe, expect, test } from 'vitest'
import { blsPublicKeyOf, blsSecretKeyFromSeed } from '../../../node/crypto/bls.ts'
import { sha256 } from '../../../node/crypto/hash.ts'
import { toFrame } from '../../../node/network/frames.ts'
import {
  type Hello,
  helloAnswerCodec,
  helloCodec,
  PROTOCOL_VERSION,
  proveVoteKey,
} from '../../../node/network/hello.ts'
import type { RequestErrorCode } from '../../../node/network/ports.ts'
import {
  closeNetworks,
  createBareHost,
  createTestNetwork,
  dial,
  GENESIS,
  idsOf,
  seedOf,
  type TestNetwork,
  until,
  untilConnected,
} from '../../support/test-network.ts'

afterEach(closeNetworks)

const SECRET = blsSecretKeyFromSeed(seedOf('vote'))
const pair = async (
  optionsOfB: Parameters<typeof createTestNetwork>[1] = {},
  optionsOfA: Parameters<typeof createTestNetwork>[1] = {},
): Promise<[TestNetwork, TestNetwork]> => {
  const a = await createTestNetwork('a', optionsOfA)
  const b = await createTestNetwork('b', { bootstrap: [a.address], ...optionsOfB })
  await untilConnected([a, b])
  return [a, b]
}

describe('two nodes', () => {
  test('welcome each other, with the vote key that each has proven', async () => {
    const [a, b] = await pair({ kind: 'validator', voteSecretKey: SECRET })
    const [peer] = a.transport.peers()
    expect(peer).toEqual({ id: b.peerId, voteKey: blsPublicKeyOf(SECRET) })
    expect(b.transport.peers()).toEqual([{ id: a.peerId, voteKey: undefined }])
    expect(a.requests.peers()).toEqual([
      { id: b.peerId, kind: 'validator', head: { height: 7n, hash: GENESIS }, keptFrom: 1n },
    ])
    expect(a.peerInfos()[0]).toMatchObject({
      direction: 'inbound',
      agent: 'test/b',
      isValidatorKeyProven: true,
    })
  })

  test('hand each other messages of any size as they are, in order', async () => {
    const [a, b] = await pair()
    const heard: Uint8Array[] = []
    b.transport.onMessage((from, message) => {
      expect(from.id).toBe(a.peerId)
      heard.push(message)
    })
    const sent = [0, 1, 100, 70_000, 4_000_000, 5].map(size => new Uint8Array(size).fill(size % 251))
    for (const [i, message] of sent.entries())
      if (i % 2 === 0) a.transport.broadcast(message)
      else a.transport.send(b.peerId, message)
    await until(() => heard.length === sent.length, 'all messages')
    expect(heard.map(each => each.length)).toEqual(sent.map(each => each.length))
    expect(heard.every((each, i) => Buffer.compare(each, sent[i] as Uint8Array) === 0)).toBe(true)
  })

  test('are told when the other’s head moves', async () => {
    const status = { height: 7n, hash: GENESIS, keptFrom: 1n }
    const [a, b] = await pair({}, { status: () => status })
    status.height = 99n
    status.keptFrom = 50n
    a.statusChanged()
    await until(() => b.requests.peers()[0]?.head.height === 99n, 'the new status')
    expect(b.requests.peers()[0]?.keptFrom).toBe(50n)
  })

  test('answer questions, refuse them, and keep to the table’s limits', async () => {
    const [a, b] = await pair(
      {},
      {
        handlers: {
          headers: body => Promise.resolve(body[0] === 1 ? Uint8Array.of(9, ...body) : undefined),
          handOvers: () => Promise.resolve(new Uint8Array(3 * 1024 * 1024)),
          snapshots: (_, __, signal) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(new Error('too late')))
            }),
        },
      },
    )
    const codeOf = async (promise: Promise<unknown>): Promise<RequestErrorCode | 'answered'> =>
      promise.then(
        () => 'answered' as const,
        (error: { code: RequestErrorCode }) => error.code,
      )
    const { requests } = b
    expect(await requests.request(a.peerId, 'headers', Uint8Array.of(1, 2))).toEqual(Uint8Array.of(9, 1, 2))
    expect(await codeOf(requests.request(a.peerId, 'headers', Uint8Array.of(2)))).toBe('refused')
    // Its own answer breaks the limit, or the question does: the stream ends.
    expect(await codeOf(requests.request(a.peerId, 'handOvers', Uint8Array.of(1)))).toBe('closed')
    expect(await codeOf(requests.request(a.peerId, 'headers', new Uint8Array(65)))).toBe('closed')
    expect(await codeOf(requests.request(a.peerId, 'blocks', Uint8Array.of(1)))).toBe('closed')
    expect(await codeOf(requests.request('12D3KooWnobody', 'blocks', Uint8Array.of(1)))).toBe('closed')
    const abort = new AbortController()
    const asked = codeOf(requests.request(a.peerId, 'snapshots', Uint8Array.of(1), abort.signal))
    setTimeout(() => abort.abort(), 50)
    expect(await asked).toBe('aborted')
  })

  test('pass transactions on by gossip, once each, if they were accepted', async () => {
    const heard: Record<string, number> = {}
    const judge = (name: string, verdict: 'accept' | 'ignore') => (batch: Uint8Array) => {
      const key = `${name} ${Buffer.from(batch).toString()}`
      heard[key] = (heard[key] ?? 0) + 1
      return Promise.resolve(verdict)
    }
    const a = await createTestNetwork('a', { onTransactions: judge('a', 'accept') })
    const b = await createTestNetwork('b', { bootstrap: [a.address], onTransactions: judge('b', 'accept') })
    const c = await createTestNetwork('c', { bootstrap: [a.address], onTransactions: judge('c', 'ignore') })
    await untilConnected([a, b, c])
    for (let i = 0; i < 50; i++) {
      a.publishTransactions(Buffer.from(`batch ${i}`))
      await new Promise(resolve => setTimeout(resolve, 20))
      if ((heard['b batch ' + i] ?? 0) > 0 && i > 20) break
    }
    await until(() => Object.keys(heard).some(key => key.startsWith('c ')), 'gossip')
    expect(Object.values(heard).every(times => times === 1)).toBe(true)
    expect(Object.keys(heard).some(key => key.startsWith('a '))).toBe(false)
  })
})

describe('nodes find each other', () => {
  test('all through one bootstrap address, and after its death from their books', async () => {
    const book = (name: string) => `${process.env['TMPDIR'] ?? '/tmp'}/vex-book-${process.pid}-${name}.json`
    const a = await createTestNetwork('a')
    const others = await Promise.all(
      ['b', 'c', 'd'].map(name => createTestNetwork(name, { bootstrap: [a.address], bookPath: book(name) })),
    )
    await untilConnected([a, ...others])
    await a.close()
    await until(() => others.every(each => each.peerInfos().length === 2), 'the death of the bootstrap peer')
    const [b] = others as [TestNetwork]
    await b.close()
    const again = await createTestNetwork('b', { bootstrap: [a.address], bookPath: book('b') })
    await until(() => again.peerInfos().length === 2, 'the peers of its book')
    expect(idsOf(again).toSorted()).toEqual(
      others
        .slice(1)
        .map(({ peerId }) => peerId)
        .toSorted(),
    )
  })

  test('a hidden node talks to its persistent peers alone, and they do not give it away', async () => {
    const validator = await createTestNetwork('v')
    await validator.close()
    const sentry = await createTestNetwork('s', { kind: 'sentry', privatePeers: [validator.peerId] })
    const other = await createTestNetwork('o', { bootstrap: [sentry.address] })
    const hidden = await createTestNetwork('v', { isHidden: true, persistentPeers: [sentry.address] })
    await until(() => idsOf(hidden).length === 1 && idsOf(sentry).length === 2, 'the set-up')
    await expect(dial(await createBareHost('x'), hidden.address))
      .resolves.toBeDefined()
      .catch(() => undefined)
    await new Promise(resolve => setTimeout(resolve, 3_000))
    expect(idsOf(hidden)).toEqual([sentry.peerId])
    expect(idsOf(other)).toEqual([sentry.peerId])
  })
})

const helloOf = (peerId: string, change: Partial<Hello> = {}): Hello => ({
  protocol: PROTOCOL_VERSION,
  genesisHash: GENESIS,
  kind: 'full',
  agent: 'raw',
  height: 1n,
  hash: GENESIS,
  keptFrom: 1n,
  voteKeyProof: proveVoteKey({ secretKey: SECRET, voteKey: blsPublicKeyOf(SECRET) }, GENESIS, peerId),
  ...change,
})

/** A peer that does what the test says. */
const createRaw = async (victim: TestNetwork, name = 'raw') => {
  const host = await createBareHost(name)
  const connection = await dial(host, victim.address)
  const id = host.peerId.toString()
  const say = async (bytes: Uint8Array) => {
    const stream = lpStream(await connection.newStream('/vex/hello/1'))
    await stream.write(bytes)
    const answered = (await stream.read()).subarray()
    return helloAnswerCodec.decode(answered.subarray(1))
  }
  return { host, connection, id, say, direct: () => connection.newStream('/vex/direct/1') }
}

describe('a node refuses', () => {
  test('another chain, with the reason in both logs', async () => {
    const a = await createTestNetwork('a')
    const b = await createTestNetwork('b', {
      genesisHash: sha256(Buffer.from('another')),
      bootstrap: [a.address],
    })
    const hasReason = (network: TestNetwork) =>
      network.lines.some(({ reason }) => reason?.includes('another chain') === true)
    await until(() => hasReason(a) && hasReason(b), 'both reasons')
    expect([...a.peerInfos(), ...b.peerInfos()]).toEqual([])
  })

  test.each<[string, (id: string) => Uint8Array, RegExp]>([
    [
      'another version',
      id => helloCodec.encode(helloOf(id, { protocol: PROTOCOL_VERSION + 1 })),
      /version 3 .* version 2/,
    ],
    [
      'a vote key that was proven for another peer id',
      () => helloCodec.encode(helloOf('somebody else')),
      /does not hold the vote key/,
    ],
    ['a hello that is none', id => helloCodec.encode(helloOf(id)).subarray(0, 50), /cannot be decoded/],
  ])('%s, and says why', async (_, bytesOf, reason) => {
    const a = await createTestNetwork('a')
    const raw = await createRaw(a)
    const answered = await raw.say(bytesOf(raw.id))
    expect(answered).toEqual({ kind: 'refused', reason: expect.stringMatching(reason) as string })
    await until(() => raw.connection.status === 'closed', 'the end of the connection')
    expect(a.lines.some(line => reason.test(line.reason ?? ''))).toBe(true)
  })

  test('who says nothing, after a while', async () => {
    const a = await createTestNetwork('a')
    const raw = await createRaw(a)
    await until(() => raw.connection.status !== 'open', 'being cut off', 10_000)
    expect(a.lines.some(({ reason }) => reason === 'it said no hello')).toBe(true)
  })

  test.each(['lower', 'higher'])('a second connection of a peer with a %s id: one is enough', async side => {
    const a = await createTestNetwork('a')
    // Whose connection stays is decided by the ids.
    const found = await Promise.all(['r', 's', 't', 'u', 'v', 'w', 'x'].map(each => createRaw(a, each)))
    const raw = found.find(({ id }) => id < a.peerId === (side === 'lower')) as (typeof found)[0]
    await raw.say(helloCodec.encode(helloOf(raw.id)))
    const others: Connection[] = []
    for (let i = 0; i < 3; i++) {
      const connection = await dial(raw.host, a.address, true)
      others.push(connection)
      const stream = lpStream(await connection.newStream('/vex/hello/1'))
      await stream.write(helloCodec.encode(helloOf(raw.id)))
    }
    const all = [raw.connection, ...others]
    expect(new Set(all).size).toBe(4)
    await until(
      () => all.filter(({ status }) => status === 'open').length === 1,
      'the others to be closed',
      10_000,
    )
    expect(a.peerInfos()).toHaveLength(1)
  })

  test('a peer that takes no stream of its', async () => {
    const a = await createTestNetwork('a')
    const raw = await createRaw(a)
    await raw.host.unhandle('/vex/direct/1')
    await raw.say(helloCodec.encode(helloOf(raw.id)))
    await until(() => raw.connection.status !== 'open', 'being cut off')
    await until(() => a.peerInfos().length === 0, 'the end of it')
  })

  test('nobody for saying hello again', async () => {
    const a = await createTestNetwork('a')
    const raw = await createRaw(a)
    for (let i = 0; i < 3; i++)
      expect((await raw.say(helloCodec.encode(helloOf(raw.id)))).kind).toBe('welcome')
    await new Promise(resolve => setTimeout(resolve, 700))
    expect([raw.connection.status, a.peerInfos().length]).toEqual(['open', 1])
  })

  test('more peers than it takes', async () => {
    const a = await createTestNetwork('a', { maxPeers: 1 })
    const first = await createRaw(a, 'first')
    expect((await first.say(helloCodec.encode(helloOf(first.id)))).kind).toBe('welcome')
    const second = await createRaw(a, 'second')
    expect(await second.say(helloCodec.encode(helloOf(second.id)))).toMatchObject({ kind: 'refused' })
  })
})

describe('a peer that misbehaves', () => {
  const welcomed = async (a: TestNetwork) => {
    const raw = await createRaw(a)
    await raw.say(helloCodec.encode(helloOf(raw.id)))
    await until(() => a.peerInfos().length === 1, 'the welcome')
    return raw
  }

  test('with frames that are none is banned after a few, and not let in again', async () => {
    const a = await createTestNetwork('a')
    const raw = await welcomed(a)
    const stream = await raw.direct()
    for (let i = 0; i < 10; i++) stream.send(toFrame(Uint8Array.of(77, i)))
    await until(() => raw.connection.status !== 'open', 'the ban')
    expect(a.peerInfos()).toEqual([])
    expect(a.lines.some(({ reason }) => reason?.startsWith('banned for') === true)).toBe(true)
    const again = await dial(raw.host, a.address).catch(() => undefined)
    await until(() => again?.status !== 'open', 'being turned away')
  })

  test('with a frame above the limit is not read on', async () => {
    const a = await createTestNetwork('a')
    const raw = await welcomed(a)
    const stream = await raw.direct()
    stream.send(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1, 2, 3))
    await until(() => stream.status !== 'open', 'the end of the stream')
    expect(a.lines.some(({ reason }) => reason?.includes('is the most') === true)).toBe(true)
  })

  test('that drips a frame is given up', async () => {
    const a = await createTestNetwork('a')
    const raw = await welcomed(a)
    const stream = await raw.direct()
    stream.send(Uint8Array.of(0, 0, 1, 0))
    const drip = setInterval(() => stream.status === 'open' && stream.send(Uint8Array.of(1)), 200)
    await until(() => stream.status !== 'open', 'the end of the stream', 20_000)
    clearInterval(drip)
    expect(a.lines.some(({ reason }) => reason === 'it took too long over a frame')).toBe(true)
  })

  test('that sends more than it may is cut short', async () => {
    const a = await createTestNetwork('a')
    const raw = await welcomed(a)
    const stream = await raw.direct()
    const frame = toFrame(new Uint8Array(1_000_000))
    const flood = async () => {
      for (let i = 0; i < 200 && stream.status === 'open'; i++)
        if (!stream.send(frame)) await stream.onDrain().catch(() => undefined)
    }
    void flood().catch(() => undefined)
    await until(() => a.lines.some(({ reason }) => reason?.includes('more in a second') === true), 'a report')
    await until(() => stream.status !== 'open', 'the end of the stream')
  })
})
