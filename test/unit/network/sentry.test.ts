/** Hidden validators, their sentries and others: real connections on loopback. */
import { lpStream } from '@libp2p/utils'
import { afterEach, describe, expect, test } from 'vitest'
import { messageCodec } from '../../../node/consensus/messages.ts'
import type { Transport } from '../../../node/consensus/ports.ts'
import type { Peer } from '../../../node/consensus/protocol.ts'
import { blsPublicKeyOf, blsSecretKeyFromSeed, blsSign } from '../../../node/crypto/bls.ts'
import { type Tag, TAGS } from '../../../node/crypto/hash.ts'
import { createCompactTransport } from '../../../node/network/compact-transport.ts'
import { delegationsCodec } from '../../../node/network/delegations.ts'
import { toFrame } from '../../../node/network/frames.ts'
import { helloCodec, PROTOCOL_VERSION, proveVoteKey, voteKeyStatement } from '../../../node/network/hello.ts'
import type { NetworkOptions } from '../../../node/network/network.ts'
import { MAX_DELEGATIONS } from '../../../node/network/ports.ts'
import { peerIdOf } from '../../../node/network/peer-id.ts'
import { createSentryTransport } from '../../../node/network/sentry-transport.ts'
import { toHash } from '../../../node/types/primitives.ts'
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
} from '../../support/test-network.ts'
import { blockOf, poolOf, transactionOf } from './blocks.ts'

afterEach(closeNetworks)

interface TestNode extends TestNetwork {
  readonly consensus: Transport
  readonly heard: { readonly from: Peer; readonly message: Uint8Array }[]
}

const secretOf = (name: string) => blsSecretKeyFromSeed(seedOf(`vote ${name}`))
const keyOf = (name: string) => blsPublicKeyOf(secretOf(name))
const TRANSACTIONS = Array.from({ length: 8 }, (_, seed) => transactionOf(seed))

/** As node-network.ts puts it together; `pool`: the transactions that it holds. */
const createNode = async (
  name: string,
  options: Partial<NetworkOptions> = {},
  pool: readonly Uint8Array[] = TRANSACTIONS,
): Promise<TestNode> => {
  const network = await createTestNetwork(name, {
    handlers: { blockTransactions: (body, from, signal) => compact.serve(body, from, signal) },
    ...options,
  })
  const now = () => performance.now()
  const compact = createCompactTransport({
    inner: network.transport,
    requests: network.requests,
    codec: messageCodec,
    findInPool: poolOf(pool),
    now,
  })
  const consensus =
    options.kind === 'sentry'
      ? createSentryTransport({ inner: compact.transport, codec: messageCodec, now })
      : compact.transport
  const heard: TestNode['heard'] = []
  consensus.onMessage((from, message) => heard.push({ from, message: Uint8Array.from(message) }))
  return { ...network, consensus, heard }
}

const createValidator = (name: string, options: Partial<NetworkOptions> = {}) =>
  createNode(name, { kind: 'validator', voteSecretKey: secretOf(name), ...options })

const HASH = toHash(new Uint8Array(32).fill(7))
const voteOf = (view: number): Uint8Array =>
  messageCodec.encode({
    kind: 'vote',
    vote: {
      kind: 'notarize',
      epoch: 0n,
      view: BigInt(view),
      hash: HASH,
      signer: 1,
      signature: new Uint8Array(96).fill(1),
    },
  })

const saidBy = (node: TestNode, name: string): TestNode['heard'] =>
  node.heard.filter(
    ({ from }) => from.voteKey !== undefined && Buffer.compare(from.voteKey, keyOf(name)) === 0,
  )
const has = (node: TestNode, name: string, message: Uint8Array): boolean =>
  saidBy(node, name).some(heard => Buffer.compare(heard.message, message) === 0)
const speaksForOne = (node: TestNode, count: number) => () =>
  node.lines.filter(({ msg }) => msg === 'a sentry speaks for validators').length >= count

