/** The driver with real BLS keys, a real log and real time. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConsensusError } from '../../../node/consensus/error.ts'
import { messageCodec } from '../../../node/consensus/messages.ts'
import type { Transport } from '../../../node/consensus/ports.ts'
import { blsVerifyAggregate } from '../../../node/crypto/bls.ts'
import { certificateProblem, createValidatorSet } from '../../../node/types/validator-set.ts'
import { openLog, type WriteAheadLog } from '../../../node/consensus/wal.ts'
import type { Vote } from '../../../node/types/vote.ts'
import { createHub } from './hub.ts'
import { assertOneChain, SignerOracle } from './oracle.ts'
import {
  CHAIN_ID,
  GENESIS,
  makeBlock,
  MemoryApplication,
  oneEpoch,
  secretOf,
  startSingle,
  until,
  validatorOf,
} from './single-chain.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vex-consensus-'))
})
afterEach(() => rm(directory, { recursive: true }))

const pathOf = (name: string) => join(directory, `${name}.log`)

/** Overrides methods of a log; the rest goes to the real one. */
const wrapLog = (log: WriteAheadLog, overrides: Partial<WriteAheadLog>): WriteAheadLog => ({
  recovered: log.recovered,
  isNew: log.isNew,
  droppedBytes: log.droppedBytes,
  get sizeBytes() {
    return log.sizeBytes
  },
  append: record => log.append(record),
  sync: () => log.sync(),
  rewrite: records => log.rewrite(records),
  close: () => log.close(),
  ...overrides,
})

const votesIn = (message: Uint8Array): Omit<Vote, 'signer'>[] => {
  const decoded = messageCodec.decode(message)
  if (decoded.kind === 'vote') return [decoded.vote]
  if (decoded.kind === 'standstill') return decoded.votes
  if (decoded.kind !== 'proposal') return []
  const ref = new MemoryApplication().identifyBlock(decoded.block)
  if (ref === undefined) throw new Error('a proposal without a block')
  const { view, signature } = decoded
  return [{ kind: 'notarize', epoch: ref.epoch, view, hash: ref.hash, signature }]
}

const never = () => new Promise<never>(() => {})

