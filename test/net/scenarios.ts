/** What a network has to live through: each scenario opens a devnet, does something to it, and claims what must hold. */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { PlannedNode } from '../../cli/devnet/plan.ts'
import { type DevAccount, devAccounts } from '../../node/dev.ts'
import { parseAddress, publicKeyToAddress } from '../../node/crypto/address.ts'
import { genesisHash } from '../../node/types/genesis.ts'
import { bytesEqual, toHex } from '../../node/types/primitives.ts'
import { startLiar } from './byzantine.ts'
import { claim, openWorld, type World, type WorldOptions } from './world.ts'
import { type LoadFigures, runLoad, transfer } from './load.ts'

/** What it found, for people. */
export type Report = Readonly<Record<string, string | number>>

export interface Scenario {
  readonly name: string
  readonly what: string
  /** `scale` 1 is the long form. */
  readonly run: (scale: number) => Promise<Report>
}

const STRANGERS = fileURLToPath(new URL('strangers.ts', import.meta.url))
const ALL = [0, 1, 2, 3] as const
const READY_MS = 60_000
const PROGRESS_MS = 30_000
/** Until what a node took is in its journal, on a busy machine. */
const JOURNAL_MS = 1_000
/** Asked of a network that is whole again. */
const HEAL_MS = 5_000

const median = (values: readonly number[], part = 0.5): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN

const latency = ({ finalMs }: LoadFigures): Report => ({
  'submit to final p50 ms': Math.round(median(finalMs)),
  'p99 ms': Math.round(median(finalMs, 0.99)),
})

/** Opens a world, waits until it makes blocks, closes it whatever happens. */
const inWorld = async (options: WorldOptions, play: (world: World) => Promise<Report>): Promise<Report> => {
  const world = await openWorld(options)
  try {
    const started = world.devnet.nodes.filter(({ place }) => options.played?.includes(place) !== true)
    await Promise.all(started.map(({ place }) => world.devnet.url(place)))
    await world.untilHeight(started[0]?.place ?? 0, 2n, READY_MS)
    return await play(world)
  } finally {
    await world.close()
  }
}

const urlsOf = (world: World, places: readonly number[]): Promise<string[]> =>
  Promise.all(places.map(place => world.devnet.url(place)))

/** Runs `play` under load; the load's figures come with what it gives. */
const underLoad = async (
  world: World,
  places: readonly number[],
  perSecond: number,
  play: () => Promise<void>,
): Promise<LoadFigures> => {
  const stop = new AbortController()
  const load = runLoad(await urlsOf(world, places), perSecond, stop.signal)
  try {
    await play()
  } finally {
    stop.abort()
  }
  return load
}

export const killOne: Scenario = {
  name: 'kill',
  what: 'kill -9 of one of four validators under load, and its return',
  run: scale =>
    inWorld({}, async world => {
      let caughtUpMs = 0
      let missed = 0n
      const figures = await underLoad(world, [0, 1, 3], 100, async () => {
        await sleep(3_000 * scale)
        world.devnet.child(2).kill()
        await world.devnet.child(2).exited
        const at = world.height(0)
        await world.untilHeight(0, at + 5n, PROGRESS_MS)
        await sleep(5_000 * scale)
        missed = world.height(0) - at
        world.devnet.start(2)
        await world.devnet.url(2)
        caughtUpMs = await world.untilHeight(2, world.height(0), PROGRESS_MS)
        await world.untilHeight(2, world.height(0) + 5n, PROGRESS_MS)
      })
      claim(figures.sent > 0, 'the load sent nothing')
      return {
        'blocks missed': Number(missed),
        'caught up ms': Math.round(caughtUpMs),
        transfers: figures.sent,
        ...latency(figures),
        'heights compared': await world.audit(ALL),
      }
    }),
}

/** So far behind that it syncs (node/catch-up.ts). */
const MISSED = 60n

const absent: Scenario = {
  name: 'absent',
  what: 'a validator that was away for epochs syncs past what its log knows, and votes again',
  run: scale =>
    inWorld({ epochBlocks: 8n }, async world => {
      world.devnet.child(3).kill()
      await world.devnet.child(3).exited
      const at = world.height(0)
      await underLoad(world, [0, 1, 2], 100, () =>
        world.untilHeight(0, at + MISSED, 10 * PROGRESS_MS).then(() => undefined),
      )
      world.devnet.start(3)
      await world.devnet.url(3)
      await world.untilHeight(3, world.height(0), PROGRESS_MS)
      claim(
        world.lines.some(({ node, line }) => node === 'validator-3' && line.msg === 'synced'),
        'it came without a sync',
      )
      // Without its vote there is no quorum now.
      world.devnet.child(2).kill()
      await world.devnet.child(2).exited
      const back = world.height(0)
      await world.untilHeight(0, back + 5n, PROGRESS_MS)
      await sleep(2_000 * scale)
      return { 'blocks missed': Number(back - at), 'heights compared': await world.audit([0, 1, 3]) }
    }),
}

