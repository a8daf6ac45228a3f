/** The scheduler among simulated peers: whoever they are, what is committed is the chain that the validators signed. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_IN_FLIGHT } from '../../../node/sync/block-sync.ts'
import { WINDOW_BLOCKS, WINDOW_BYTES } from '../../../node/sync/bodies.ts'
import { SyncError } from '../../../node/sync/error.ts'
import { toHash, toHex } from '../../../node/types/primitives.ts'
import { createEpochChain, EPOCH_BLOCKS } from '../../support/epoch-chain.ts'
import {
  type HabitName,
  HABITS,
  isLiar,
  type Outcome,
  simulate,
  type Simulation,
  WILLING,
} from './simulated-peers.ts'

const HEIGHT = 45n
const world = createEpochChain()
world.grow(HEIGHT)
const { chain, blocks } = world
const truth = blocks.slice(1).map(({ bytes }) => toHex(bytes))

const peersOf = (names: readonly HabitName[]): Simulation['peers'] =>
  names.map((name, i) => ({ id: `${i} ${name}`, habit: HABITS[name] }))
const run = (names: readonly HabitName[], options: Partial<Simulation> = {}): Promise<Outcome> =>
  simulate({ chain, peers: peersOf(names), partBlocks: 3, stretchBlocks: 3, ...options })

/** What holds whatever the peers do. */
const checkSafety = (names: readonly HabitName[], outcome: Outcome): void => {
  const { committed, certified, reports, lies, maxInFlight, maxWindow } = outcome
  expect(committed).toEqual(truth.slice(0, committed.length))
  for (let height = EPOCH_BLOCKS; height <= committed.length; height += EPOCH_BLOCKS)
    expect([height, certified.has(height)]).toEqual([height, true])
  expect(maxInFlight).toBeLessThanOrEqual(MAX_IN_FLIGHT)
  expect(maxWindow.blocks).toBeLessThanOrEqual(WINDOW_BLOCKS)
  expect(maxWindow.bytes).toBeLessThanOrEqual(WINDOW_BYTES)
  for (const [i, name] of names.entries()) {
    const id = `${i} ${name}`
    if (!isLiar(name)) expect(reports).not.toContain(`invalid of ${id}`)
    else if (outcome.ended === 'end' && name !== 'lying about its head' && (lies.get(id) ?? 0) > 0)
      expect(reports).toContain(`invalid of ${id}`)
  }
}