describe('one validator', () => {
  it('makes blocks one after another, each with a certificate that verifies', async () => {
    const application = new MemoryApplication()
    const { consensus, fatal } = startSingle(await openLog(pathOf('a')), application)
    await until(() => application.chain.length >= 5, 'five blocks')
    await consensus.stop()
    expect(fatal).toEqual([])
    expect(application.chain.map(({ ref }) => ref.height).slice(0, 5)).toEqual([1n, 2n, 3n, 4n, 5n])
    const validators = createValidatorSet([validatorOf(0)])
    const problems = application.certificates.map(certificate =>
      certificateProblem(CHAIN_ID, validators, certificate, blsVerifyAggregate),
    )
    expect(new Set(problems)).toEqual(new Set([undefined]))
    // Own blocks are known to be valid.
    expect(application.checks).toBe(0)
  })

  it('goes on after a stop, from log and database', async () => {
    const application = new MemoryApplication()
    for (const goal of [3, 6, 9]) {
      const { consensus } = startSingle(await openLog(pathOf('a')), application)
      await until(() => application.chain.length >= goal, `${goal} blocks`)
      await consensus.stop()
    }
    expect(application.chain.length).toBeGreaterThanOrEqual(9)
  })

  it('syncs twice per block, and never sends a vote before the sync that holds it', async () => {
    let syncs = 0
    let isSyncing = false
    const log = await openLog(pathOf('a'))
    const counting = wrapLog(log, {
      sync: async () => {
        syncs++
        isSyncing = true
        await log.sync()
        isSyncing = false
      },
    })
    const sent: boolean[] = []
    const transport: Transport = {
      ...listening(() => sent.push(isSyncing)),
    }
    const application = new MemoryApplication()
    const { consensus } = startSingle(counting, application, { transport })
    await until(() => application.chain.length >= 10, 'ten blocks')
    expect(syncs).toBeLessThanOrEqual(2 * application.chain.length + 2)
    await consensus.stop()
    expect(sent.length).toBeGreaterThan(20)
    expect(sent).not.toContain(true)
  })

  it('builds a block while the one before is being committed, and outruns no more than that', async () => {
    const application = new MemoryApplication()
    const asked: bigint[] = []
    let commit = Promise.withResolvers<void>()
    const slow = Object.assign(Object.create(application) as MemoryApplication, {
      buildBlock: (request: Parameters<MemoryApplication['buildBlock']>[0]) => {
        asked.push(request.parent.height + 1n)
        return application.buildBlock(request)
      },
      finalize: async (...given: Parameters<MemoryApplication['finalize']>) => {
        await commit.promise
        return application.finalize(...given)
      },
    })
    const { consensus, fatal } = startSingle(await openLog(pathOf('a')), slow)
    await until(() => asked.length >= 2, 'a second block')
    for (let i = 0; i < 200; i++) await new Promise(resolve => setImmediate(resolve))
    expect([asked, application.chain.length]).toEqual([[1n, 2n], 0])
    const before = commit
    commit = Promise.withResolvers<void>()
    before.resolve()
    await until(() => asked.length >= 3, 'a third block')
    commit.resolve()
    await until(() => application.chain.length >= 4, 'four blocks')
    await consensus.stop()
    expect(fatal).toEqual([])
  })

  it('does not go ahead of a commit on a block that is not here', async () => {
    const application = new MemoryApplication()
    const asked: number[] = []
    const absent = Object.assign(Object.create(application) as MemoryApplication, {
      isHere: () => false,
      buildBlock: (request: Parameters<MemoryApplication['buildBlock']>[0]) => {
        asked.push(application.chain.length)
        return application.buildBlock(request)
      },
    })
    const { consensus, fatal } = startSingle(await openLog(pathOf('a')), absent)
    await until(() => asked.length >= 4, 'four blocks')
    await consensus.stop()
    expect(fatal).toEqual([])
    expect(asked.slice(0, 4)).toEqual([0, 1, 2, 3])
  })

  it('rewrites the log when it is due, and comes back from the rewritten one', async () => {
    const application = new MemoryApplication()
    const log = await openLog(pathOf('a'))
    let rewrites = 0
    const counting = wrapLog(log, {
      rewrite: records => {
        rewrites++
        return log.rewrite(records)
      },
    })
    const compaction = { maxBytes: 1 << 20, everyBlocks: 3 }
    const { consensus, fatal } = startSingle(counting, application, { compaction })
    await until(() => application.chain.length >= 12, 'twelve blocks')
    await consensus.stop()
    expect(fatal).toEqual([])
    expect(rewrites).toBeGreaterThanOrEqual(3)
    expect(log.sizeBytes).toBeLessThan(8 * 1024)
    const again = startSingle(await openLog(pathOf('a')), application)
    await until(() => application.chain.length >= 14, 'two more blocks')
    await again.consensus.stop()
    expect(again.fatal).toEqual([])
  })
})

/** A transport with one silent peer, so that everything is sent to somebody. */
const listening = (onSend: (message: Uint8Array) => void): Transport => ({
  broadcast: onSend,
  send: () => {},
  peers: () => [{ id: 'witness', voteKey: undefined }],
  onMessage: () => {},
  report: () => {},
})

type Point = 'before sync' | 'after sync' | 'in build' | 'before commit' | 'after commit'

describe('killed at any point', () => {
  const points = (
    ['before sync', 'after sync', 'in build', 'before commit', 'after commit'] as const
  ).flatMap(point =>
    [1, 2, 3, 4, 5].flatMap(nth => [1_000_000n, 1n, 2n].map(blocks => [point, nth, blocks] as const)),
  )

  const name = '%s number %i, epochs of %i blocks: goes on, and never votes twice differently'
  it.each(points)(name, async (point, nth, blocks) => {
    const oracle = new SignerOracle()
    const transport = listening(message => {
      for (const statement of votesIn(message)) oracle.see(0, statement)
    })
    const application = new MemoryApplication({ ...oneEpoch(0), blocks })
    const first = await openLog(pathOf('first'))
    let count = 0
    let isDead = false
    let isCopied = false
    // From here on nothing of this life reaches disk, database or network; the log is copied as it lies.
    const dieAt = async (here: Point) => {
      if (isDead) return never()
      if (here !== point || ++count < nth) return undefined
      isDead = true
      await copyFile(pathOf('first'), pathOf('image'))
      isCopied = true
      return never()
    }
    const log = wrapLog(first, {
      sync: async () => {
        await dieAt('before sync')
        await first.sync()
        await dieAt('after sync')
      },
    })
    const dying = Object.assign(Object.create(application) as MemoryApplication, {
      buildBlock: async (request: Parameters<MemoryApplication['buildBlock']>[0]) => {
        await dieAt('in build')
        return application.buildBlock(request)
      },
      finalize: async (...given: Parameters<MemoryApplication['finalize']>) => {
        await dieAt('before commit')
        await application.finalize(...given)
        await dieAt('after commit')
      },
    })
    const live: Transport = { ...transport, broadcast: m => (isDead ? undefined : transport.broadcast(m)) }
    const killed = startSingle(log, dying, { transport: live })
    await until(() => isCopied, `${point} ${nth}`)
    await until(() => true, 'a turn')
    const height = application.chain.length

    application.salt = Uint8Array.of(1)
    const second = await openLog(pathOf('image'))
    expect(second.isNew).toBe(false)
    const { consensus, fatal } = startSingle(second, application, { transport })
    await until(() => application.chain.length >= height + 3, 'three more blocks')
    await consensus.stop()
    expect(fatal).toEqual([])
    expect(killed.fatal).toEqual([])
    await first.close()
  })
})