const killLeaders: Scenario = {
  name: 'leaders',
  what: 'the last leader is killed and started again, over and over, for a minute',
  run: scale =>
    inWorld({}, async world => {
      const addresses = world.devnet.nodes.map(({ validatorKeys }) =>
        validatorKeys === undefined ? undefined : publicKeyToAddress(validatorKeys.operatorPublicKey),
      )
      const endMs = performance.now() + 60_000 * scale
      const from = world.height(0)
      let kills = 0
      while (performance.now() < endMs) {
        const asked = ALL.find(place => world.devnet.child(place).isRunning) as number
        const { api } = await world.client(asked)
        const { proposer } = await api.block.get.query({ tag: 'latest' })
        const leader = addresses.findIndex(
          address => address !== undefined && bytesEqual(address, parseAddress(proposer)),
        )
        world.devnet.child(leader).kill()
        await world.devnet.child(leader).exited
        kills++
        await sleep(300)
        world.devnet.start(leader)
        await world.devnet.url(leader)
        const others = ALL.filter(place => place !== leader)
        const at = world.height(others[0] as number)
        await world.untilHeight(others[0] as number, at + 1n, PROGRESS_MS)
      }
      const made = world.height(0) - from
      for (const place of ALL) await world.untilHeight(place, from + made, PROGRESS_MS)
      return { kills, 'blocks made': Number(made), 'heights compared': await world.audit(ALL) }
    }),
}

export const partition: Scenario = {
  name: 'partition',
  what: 'two and two cannot reach each other, then can again',
  run: scale =>
    inWorld({ hasCuttableLinks: true }, async world => {
      const { devnet } = world
      const healed: number[] = []
      for (let round = 0; round < Math.max(1, Math.round(3 * scale)); round++) {
        devnet.partition([0, 1], [2, 3], true)
        // What was under way may still become final.
        await sleep(3_000)
        const before = ALL.map(place => world.height(place))
        await sleep(6_000 * scale)
        claim(
          ALL.every(place => world.height(place) === before[place]),
          'a half of the stake has made blocks final',
        )
        devnet.partition([0, 1], [2, 3], false)
        const next = before.reduce((a, b) => (a > b ? a : b)) + 1n
        const times = await Promise.all(ALL.map(place => world.untilHeight(place, next, PROGRESS_MS)))
        healed.push(Math.max(...times))
        await sleep(2_000)
      }
      const worstMs = Math.round(Math.max(...healed))
      const compared = await world.audit(ALL)
      claim(worstMs <= HEAL_MS, `it took ${worstMs} ms after the healing until all had a new block`)
      return {
        partitions: healed.length,
        'new block after healing ms, worst': worstMs,
        'heights compared': compared,
      }
    }),
}

const wrongClock: Scenario = {
  name: 'clock',
  what: 'one validator’s clock is two seconds ahead, another’s two seconds behind',
  run: scale =>
    inWorld(
      {
        clockOffsetMs: new Map([
          [1, 2_000],
          [2, -2_000],
        ]),
      },
      async world => {
        const from = world.height(0)
        const figures = await underLoad(world, ALL, 50, () => sleep(20_000 * scale))
        const made = world.height(0) - from
        claim(made >= BigInt(Math.floor(5 * scale)), `only ${made} blocks were made`)
        return {
          'blocks made': Number(made),
          ...latency(figures),
          'heights compared': await world.audit(ALL),
        }
      },
    ),
}

const follower: Scenario = {
  name: 'follower',
  what: 'a full node that starts late follows, and takes transactions',
  run: scale =>
    inWorld({ full: 1, played: [4] }, async world => {
      await sleep(5_000 * scale)
      world.devnet.start(4)
      const figures = await underLoad(world, [4], 20, async () => {
        await world.untilHeight(4, world.height(0) + 3n, PROGRESS_MS)
        await sleep(5_000 * scale)
      })
      claim(figures.finalMs.length > 0, 'no transfer that the full node took became final')
      return { transfers: figures.sent, ...latency(figures), 'heights compared': await world.audit([0, 4]) }
    }),
}

