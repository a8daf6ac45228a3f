/** Keys used twice, logs put back, validators who lie: drivers with real keys and logs. */
import { readFileSync } from 'node:fs'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openFloor, readFloor } from '../../../node/consensus/floor.ts'
import { type WireMessage, messageCodec } from '../../../node/consensus/messages.ts'
import { silentTransport, type Transport } from '../../../node/consensus/ports.ts'
import { createVoteKeys } from '../../../node/consensus/vote-keys.ts'
import { openLog } from '../../../node/consensus/wal.ts'
import { blsAggregate, blsVerify, blsVerifyAggregate } from '../../../node/crypto/bls.ts'
import { sha256 } from '../../../node/crypto/hash.ts'
import { conflictOf, voteEvidence } from '../../../node/types/evidence.ts'
import { certificateProblem, createValidatorSet } from '../../../node/types/validator-set.ts'
import { type Certificate, type Vote, voteMessage, type VoteStatement } from '../../../node/types/vote.ts'
import { createHub, type Hub } from './hub.ts'
import {
  CHAIN_ID,
  MemoryApplication,
  oneEpoch,
  secretOf,
  type SingleChain,
  startSingle,
  until,
  validatorOf,
  voteKeyOf,
} from './single-chain.ts'

const SEEDS = [0, 1, 2, 3]
const set = createValidatorSet(SEEDS.map(seed => validatorOf(seed)))
const OWNER = new Uint8Array(32).fill(1)

let directory: string
let hub: Hub
let running: SingleChain[] = []
let applications: MemoryApplication[] = []
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vex-misuse-'))
  hub = createHub()
  applications = SEEDS.map(seed =>
    Object.assign(new MemoryApplication(oneEpoch(...SEEDS)), { salt: Uint8Array.of(seed) }),
  )
})
afterEach(async () => {
  for (const { consensus } of running.splice(0)) await consensus.stop()
  await rm(directory, { recursive: true })
})

const pathOf = (name: string) => join(directory, name)

const launch = async (
  seed: number,
  given: { log?: string; place?: number; application?: MemoryApplication } = {},
) => {
  const { log = `${seed}.log`, place = seed, application = applications[seed] } = given
  if (application === undefined) throw new Error(`no application for ${seed}`)
  const floor = await openFloor({
    path: pathOf(`${log}.floor`),
    owner: OWNER,
    intervalMs: 5,
  })
  const chain = startSingle(await openLog(pathOf(log)), application, {
    voteSecret: secretOf(seed),
    transport: hub.join(seed, place),
    pacing: { networkDelayMs: 40, standstillMs: 100, paceMs: 0 },
    floor,
  })
  running.push(chain)
  return chain
}

const sign = (seed: number, statement: VoteStatement): Vote =>
  createVoteKeys({ chainId: CHAIN_ID, epoch: 0n, validators: set, secretKey: secretOf(seed) }).sign(statement)

const hashOf = (name: string) => sha256(Buffer.from(name))
const send = (from: number, message: WireMessage) => {
  const liar = hub.join(from)
  liar.onMessage(() => {})
  liar.broadcast(messageCodec.encode(message))
}

