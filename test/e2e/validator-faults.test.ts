/** Four validators, one of which is in trouble: its disk runs low, its clock is wrong. The others go on. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { formatAddress } from '../../node/crypto/address.ts'
import { MiB } from '../../node/storage/disk-space.ts'
import { createValidatorNetwork, PLACES } from '../support/validator-network.ts'

const DAY_MS = 86_400_000
/** Beyond what a timer takes. */
const MONTHS_MS = 40 * DAY_MS
/** Whoever it is can be spared: the others have more than two thirds of the stake. */
const ILL = 3
const OTHERS = PLACES.filter(place => place !== ILL)

const free = new Map<number, number>()
const aheadMs = new Map<number, number>()
const stopped: unknown[] = []
const network = createValidatorNetwork(place => ({
  minFreeBytes: 100 * MiB,
  freeBytes: () => free.get(place) ?? 1_000 * MiB,
  nowMs: () => Date.now() + (aheadMs.get(place) ?? 0),
  ...(place === ILL ? { onFatal: error => stopped.push(error) } : {}),
}))
const { start, clientOf, heightOf, until, agreedBlocks } = network
const [, , , ill] = network.genesis.validators
if (ill === undefined) throw new Error('there are fewer than four')
const address = formatAddress(ill.address)

const warningsOf = async (place: number): Promise<string[]> =>
  (await clientOf(place).api.chain.info.query()).warnings.map(({ code }) => code)

/** All of `places` come that much further; gives the blocks they made meanwhile. */
const goOn = async (places: readonly number[], by = 12n) => {
  const from = heightOf(0)
  await until(() => places.every(place => heightOf(place) > from + by))
  return agreedBlocks(places, from + 1n)
}
const nowOf = (place: number): number => Date.now() + (aheadMs.get(place) ?? 0)

beforeAll(async () => {
  for (const place of PLACES) await start(place)
  await goOn(PLACES)
})
beforeEach(() => {
  free.clear()
  aheadMs.clear()
})
afterAll(() => network.close())

describe('among four validators', () => {
  it('one whose disk runs low makes no blocks, but follows and votes; with room again it makes them', async () => {
    free.set(ILL, 99 * MiB)
    while (!(await warningsOf(ILL)).includes('disk_low'))
      await new Promise(resolve => setTimeout(resolve, 50))
    // What it had begun before.
    await goOn(PLACES, 3n)
    const blocks = await goOn(PLACES, 18n)
    expect(blocks.map(({ proposer }) => proposer)).not.toContain(address)
    const voted = blocks.filter(({ certificate }) => (Number(certificate?.signers ?? 0) & (1 << ILL)) !== 0)
    expect(voted.length).toBeGreaterThan(0)

    free.delete(ILL)
    let proposers: string[] = []
    while (!proposers.includes(address)) proposers = (await goOn(PLACES, 3n)).map(({ proposer }) => proposer)
    expect(await warningsOf(ILL)).toEqual([])
  })

  it('one whose clock is ahead, by a day or by more than timers take, takes nobody with it', async () => {
    for (const ms of [DAY_MS, MONTHS_MS]) {
      aheadMs.set(ILL, ms)
      const blocks = await goOn(PLACES)
      for (const { timeMs } of blocks) expect(Number(timeMs)).toBeLessThan(Date.now() + 1_000)
    }
  })

  it('one whose clock is behind says so, and the others go on', async () => {
    aheadMs.set(ILL, -DAY_MS)
    const blocks = await goOn(PLACES)
    for (const { timeMs } of blocks.slice(1))
      expect(Math.abs(Number(timeMs) - Date.now())).toBeLessThan(120_000)
    expect(await warningsOf(ILL)).toEqual(['clock_behind'])
    expect(await warningsOf(0)).toEqual([])
  })

  it('one whose disk is almost full stops with advice, the others go on, and it catches up when it is back', async () => {
    free.set(ILL, 24 * MiB)
    while (stopped.length === 0) await new Promise(resolve => setTimeout(resolve, 20))
    expect(stopped).toMatchObject([
      { code: 'disk_full', message: expect.stringMatching(/24 MiB are left, and a node needs 25 MiB/) },
    ])
    await network.stop(ILL)
    await goOn(OTHERS)
    await expect(start(ILL)).rejects.toMatchObject({ code: 'disk_full' })
    free.delete(ILL)
    await start(ILL)
    await goOn(PLACES)
  })

  it('all of which were a day ahead go on at once when their clocks are mended, and times never go back', async () => {
    for (const place of PLACES) aheadMs.set(place, DAY_MS)
    await goOn(PLACES)
    aheadMs.clear()
    // Blocks that were begun before.
    await goOn(PLACES, 3n)
    const blocks = await goOn(PLACES)
    const times = blocks.map(({ timeMs }) => Number(timeMs))
    for (const [i, time] of times.entries()) {
      expect(time).toBeGreaterThan(nowOf(0) + DAY_MS / 2)
      if (i > 0) expect(time - (times[i - 1] ?? 0)).toBe(Number(network.genesis.params.minBlockIntervalMs))
    }
    expect(await warningsOf(0)).toEqual(['clock_behind'])
  })
})