describe('faults', () => {
  const failing = async (
    overrides: Partial<MemoryApplication>,
    wrap?: (log: WriteAheadLog) => WriteAheadLog,
  ) => {
    const application = Object.assign(new MemoryApplication(), overrides)
    const log = await openLog(pathOf('a'))
    const sent: Uint8Array[] = []
    const { consensus, fatal } = startSingle(wrap === undefined ? log : wrap(log), application, {
      transport: listening(message => sent.push(message)),
    })
    await until(() => fatal.length > 0, 'the fault')
    const heightThen = application.chain.length
    await consensus.stop()
    expect(fatal).toHaveLength(1)
    expect(application.chain.length).toBe(heightThen)
    return { error: fatal[0] as ConsensusError, sent }
  }

  it('stops when the application throws, whichever method', async () => {
    const boom = () => Promise.reject(new Error('boom'))
    expect((await failing({ buildBlock: boom })).error).toMatchObject({
      code: 'application',
      message: 'buildBlock failed: boom',
    })
    await rm(pathOf('a'))
    expect((await failing({ finalize: boom })).error.message).toBe('finalize failed: boom')
    await rm(pathOf('a'))
    const wrong = async () =>
      makeBlock({ epoch: 0n, view: 77n, parent: GENESIS, parentView: 0n }, new Uint8Array(1))
    expect((await failing({ buildBlock: wrong })).error.message).toMatch(/buildBlock was asked for view 1/)
  })

  it('sends nothing that could not be logged', async () => {
    const full = new ConsensusError('disk_full', 'no space left')
    const { error, sent } = await failing({}, log => wrapLog(log, { sync: () => Promise.reject(full) }))
    expect(error).toBe(full)
    expect(sent.flatMap(votesIn)).toEqual([])
  })

  it('refuses the log of another validator', async () => {
    const application = new MemoryApplication()
    const { consensus } = startSingle(await openLog(pathOf('a')), application)
    await until(() => application.chain.length >= 1, 'a block')
    await consensus.stop()
    const log = await openLog(pathOf('a'))
    const other = { voteSecret: secretOf(1) }
    expect(() => startSingle(log, application, other)).toThrow(/belongs to vote key/)
    await log.close()
  })
})