describe('a validator that votes both ways', () => {
  it('is handed out by everybody who saw it, once, with two signatures that verify', async () => {
    for (const seed of [0, 1, 2]) await launch(seed)
    const honest = applications.slice(0, 3)
    await until(() => honest.every(({ chain }) => chain.length >= 2), 'two blocks')
    for (let i = 0; i < 5; i++) {
      const view = BigInt(applications[0]!.chain.length + 2 + i)
      for (const name of ['one', 'two', 'three'])
        send(3, { kind: 'vote', vote: sign(3, { kind: 'finalize', epoch: 0n, view, hash: hashOf(name) }) })
      send(3, { kind: 'vote', vote: sign(3, { kind: 'nullify', epoch: 0n, view, hash: undefined }) })
    }
    await until(() => honest.every(({ evidence }) => evidence.length > 0), 'the evidence')
    const height = applications[0]!.chain.length
    await until(() => honest.every(({ chain }) => chain.length >= height + 3), 'three more blocks')
    for (const { evidence } of honest) {
      expect(evidence).toHaveLength(1)
      const [found] = evidence
      if (found?.kind !== 'votes') throw new Error('no votes')
      expect(found.first.signer).toBe(3)
      expect(conflictOf(found.first, found.second)).toBeDefined()
      for (const vote of [found.first, found.second])
        expect(blsVerify(voteKeyOf(3), voteMessage(CHAIN_ID, vote), vote.signature)).toBe(true)
    }
    expect(running.flatMap(({ fatal }) => fatal)).toEqual([])
  })

  it('is handed out once, too, if all its votes come at once', async () => {
    let deliver: Parameters<Transport['onMessage']>[0] = () => {}
    const application = applications[0]!
    const transport: Transport = { ...silentTransport, onMessage: handler => (deliver = handler) }
    const options = { voteSecret: secretOf(0), transport }
    running.push(startSingle(await openLog(pathOf('alone')), application, options))
    for (let view = 1n; view <= 8n; view++)
      for (const name of ['one', 'two']) {
        const vote = sign(3, { kind: 'finalize', epoch: 0n, view, hash: hashOf(name) })
        deliver({ id: '3', voteKey: voteKeyOf(3) }, messageCodec.encode({ kind: 'vote', vote }))
      }
    await until(() => application.evidence.length > 0, 'the evidence')
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(application.evidence).toHaveLength(1)
  })

  it('is shown to who voted for its other block, and convicted by what others were shown, if that is genuine', async () => {
    let deliver: Parameters<Transport['onMessage']>[0] = () => {}
    const sent: { peer: string; message: WireMessage }[] = []
    const reports: string[] = []
    const application = applications[0]!
    const transport: Transport = {
      ...silentTransport,
      onMessage: handler => (deliver = handler),
      send: (peer, message) => void sent.push({ peer, message: messageCodec.decode(message) }),
      report: (peer, reason) => void reports.push(`${peer}: ${reason}`),
    }
    running.push(
      startSingle(await openLog(pathOf('alone')), application, { voteSecret: secretOf(0), transport }),
    )
    const ofView = { kind: 'notarize', epoch: 0n, view: 3n } as const
    const [one, two] = ['one', 'two'].map(name => sign(3, { ...ofView, hash: hashOf(name) })) as [Vote, Vote]
    const hear = (from: number, vote: Vote): void =>
      deliver({ id: `${from}`, voteKey: voteKeyOf(from) }, messageCodec.encode({ kind: 'vote', vote }))
    hear(3, one)
    hear(1, sign(1, { ...ofView, hash: two.hash }))
    await until(() => sent.length > 0, 'the witness')
    expect(sent).toEqual([{ peer: '1', message: { kind: 'vote', vote: one } }])
    hear(2, { ...two, signature: one.signature })
    await until(() => reports.length > 0, 'the report')
    expect(reports).toEqual(['2: forged witness of view 3'])
    expect(application.evidence).toEqual([])
    hear(1, two)
    await until(() => application.evidence.length > 0, 'the evidence')
    expect(application.evidence).toEqual([voteEvidence(one, two)])
    expect(reports).toHaveLength(1)
  })

  it('is not convicted by a signature that is not its own, and its sender is reported', async () => {
    for (const seed of [0, 1, 2]) await launch(seed)
    // Evidence has an order of its own: the bad one is once the first in it, once the second.
    const [low, high] = [hashOf('one'), hashOf('two')].toSorted((a, b) => Buffer.compare(a, b))
    for (const [view, good, bad] of [
      [3n, low, high],
      [4n, high, low],
    ] as const) {
      const vote = sign(3, { kind: 'finalize', epoch: 0n, view, hash: good })
      send(3, { kind: 'vote', vote })
      send(3, { kind: 'vote', vote: { ...vote, hash: bad } })
    }
    const isReported = (view: number) =>
      hub.reports.some(report => report === `3: bad signature of a vote of view ${view}`)
    await until(() => isReported(3) && isReported(4), 'the reports')
    expect(applications.map(({ evidence }) => evidence.length)).toEqual([0, 0, 0, 0])
    // It has another chance to convict itself.
    send(3, { kind: 'vote', vote: sign(3, { kind: 'nullify', epoch: 0n, view: 6n, hash: undefined }) })
    send(3, { kind: 'vote', vote: sign(3, { kind: 'finalize', epoch: 0n, view: 6n, hash: hashOf('x') }) })
    await until(() => applications.slice(0, 3).every(({ evidence }) => evidence.length === 1), 'evidence')
  })

  it('is not blamed for a signature that somebody forged who relays its votes', async () => {
    let deliver: Parameters<Transport['onMessage']>[0] = () => {}
    const reports: string[] = []
    const application = applications[0]!
    const transport: Transport = {
      ...silentTransport,
      onMessage: handler => (deliver = handler),
      report: (peer, reason) => reports.push(`${peer}: ${reason}`),
    }
    running.push(
      startSingle(await openLog(pathOf('alone')), application, { voteSecret: secretOf(0), transport }),
    )
    const vote = sign(3, { kind: 'finalize', epoch: 0n, view: 2n, hash: hashOf('one') })
    const relayedBy = (id: string) => ({ id, voteKey: voteKeyOf(3), isRelayed: true }) as const
    deliver(relayedBy('good'), messageCodec.encode({ kind: 'vote', vote }))
    deliver(relayedBy('bad'), messageCodec.encode({ kind: 'vote', vote: { ...vote, hash: hashOf('two') } }))
    await until(() => reports.length > 0, 'the report')
    expect(reports).toEqual(['bad: bad signature of a vote of view 2'])
    expect(application.evidence).toEqual([])
  })

  it('with two more like it makes two certificates: whoever sees both hands them out, then stops', async () => {
    const node = await launch(0)
    const make = (statement: VoteStatement): Certificate => ({
      ...statement,
      signers: set.toBitmap([1, 2, 3]),
      signature: blsAggregate([1, 2, 3].map(seed => sign(seed, statement).signature)),
    })
    for (const name of ['one', 'two'])
      send(3, {
        kind: 'certificates',
        certificates: [make({ kind: 'notarize', epoch: 0n, view: 5n, hash: hashOf(name) })],
      })
    await until(() => node.fatal.length > 0, 'the stop')
    expect(node.fatal[0]).toMatchObject({ code: 'conflict' })
    const [evidence] = applications[0]!.evidence
    if (evidence?.kind !== 'certificates') throw new Error('no certificates')
    for (const one of [evidence.first, evidence.second])
      expect(certificateProblem(CHAIN_ID, set, one, blsVerifyAggregate)).toBeUndefined()
    expect(conflictOf(evidence.first, evidence.second)).toBe('two_notarize')
  })
})