/** v hides behind two sentries; a stands in the open. */
const createSetUp = async (poolOfSentries: readonly Uint8Array[] = TRANSACTIONS) => {
  const hiddenId = await peerIdOf(seedOf('v'))
  const a = await createValidator('a')
  const sentry = (name: string, bootstrap: readonly string[]) =>
    createNode(name, { kind: 'sentry', privatePeers: [hiddenId], bootstrap }, poolOfSentries)
  const s = await sentry('s', [a.address])
  const t = await sentry('t', [a.address])
  const v = await createValidator('v', {
    listen: [],
    isHidden: true,
    persistentPeers: [s.address, t.address],
  })
  await until(() => idsOf(v).length === 2, 'the sentries')
  await until(speaksForOne(a, 2), 'the delegations')
  return { a, s, t, v, hiddenId }
}

describe('a validator behind two sentries', () => {
  test('is heard by everybody in its name, and hears everybody in theirs', async () => {
    const { a, s, t, v } = await createSetUp()
    v.consensus.broadcast(voteOf(1))
    a.consensus.broadcast(voteOf(2))
    await until(() => has(a, 'v', voteOf(1)) && has(v, 'a', voteOf(2)), 'both votes')
    await until(() => saidBy(a, 'v').length === 2 && saidBy(v, 'a').length === 2, 'both ways')
    expect(new Set(saidBy(a, 'v').map(({ from }) => from.id))).toEqual(new Set([s.peerId, t.peerId]))
    expect(saidBy(a, 'v').every(({ from }) => from.isRelayed)).toBe(true)
    // What it said itself does not come back.
    expect(saidBy(v, 'v')).toEqual([])
    // The sentries follow consensus too.
    expect([s, t].every(each => has(each, 'v', voteOf(1)) && has(each, 'a', voteOf(2)))).toBe(true)
  })

  test('goes on with one when the other dies', async () => {
    const { a, s, v } = await createSetUp()
    await s.close()
    await until(() => idsOf(v).length === 1 && idsOf(a).length === 1, 'the death')
    v.consensus.broadcast(voteOf(1))
    a.consensus.broadcast(voteOf(2))
    await until(() => has(a, 'v', voteOf(1)) && has(v, 'a', voteOf(2)), 'both votes')
  })

  test('is known to its sentries alone', async () => {
    const { a, s, t, v, hiddenId } = await createSetUp()
    expect(v.addresses()).toEqual([])
    const late = await createValidator('late', { bootstrap: [s.address] })
    await until(() => idsOf(late).length === 3 && idsOf(a).length === 3, 'the late one')
    await until(speaksForOne(late, 2), 'the delegations')
    // Searches of the DHT go on meanwhile.
    await new Promise(resolve => setTimeout(resolve, 4_000))
    for (const node of [a, late]) {
      expect(idsOf(node)).not.toContain(hiddenId)
      expect(JSON.stringify(node.lines)).not.toContain(hiddenId)
    }
    expect(idsOf(v).toSorted()).toEqual([s.peerId, t.peerId].toSorted())
    v.consensus.broadcast(voteOf(9))
    await until(() => has(late, 'v', voteOf(9)), 'the vote')
  })

  test('leads and is led: proposals are whole on both ends, with transactions that only their leader holds', async () => {
    const { a, v } = await createSetUp([])
    const proposalOf = (first: number) =>
      messageCodec.encode({
        kind: 'proposal',
        view: BigInt(first),
        block: blockOf(TRANSACTIONS.slice(first)).bytes,
        signature: new Uint8Array(96).fill(1),
        justification: [],
      })
    v.consensus.broadcast(proposalOf(0))
    await until(() => has(a, 'v', proposalOf(0)), 'its proposal')
    a.consensus.broadcast(proposalOf(1))
    await until(() => has(v, 'a', proposalOf(1)), 'the other’s')
  })

  test('hears one behind other sentries, and one behind the same', async () => {
    const [vId, wId, xId] = await Promise.all(['v', 'w', 'x'].map(name => peerIdOf(seedOf(name))))
    const s = await createNode('s', { kind: 'sentry', privatePeers: [vId, wId] as string[] })
    const t = await createNode('t', {
      kind: 'sentry',
      privatePeers: [xId as string],
      bootstrap: [s.address],
    })
    const behind = (name: string, sentry: TestNode) =>
      createValidator(name, { listen: [], isHidden: true, persistentPeers: [sentry.address] })
    const [v, w, x] = [await behind('v', s), await behind('w', s), await behind('x', t)]
    await until(speaksForOne(t, 2), 'two delegations')
    await until(speaksForOne(s, 1), 'one delegation')
    v.consensus.broadcast(voteOf(1))
    x.consensus.broadcast(voteOf(2))
    await until(() => has(w, 'v', voteOf(1)) && has(x, 'v', voteOf(1)), 'the vote of v')
    await until(() => has(v, 'x', voteOf(2)) && has(w, 'x', voteOf(2)), 'the vote of x')
    await new Promise(resolve => setTimeout(resolve, 300))
    expect([saidBy(w, 'v'), saidBy(x, 'v'), saidBy(v, 'x')].map(({ length }) => length)).toEqual([1, 1, 1])
  })

  test('does not ban its sentry for what another has said; somebody else would', async () => {
    const { a, s, v } = await createSetUp()
    for (let i = 0; i < 5; i++) v.consensus.report(s.peerId, 'forged')
    expect(v.lines.some(({ msg }) => msg === 'a sentry passed on what no honest node says')).toBe(true)
    for (let i = 0; i < 5; i++) a.consensus.report(s.peerId, 'forged')
    await until(() => !idsOf(a).includes(s.peerId), 'the ban')
    expect(idsOf(v)).toContain(s.peerId)
  })
})