describe('several validators in one process', () => {
  const start = async (count: number, hub = createHub()) => {
    const seeds = Array.from({ length: count }, (_, i) => i)
    const applications = seeds.map(i =>
      Object.assign(new MemoryApplication(oneEpoch(...seeds)), { salt: Uint8Array.of(i) }),
    )
    const launch = async (i: number) => {
      const application = applications[i] as MemoryApplication
      return startSingle(await openLog(pathOf(`v${i}`)), application, {
        voteSecret: secretOf(i),
        transport: hub.join(i),
        pacing: { networkDelayMs: 40, standstillMs: 100, paceMs: 0 },
      })
    }
    return { hub, applications, launch }
  }

  const expectOneChain = (applications: MemoryApplication[]) =>
    assertOneChain(applications.map(({ chain }) => chain.map(({ ref }) => ref)))

  it('two agree on one chain', async () => {
    const { applications, launch } = await start(2)
    const nodes = [await launch(0), await launch(1)]
    await until(() => applications.every(({ chain }) => chain.length >= 8), 'eight blocks')
    for (const { consensus } of nodes) await consensus.stop()
    expect(nodes.flatMap(({ fatal }) => fatal)).toEqual([])
    expectOneChain(applications)
    expect(applications.every(({ builds }) => builds > 0)).toBe(true)
  })

  it('a fourth that starts late catches up by asking for blocks, and then votes', async () => {
    const { applications, launch, hub } = await start(4)
    const nodes = [await launch(0), await launch(1), await launch(2)]
    await until(() => (applications[0]?.chain.length ?? 0) >= 5, 'five blocks')
    nodes.push(await launch(3))
    const late = applications[3] as MemoryApplication
    await until(() => late.builds > 0 && late.chain.length >= 8, 'the late one to build')
    for (const { consensus } of nodes) await consensus.stop()
    expect(nodes.flatMap(({ fatal }) => fatal)).toEqual([])
    expect(hub.reports).toEqual([])
    expectOneChain(applications)
  })

  it('tell who follows of every certificate, and hardly anything to each other', async () => {
    const hub = createHub()
    const told: string[] = []
    const overheard = {
      ...hub,
      join: (seed: number): Transport => {
        const transport = hub.join(seed)
        return {
          ...transport,
          send: (peer, message) => {
            const decoded = messageCodec.decode(message)
            if (decoded.kind === 'certificates')
              told.push(
                ...decoded.certificates.map(({ kind }) => `${kind} to ${peer === '4' ? 'it' : 'voters'}`),
              )
            transport.send(peer, message)
          },
        }
      },
    }
    const { applications, launch } = await start(4, overheard)
    const follower = new MemoryApplication(oneEpoch(0, 1, 2, 3))
    const nodes = [
      startSingle(await openLog(pathOf('follower')), follower, {
        voteSecret: undefined,
        transport: overheard.join(4),
      }),
      ...(await Promise.all([0, 1, 2, 3].map(launch))),
    ]
    const all = [...applications, follower]
    await until(() => all.every(({ chain }) => chain.length >= 10), 'ten blocks')
    for (const { consensus } of nodes) await consensus.stop()
    expect(nodes.flatMap(({ fatal }) => fatal)).toEqual([])
    expectOneChain(all)
    const count = (what: string): number => told.filter(one => one === what).length
    expect(count('notarize to it')).toBeGreaterThanOrEqual(30)
    expect(count('finalize to it')).toBeGreaterThanOrEqual(30)
    expect(count('notarize to voters')).toBeLessThan(count('notarize to it'))
  })

  it('a bad signature is found, its sender reported, and the others go on', async () => {
    const hub = createHub()
    const { applications, launch } = await start(4, hub)
    const liar = hub.join(3)
    liar.onMessage((_, message) => {
      for (const vote of votesIn(message)) {
        const forged: Vote = { ...vote, signer: 3, signature: new Uint8Array(96).fill(1) }
        liar.broadcast(messageCodec.encode({ kind: 'vote', vote: forged }))
      }
    })
    const nodes = [await launch(0), await launch(1), await launch(2)]
    await until(() => applications.slice(0, 3).every(({ chain }) => chain.length >= 3), 'three blocks')
    for (const { consensus } of nodes) await consensus.stop()
    expect(nodes.flatMap(({ fatal }) => fatal)).toEqual([])
    expect(hub.reports.some(report => report.startsWith('3: bad signature'))).toBe(true)
    expectOneChain(applications.slice(0, 3))
  })

  it('forged certificates, votes in another name and garbage change nothing', async () => {
    const hub = createHub()
    const { applications, launch } = await start(2, hub)
    const stranger = hub.join(7)
    const nodes = [await launch(0), await launch(1)]
    const forged = {
      kind: 'finalize' as const,
      epoch: 0n,
      view: 90n,
      hash: GENESIS.hash,
      signers: Uint8Array.of(0b11),
      signature: new Uint8Array(96),
    }
    const { signers: _, ...vote } = { ...forged, signer: 0 }
    for (let i = 0; i < 20; i++) {
      stranger.broadcast(messageCodec.encode({ kind: 'certificates', certificates: [forged] }))
      stranger.broadcast(messageCodec.encode({ kind: 'vote', vote }))
      stranger.broadcast(Uint8Array.of(250, i))
    }
    await until(() => applications.every(({ chain }) => chain.length >= 4), 'four blocks')
    for (const { consensus } of nodes) await consensus.stop()
    expect(nodes.flatMap(({ fatal }) => fatal)).toEqual([])
    expect(hub.reports.some(report => report.includes('7: forged finalize certificate of view 90'))).toBe(
      true,
    )
    expect(hub.reports.some(report => report.includes('ConsensusMessage number'))).toBe(true)
    expectOneChain(applications)
  })
})