const byzantine: Scenario = {
  name: 'byzantine',
  what: 'a validator that votes twice, and strangers with garbage, drops, floods: honest nodes stay live and small',
  run: scale =>
    inWorld({ played: [3] }, async world => {
      const { devnet } = world
      const { genesis } = world.plan
      const honest = [0, 1, 2]
      const hash = genesisHash(genesis)
      const liarNode = devnet.nodes[3] as PlannedNode
      const position = genesis.validators.findIndex(
        ({ address }) =>
          liarNode.validatorKeys !== undefined &&
          bytesEqual(address, publicKeyToAddress(liarNode.validatorKeys.operatorPublicKey)),
      )
      const before = honest.map(place => world.rssMb(place))
      const from = world.height(0)
      const liar = await startLiar(liarNode, {
        genesis,
        position,
        bootstrap: honest.map(place => devnet.networkAddress(place)),
      })
      const strangers = spawn(process.execPath, [STRANGERS, devnet.networkAddress(0), toHex(hash)], {
        stdio: ['ignore', 'inherit', 'inherit'],
      })
      let slashed = false
      try {
        const figures = await underLoad(world, honest, 50, async () => {
          const endMs = performance.now() + 60_000 * scale
          const { api } = await world.client(1)
          while (performance.now() < endMs) {
            await sleep(1_000)
            const { validators } = await api.staking.validators.query({})
            slashed ||= validators.some(({ status }) => status === 'tombstoned')
          }
        })
        const made = world.height(0) - from
        const rss = honest.map(place => world.rssMb(place))
        claim(made > BigInt(Math.floor(10 * scale)), `only ${made} blocks were made under attack`)
        claim(liar.doubleVotes > 0, 'the liar never got to vote')
        claim(slashed, 'the liar was not slashed')
        const cutOff = world.lines.filter(({ line }) => line.msg === 'a peer misbehaved').length
        claim(cutOff > 0, 'nobody was reported')
        return {
          'blocks made': Number(made),
          'double votes': liar.doubleVotes,
          'offences seen': cutOff,
          'RSS MB before': Math.round(Math.max(...before)),
          after: Math.round(Math.max(...rss)),
          ...latency(figures),
          'heights compared': await world.audit(honest),
        }
      } finally {
        strangers.kill('SIGKILL')
        await liar.close()
      }
    }),
}

export const unheard: Scenario = {
  name: 'unheard',
  what: 'what a full node took while it was cut off becomes final once others hear of it, though it was killed meanwhile',
  run: () =>
    inWorld({ validators: 2, full: 1, hasCuttableLinks: true }, async world => {
      const { devnet } = world
      const [kept, killed] = devAccounts()
      const report: Record<string, number> = {}
      for (const { name, account, isKilled } of [
        { name: 'ms from healing to final', account: kept, isKilled: false },
        { name: 'ms from restart to final', account: killed, isKilled: true },
      ]) {
        devnet.partition([0, 1], [2], true)
        const { api } = await world.client(2)
        while ((await api.network.peers.query()).peers.length > 0) await sleep(50)
        const { id, bytes } = transfer(account as DevAccount, 0n)
        const [taken] = await api.transaction.submitMany.mutate({ transactions: [`0x${toHex(bytes)}`] })
        claim(taken?.accepted === true, 'a node that is cut off did not take a transaction')
        if (isKilled) {
          // The journal is written in batches, a moment after the answer.
          await sleep(JOURNAL_MS)
          devnet.child(2).kill()
          await devnet.child(2).exited
          devnet.start(2)
          await devnet.url(2)
        }
        const { pool } = await (await world.client(2)).api.chain.info.query()
        claim(pool.transactions === 1, `its pool holds ${pool.transactions} transactions`)
        devnet.partition([0, 1], [2], false)
        const healedMs = performance.now()
        const final = world.client(0).then(({ api }) => api.transaction.wait.query({ id: `0x${toHex(id)}` }))
        await Promise.race([
          final,
          sleep(PROGRESS_MS).then(() => claim(false, `${name}: more than ${PROGRESS_MS}`)),
        ])
        report[name] = Math.round(performance.now() - healedMs)
        // Its pool is empty again before the next round.
        await (await world.client(2)).api.transaction.wait.query({ id: `0x${toHex(id)}` })
      }
      return { ...report, 'heights compared': await world.audit([0, 1]) }
    }),
}

const BLOCKS_TO_SYNC = 10_000

const sync: Scenario = {
  name: 'sync',
  what: 'a full node joins a chain of 10,000 blocks',
  run: scale =>
    inWorld({ validators: 1, full: 1, played: [1] }, async world => {
      const blocks = BigInt(Math.round(BLOCKS_TO_SYNC * scale))
      await underLoad(world, [0], 300, async () => {
        await world.untilHeight(0, blocks, 600_000 * scale + PROGRESS_MS)
      })
      world.devnet.start(1)
      await world.devnet.url(1)
      const tookMs = await world.untilHeight(1, world.height(0), 120_000 * scale + PROGRESS_MS)
      const find = () => world.lines.find(({ node, line }) => node === 'full-0' && line.msg === 'synced')
      // It says so once it has asked whether there is more.
      for (let waitMs = 0; find() === undefined && waitMs < HEAL_MS; waitMs += 50) await sleep(50)
      const synced = find()
      claim(synced !== undefined, 'it came without a sync')
      return {
        blocks: Number(world.height(1)),
        'ms from ready to the head': Math.round(tookMs),
        'blocks/s of the sync': Number(synced?.line['blocksPerSecond']),
        'heights compared': await world.audit([0, 1]),
      }
    }),
}

export const SCENARIOS: readonly Scenario[] = [
  sync,
  killOne,
  absent,
  killLeaders,
  partition,
  unheard,
  wrongClock,
  follower,
  byzantine,
]