describe('nobody is hidden by', () => {
  test('a sentry whose operator has not named it', async () => {
    const s = await createNode('s', { kind: 'sentry' })
    const a = await createValidator('a', { bootstrap: [s.address] })
    const v = await createValidator('v', { listen: [], isHidden: true, persistentPeers: [s.address] })
    await until(() => s.lines.some(({ reason }) => reason?.includes('network.privatePeers') === true), 'why')
    v.consensus.broadcast(voteOf(1))
    await until(() => has(s, 'v', voteOf(1)), 'the vote')
    await new Promise(resolve => setTimeout(resolve, 300))
    expect(a.heard).toEqual([])
  })
})

const delegationOf = (name: string, sentry: string, genesisHash = GENESIS, tag: Tag = TAGS.sentry) => ({
  voteKey: keyOf(name),
  signature: blsSign(secretOf(name), voteKeyStatement(tag, genesisHash, sentry)),
})

/** A peer that says what the test wants on its stream. */
const createRaw = async (victim: TestNode, kind: 'sentry' | 'full', name?: string) => {
  const host = await createBareHost('raw')
  const connection = await dial(host, victim.address)
  const id = host.peerId.toString()
  const hello = lpStream(await connection.newStream('/vex/hello/1'))
  const proof =
    name === undefined
      ? undefined
      : proveVoteKey({ secretKey: secretOf(name), voteKey: keyOf(name) }, GENESIS, id)
  await hello.write(
    helloCodec.encode({
      protocol: PROTOCOL_VERSION,
      genesisHash: GENESIS,
      kind,
      agent: 'raw',
      height: 1n,
      hash: GENESIS,
      keptFrom: 1n,
      voteKeyProof: proof,
    }),
  )
  await until(() => idsOf(victim).includes(id), 'the welcome')
  const stream = await connection.newStream('/vex/direct/1')
  return {
    id,
    connection,
    send: (kindOfFrame: number, ...parts: readonly Uint8Array[]) =>
      stream.send(toFrame(Uint8Array.of(kindOfFrame), ...parts)),
  }
}