describe('one key in two processes', () => {
  it('stops the one that sees votes it did not make, and says what to do; the rest go on', async () => {
    for (const seed of SEEDS) await launch(seed)
    const twin = Object.assign(new MemoryApplication(oneEpoch(...SEEDS)), { salt: Uint8Array.of(77) })
    await launch(3, { log: 'twin.log', place: 103, application: twin })
    const [, , , first, second] = running
    await until(() => first!.fatal.length + second!.fatal.length > 0, 'one to stop')
    const [error] = [...first!.fatal, ...second!.fatal]
    expect(error).toMatchObject({ code: 'key_in_use' })
    expect(error?.message).toMatch(/another process uses the key.*Stop the other one/)
    const height = applications[0]!.chain.length
    await until(() => applications[0]!.chain.length >= height + 3, 'three more blocks')
    expect(running.slice(0, 3).flatMap(({ fatal }) => fatal)).toEqual([])
  })
})

describe('an old copy of the log', () => {
  it('is refused: the floor knows that more was signed', async () => {
    for (const seed of SEEDS) await launch(seed)
    await until(() => applications[3]!.chain.length >= 3, 'three blocks')
    const stop = async () => {
      const last = running.pop()
      hub.leave(3)
      await last?.consensus.stop()
      expect(last?.fatal).toEqual([])
    }
    /** Blocks that it only catches up on it does not sign. */
    const signed = (): bigint => {
      const path = pathOf('3.log.floor')
      return readFloor(readFileSync(path), path)?.mark.view ?? 0n
    }
    await stop()
    await copyFile(pathOf('3.log'), pathOf('backup'))
    const before = signed()
    await launch(3)
    await until(() => signed() > before + 3n, 'it to sign in three more views')
    await stop()
    // The latest is taken.
    await launch(3)
    await stop()
    await copyFile(pathOf('backup'), pathOf('3.log'))
    await expect(launch(3)).rejects.toMatchObject({ code: 'log_stale' })
    await rm(pathOf('3.log'))
    await expect(launch(3)).rejects.toThrow(/put back from a backup, or lost.*register a new vote key/)
  })

  it('is not what a rewritten log looks like', async () => {
    const lone = Object.assign(new MemoryApplication(oneEpoch(...SEEDS)), { salt: Uint8Array.of(3) })
    const start = async () => {
      const floor = await openFloor({ path: pathOf('floor'), owner: OWNER, intervalMs: 5 })
      const chain = startSingle(await openLog(pathOf('rewritten')), lone, {
        voteSecret: secretOf(3),
        transport: hub.join(3),
        pacing: { networkDelayMs: 40, standstillMs: 100, paceMs: 0 },
        floor,
        compaction: { maxBytes: 1 << 20, everyBlocks: 2 },
      })
      running.push(chain)
      return chain
    }
    for (const seed of [0, 1, 2]) await launch(seed)
    for (let round = 1; round <= 3; round++) {
      const node = await start()
      await until(() => lone.chain.length >= 5 * round, `round ${round}`)
      await node.consensus.stop()
      hub.leave(3)
    }
    expect(running.flatMap(({ fatal }) => fatal)).toEqual([])
  })
})
