/** What a network has to live through: each scenario opens a devnet, does something to it, and claims what must hold. */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseAddress, publicKeyToAddress } from '../../node/crypto/address.ts'
import { bytesEqual } from '../../node/types/primitives.ts'
import { byzantine, crossedProposal, doubleProposal } from './byzantine-scenarios.ts'
import { latency, type Scenario } from './scenario.ts'
import { underLoad } from './under-load.ts'
import { claim, inWorld, PROGRESS_MS } from './world.ts'
import { sentries } from './sentry-scenario.ts'
import { unheard } from './unheard-scenario.ts'

const ALL = [0, 1, 2, 3] as const
/** Asked of a network that is whole again. */
const HEAL_MS = 5_000

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
  sentries,
  doubleProposal,
  crossedProposal,
]