/** As compact-relay.ts frames it. */
const plain = (message: Uint8Array) => Buffer.concat([Uint8Array.of(0), message])

describe('what is relayed is dropped', () => {
  test('without a delegation of the validator', async () => {
    const a = await createNode('a')
    const raw = await createRaw(a, 'sentry')
    raw.send(4, keyOf('v'), plain(voteOf(1)))
    raw.send(3, delegationsCodec.encode([delegationOf('w', raw.id)]))
    raw.send(4, keyOf('v'), plain(voteOf(2)))
    raw.send(4, keyOf('w'), plain(voteOf(3)))
    await until(() => has(a, 'w', voteOf(3)), 'what it may say')
    expect(a.heard.map(({ message }) => Buffer.from(message))).toEqual([Buffer.from(voteOf(3))])
    expect(a.heard[0]?.from).toEqual({ id: raw.id, voteKey: keyOf('w'), isRelayed: true })
  })

  test.each([
    ['another chain', (id: string) => delegationOf('v', id, HASH)],
    ['another sentry', () => delegationOf('v', 'somebody else')],
    ['another purpose', (id: string) => delegationOf('v', id, GENESIS, TAGS.peer)],
    ['another key', (id: string) => ({ ...delegationOf('v', id), voteKey: keyOf('w') })],
  ])('with a delegation for %s, which is an offence', async (_, make) => {
    const a = await createNode('a')
    const raw = await createRaw(a, 'sentry')
    raw.send(3, delegationsCodec.encode([make(raw.id)]))
    raw.send(4, keyOf('v'), plain(voteOf(1)))
    raw.send(4, keyOf('w'), plain(voteOf(1)))
    await until(
      () => a.lines.some(({ reason }) => reason === 'a delegation with a bad signature'),
      'a report',
    )
    for (let i = 0; i < 2; i++) raw.send(3, delegationsCodec.encode([make(raw.id)]))
    await until(() => raw.connection.status !== 'open', 'the ban')
    expect(a.heard).toEqual([])
  })

  test('from a node that does not say that it is a sentry', async () => {
    const a = await createNode('a')
    const raw = await createRaw(a, 'full')
    raw.send(3, delegationsCodec.encode([delegationOf('v', raw.id)]))
    raw.send(4, keyOf('v'), plain(voteOf(1)))
    await until(() => a.lines.some(({ reason }) => reason?.includes('is no sentry') === true), 'a report')
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(a.heard).toEqual([])
  })

  test('above a number of validators', async () => {
    const a = await createNode('a')
    const raw = await createRaw(a, 'sentry')
    const names = Array.from({ length: 2 * MAX_DELEGATIONS + 1 }, (_, i) => `many ${i}`)
    for (const name of names) raw.send(3, delegationsCodec.encode([delegationOf(name, raw.id)]))
    for (const name of names) raw.send(4, keyOf(name), plain(voteOf(1)))
    await until(() => a.heard.length >= 2 * MAX_DELEGATIONS, 'those within the limit')
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(a.heard).toHaveLength(2 * MAX_DELEGATIONS)
    expect(saidBy(a, names.at(-1) ?? '')).toEqual([])
  })
})

describe('a sentry refuses', () => {
  test.each([
    ['a delegation of a key that was not proven', 'w', /another vote key/],
    ['one that is none', undefined, /cannot be decoded/],
  ])('%s', async (_, name, reason) => {
    const privatePeers = [(await createBareHost('raw')).peerId.toString()]
    const s = await createNode('s', { kind: 'sentry', privatePeers })
    const raw = await createRaw(s, 'full', 'v')
    raw.send(
      2,
      name === undefined ? Uint8Array.of(99) : delegationsCodec.encode([delegationOf(name, s.peerId)]),
    )
    await until(() => s.lines.some(line => reason.test(line.reason ?? '')), 'a report')
    expect(s.transport.hidden()).toEqual([])
  })
})