describe('a node that is behind', () => {
  it('gets to the head from a single peer, with the certificate of every epoch and of the tip', async () => {
    const outcome = await run(['honest'])
    checkSafety(['honest'], outcome)
    expect(outcome.ended).toBe('end')
    expect(outcome.committed).toEqual(truth)
    expect(outcome.certified).toContain(HEIGHT)
    expect(outcome.reports.size).toBe(0)
  })

  it('asks all of several peers at once, and is done sooner', async () => {
    const one = await run(['honest'], { stretchBlocks: 1, partBlocks: 1 })
    const four = await run(['honest', 'honest', 'honest', 'honest'], { stretchBlocks: 1, partBlocks: 1 })
    expect(four.committed).toEqual(truth)
    expect(four.requests.size).toBe(4)
    expect(four.elapsedMs).toBeLessThan(one.elapsedMs)
  })

  it('has no more requests open than it may, however many peers there are', async () => {
    const names = Array.from({ length: 12 }, (): HabitName => 'slow')
    const outcome = await run(names, { stretchBlocks: 1, partBlocks: 1 })
    checkSafety(names, outcome)
    expect(outcome.maxInFlight).toBe(MAX_IN_FLIGHT)
    expect(outcome.committed).toEqual(truth)
  })

  it('has a block that comes in parts from one peer', async () => {
    const outcome = await run(['cutting', 'cutting', 'cutting'], { stretchBlocks: 1, partBlocks: 1 })
    expect(outcome.committed).toEqual(truth)
  })

  it('ends at once where its peers are', async () => {
    const own = { height: HEIGHT, hash: chain.head.hash }
    expect(await run(['honest'], { own })).toMatchObject({ ended: 'end', committed: [], elapsedMs: 0 })
    const near = await run(['honest'], { nearBlocks: HEIGHT })
    expect(near).toMatchObject({ ended: 'end', committed: [] })
  })

  const names = Object.keys(HABITS) as HabitName[]

  it.each(names)('gets there with an honest peer beside one that is %s', async name => {
    const both = [name, 'honest'] as const
    const outcome = await run(both)
    checkSafety(both, outcome)
    expect(outcome.ended).toBe('end')
    expect(outcome.committed).toEqual(truth)
  })

  it.each(names.filter(isLiar))('has a peer reported that is %s', async name => {
    const outcome = await run([name, name, 'slow'])
    expect([...outcome.reports].filter(report => report.includes(name)).length).toBeGreaterThan(0)
    expect(outcome.committed).toEqual(truth)
  })

  it(
    'commits nothing wrong, is not stopped by anybody, and says so when nobody helps',
    { timeout: 600_000 },
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 7 }),
          fc.integer({ min: 1, max: 9 }),
          fc.integer({ min: 1, max: 9 }),
          fc.integer({ min: 0, max: 500 }),
          async (habits, partBlocks, stretchBlocks, spread) => {
            const jitter = (n: number): number => (n * 7919) % (spread + 1)
            const outcome = await run(habits, { partBlocks, stretchBlocks, jitter })
            checkSafety(habits, outcome)
            if (habits.some(name => WILLING.includes(name))) {
              expect(outcome.ended).toBe('end')
              expect(outcome.committed).toEqual(truth)
            } else if (outcome.ended !== 'end') expect(outcome.ended).toBeInstanceOf(SyncError)
          },
        ),
        { numRuns: 80 },
      ),
  )
})

describe('nobody who helps', () => {
  const failure = async (
    simulation: Partial<Simulation>,
    names: readonly HabitName[] = [],
  ): Promise<unknown> => (await run(names, simulation)).ended

  it('is told from nobody there', async () => {
    expect(await failure({})).toMatchObject({ code: 'no_peers' })
    expect(await failure({}, ['refusing', 'silent'])).toMatchObject({ code: 'unavailable' })
    expect((await run(['silent', 'honest'])).reports).toContain('useless of 0 silent')
  })

  it('is told after what is on its way to the database, however long that takes', async () => {
    const names = ['empty', 'lying about the header of a block', 'garbage'] as const
    const options = { partBlocks: 8, stretchBlocks: 4, commitMs: 60_000 }
    const outcome = await run(names, options)
    checkSafety(names, outcome)
    expect(outcome.committed.length).toBeGreaterThan(0)
    expect(outcome.ended).toMatchObject({ code: 'no_peers' })
  })

  it('but has later blocks: a snapshot leads further', async () => {
    const peers = [20n, 31n].map((keptFrom, i) => ({ id: String(i), habit: { claims: { keptFrom } } }))
    expect(await failure({ peers })).toMatchObject({
      code: 'pruned',
      message: 'the peers keep blocks from 20 on, and this node has them up to 0: use a snapshot',
    })
  })
})

describe('a chain that is not this one', () => {
  const other = toHash(new Uint8Array(32).fill(7))

  it('is refused where it does not stand on the own blocks', async () => {
    const outcome = await run(['honest'], { own: { height: 2n, hash: other } })
    expect(outcome).toMatchObject({ ended: { code: 'fork' }, committed: [] })
  })

  it('is refused at the checkpoint, and goes by where that holds', async () => {
    const wrong = await run(['honest'], { checkpoint: { height: 6n, hash: other } })
    expect(wrong).toMatchObject({ ended: { code: 'wrong_checkpoint' } })
    expect(wrong.committed.length).toBeLessThan(6)
    const hash = blocks[6]?.hash ?? other
    expect(await run(['honest'], { checkpoint: { height: 6n, hash } })).toMatchObject({ ended: 'end' })
  })
})
