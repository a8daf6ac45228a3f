/**
 * Kills a node again and again (SIGKILL: at its start, under load, while it stops) and starts it on the same
 * directory. Nothing that it reported final may be lost or moved, and the chain must go on.
 *
 * A round is one kill with everything checked after it. Every `ROUNDS_PER_DIRECTORY` rounds the node stops
 * cleanly, its directory is audited in full, and a new one begins, so that making a directory is killed too.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createApiClient } from '../../node/api/client.ts'
import { devAccounts } from '../../node/dev.ts'
import { createRandom, type Random } from '../sim/random.ts'
import { type Audit, auditDirectory, createAudit } from './audit.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { amountOf, runLoad, settleAll, SINK, tokenBalanceOf } from './load.ts'
import { type NodeNews, type NodeProcess, type NodeSettings, spawnNode, within } from './spawn-node.ts'

const SENDERS = 4
const ROUNDS_PER_DIRECTORY = 10
const START_MS = 20_000
const SETTLE_MS = 30_000
const STOP_MS = 20_000

type Moment = 'start' | 'load' | 'stop'

export interface KillLoopResult {
  readonly passed: number
  readonly failures: readonly string[]
  readonly killsAt: Readonly<Record<Moment, number>>
  readonly finalTransactions: number
  readonly blocks: bigint
}

interface Round {
  readonly directory: string
  readonly ledger: Ledger
  readonly audit: Audit
  readonly random: Random
  readonly settings: NodeSettings
}

const pickMoment = (random: Random): Moment => {
  const dice = random.next()
  return dice < 0.25 ? 'start' : dice < 0.8 ? 'load' : 'stop'
}

const assertNoFault = (news: readonly NodeNews[]): void => {
  for (const item of news)
    if ('fault' in item) throw new Error(`the node told ${item.kind}: ${item.fault.message}`)
}

/** The moment of the kill is drawn before anything runs, so that a seed gives the same plan. */
const killOnce = async (moment: Moment, { directory, ledger, random, settings }: Round): Promise<boolean> => {
  const delayMs = 5 + random.below(396)
  const isSettling = random.chance(0.5)
  const stopDelayMs = random.below(25)
  const node = spawnNode(directory, settings)
  try {
    if (moment === 'start') {
      await within(START_MS, 'loading the node', node.loaded)
      // Most of what a start does to the disk is over after some 150 ms.
      await sleep(delayMs / 2)
    } else {
      const url = await within(START_MS, 'the start', node.started)
      if (isSettling) await within(SETTLE_MS, 'going on after the start', settleAll(url, ledger))
      const stopping = new AbortController()
      const load = runLoad(url, ledger, stopping.signal)
      // Its failure is awaited below.
      load.catch(() => undefined)
      await sleep(delayMs)
      if (moment === 'stop') {
        node.askToStop()
        await sleep(stopDelayMs)
      }
      node.kill()
      stopping.abort()
      await within(SETTLE_MS, 'the end of the load', load)
    }
  } finally {
    node.kill()
    await node.exited
  }
  assertNoFault(node.news)
  return (await node.exited).signal === 'SIGKILL'
}

/** The node goes on, stops when asked, and leaves everything in order. */
const closeDirectory = async ({ directory, ledger, audit, settings }: Round): Promise<void> => {
  const node = spawnNode(directory, settings)
  try {
    const url = await within(START_MS, 'the start', node.started)
    await within(SETTLE_MS, 'going on after the start', settleAll(url, ledger))
    await checkTokens(url, ledger)
    await stopCleanly(node)
  } finally {
    node.kill()
    await node.exited
  }
  assertNoFault(node.news)
  await auditDirectory(directory, ledger, audit)
}

const stopCleanly = async (node: NodeProcess): Promise<void> => {
  node.askToStop()
  const { code, signal } = await within(STOP_MS, 'stopping', node.exited)
  if (code !== 0) throw new Error(`the node ended with ${signal ?? code} when asked to stop`)
}

/** Every call of the token is final here: the sink holds exactly what was sent, each once. */
const checkTokens = async (url: string, { token, senders }: Ledger): Promise<void> => {
  const [sender] = senders
  if (token === undefined || sender === undefined) throw new Error('the token was not deployed')
  let expected = 0n
  // Nonce 0 is the deploy.
  for (let nonce = 1n; nonce < sender.nextNonce; nonce++) expected += amountOf(nonce)
  const client = createApiClient({ url })
  try {
    const held = await tokenBalanceOf(client, token.address, SINK)
    if (held !== expected) throw new Error(`the sink holds ${held} tokens; ${expected} were sent`)
  } finally {
    client.close()
  }
}

const newRound = async (random: Random, settings: NodeSettings): Promise<Round> => ({
  directory: await mkdtemp(join(tmpdir(), 'vex-chaos-')),
  ledger: createLedger(devAccounts().slice(0, SENDERS)),
  audit: createAudit(),
  random,
  settings,
})

/** Stops at the first failure of a directory, keeps that directory, and goes on with a new one. */
export const runKillLoop = async (options: {
  kills: number
  seed: number
  /** So few that kills hit the ends of epochs. */
  epochBlocks?: number | undefined
  log: (line: string) => void
}): Promise<KillLoopResult> => {
  const { kills, log } = options
  const random = createRandom(options.seed)
  const settings = options.epochBlocks === undefined ? {} : { epochBlocks: options.epochBlocks }
  const killsAt = { start: 0, load: 0, stop: 0 }
  const failures: string[] = []
  let passed = 0
  let finalTransactions = 0
  let blocks = 0n
  let done = 0
  while (done < kills) {
    const round = await newRound(random, settings)
    const { directory, ledger, audit } = round
    const last = Math.min(kills, done + ROUNDS_PER_DIRECTORY)
    try {
      while (done < last) {
        const moment = pickMoment(random)
        const isAudited = random.chance(0.5)
        const wasKilled = await killOnce(moment, round)
        // An unfinished directory has nothing to audit.
        if (isAudited && ledger.final.size > 0) await auditDirectory(directory, ledger, audit)
        if (!wasKilled) continue
        done++
        killsAt[moment]++
        passed++
        log(`kill ${done}/${kills}, at ${moment}: ${ledger.final.size} final, height ${ledger.seenHeight}`)
      }
      await closeDirectory(round)
      await rm(directory, { recursive: true, force: true })
    } catch (error) {
      const text = `after ${done} kills, seed ${options.seed}, in ${directory}: ${(error as Error).message}`
      failures.push(text)
      log(`FAILED ${text}`)
      done = last
    }
    finalTransactions += ledger.final.size
    blocks += ledger.seenHeight
  }
  return { passed, failures, killsAt, finalTransactions, blocks }
}
