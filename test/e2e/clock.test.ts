/** A lone chain whose clock is set wrong, and right again, while it runs and while it does not. */
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { devAccounts } from '../../node/dev.ts'
import { createAccountClient } from '../../node/wallet/send.ts'
import { SINK } from '../chaos/load.ts'
import {
  removeDirectory,
  type RunningNode,
  startTestNode,
  temporaryDirectory,
} from '../support/running-node.ts'
import { runVex } from '../support/vex-command.ts'

const DAY_MS = 86_400_000
const IDLE_MS = 100n
const [dev] = devAccounts()
if (dev === undefined) throw new Error('no development account')
const { secretKey } = dev

let directory: string
let running: RunningNode | undefined
let aheadMs = 0
const told: string[] = []

const start = async (): Promise<RunningNode> => {
  const logger = pino(
    { level: 'warn' },
    { write: (line: string) => void told.push((JSON.parse(line) as { msg: string }).msg) },
  )
  const options = { logger, nowMs: () => Date.now() + aheadMs }
  running = await startTestNode(directory, 0, { idleBlockIntervalMs: IDLE_MS }, options)
  return running
}
beforeAll(async () => {
  directory = await temporaryDirectory()
})
afterAll(async () => {
  await running?.stop()
  await removeDirectory(directory)
})

/** The times of the next blocks, as they become final: one each second is far less than there are. */
const nextTimes = async ({ node, fatal }: RunningNode, count = 6): Promise<number[]> => {
  const times: number[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = node.onCommit(({ header }) => {
    times.push(Number(header.timeMs))
    if (times.length === count) resolve()
  })
  const late = setTimeout(resolve, count * 1_000)
  await promise
  clearTimeout(late)
  stop()
  expect(fatal).toEqual([])
  expect(times).toHaveLength(count)
  for (const [i, time] of times.entries()) if (i > 0) expect(time).toBeGreaterThan(times[i - 1] ?? 0)
  return times
}
const warningsOf = async ({ client }: RunningNode): Promise<string[]> =>
  (await client.api.chain.info.query()).warnings.map(({ code }) => code)
const aSecond = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 1_200))

describe('a clock that is set wrong', () => {
  it('ahead by a day takes the block times with it, and the log says so', async () => {
    const one = await start()
    const [before = 0] = await nextTimes(one)
    aheadMs = DAY_MS
    const after = (await nextTimes(one)).at(-1) ?? 0
    expect(after - before).toBeGreaterThan(DAY_MS)
    await aSecond()
    expect(told).toEqual([
      expect.stringMatching(/^the clock went ahead by 1 d, to .*timedatectl set-ntp true$/),
    ])
  })

  it('and mended again does not hold up the chain, which stays where it was until the clock is there', async () => {
    const one = running as RunningNode
    aheadMs = 0
    const times = await nextTimes(one)
    for (const time of times) expect(time).toBeGreaterThan(Date.now() + DAY_MS / 2)
    await aSecond()
    expect(await warningsOf(one)).toEqual(['clock_behind'])
    expect(told.slice(1)).toEqual([
      expect.stringMatching(/^the clock went back by 1 d, /),
      expect.stringMatching(
        /^the clock says .*, and block \d+ was made (1 d|23 h \d+ min) after that: the clock is behind, or was/,
      ),
    ])
    const account = createAccountClient({ client: one.client, secretKey })
    expect(await account.send({ kind: 'transfer', to: SINK, amount: 1n })).toMatchObject({ kind: 'final' })
  })

  it('is no obstacle to a start, and vex doctor names it', async () => {
    await running?.stop()
    const { stdout, exitCode } = await runVex(directory, ['doctor', '--data-dir', directory])
    expect(exitCode).toBe(6)
    expect(stdout).toMatch(
      /WRONG {2}block times\s+the clock says .*, and block \d+ was made .* Repair: timedatectl set-ntp true/,
    )
    const again = await start()
    await nextTimes(again)
    expect(await warningsOf(again)).toEqual(['clock_behind'])
  })

  it('is told to be right again when it has passed the blocks', async () => {
    const one = running as RunningNode
    aheadMs = 2 * DAY_MS
    await nextTimes(one)
    await aSecond()
    expect(await warningsOf(one)).toEqual([])
    expect(told.at(-1)).toMatch(/^the clock has passed the time of block \d+/)
  })

  it('to before 1970, or after timers end, stops nothing either', async () => {
    const one = running as RunningNode
    aheadMs = -Date.now() - DAY_MS
    await nextTimes(one)
    await aSecond()
    expect(await warningsOf(one)).toEqual(['clock_behind'])
    aheadMs = 400 * DAY_MS
    await nextTimes(one)
    aheadMs = 0
    await nextTimes(one)
    await one.stop()
    expect(one.fatal).toEqual([])
    const { node } = await start()
    expect(node.isNew).toBe(false)
  })
})
