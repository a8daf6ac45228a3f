/** One of four validators lies: the others stay live and agree, and it pays with its stake. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { PlannedNode } from '../../cli/devnet/plan.ts'
import { publicKeyToAddress } from '../../node/crypto/address.ts'
import { genesisHash } from '../../node/types/genesis.ts'
import { bytesEqual, toHex } from '../../node/types/primitives.ts'
import { startLiar } from './byzantine.ts'
import { type DoubleProposal, startDoubleProposer } from './double-proposer.ts'
import type { ImpostorOptions } from './impostor.ts'
import { latency, type Report, type Scenario } from './scenario.ts'
import type { SpamFigures } from './spammer.ts'
import { underLoad } from './under-load.ts'
import { claim, inWorld, type World } from './world.ts'

const STRANGERS = fileURLToPath(new URL('strangers.ts', import.meta.url))
const SPAMMER = fileURLToPath(new URL('spammer.ts', import.meta.url))
const WIRE_COUNT = new URL('wire-count.ts', import.meta.url).href
const HONEST = [0, 1, 2] as const
const LIAR = 3
/** Blocks in a minute, at the least: a view of the liar's may take a few seconds until it is given up. */
const LEAST_BLOCKS = 10

const liarOf = (world: World): { readonly node: PlannedNode; readonly options: ImpostorOptions } => {
  const node = world.devnet.nodes[LIAR] as PlannedNode
  const { genesis } = world.plan
  const position = genesis.validators.findIndex(
    ({ address }) =>
      node.validatorKeys !== undefined &&
      bytesEqual(address, publicKeyToAddress(node.validatorKeys.operatorPublicKey)),
  )
  const bootstrap = HONEST.map(place => world.devnet.networkAddress(place))
  return { node, options: { genesis, position, bootstrap } }
}

/** Waits that long; true if somebody was tombstoned meanwhile. */
const sawSlashing = async (world: World, lengthMs: number): Promise<boolean> => {
  const endMs = performance.now() + lengthMs
  const { api } = await world.client(1)
  let isSlashed = false
  while (performance.now() < endMs) {
    await sleep(1_000)
    const { validators } = await api.staking.validators.query({})
    isSlashed ||= validators.some(({ status }) => status === 'tombstoned')
  }
  return isSlashed
}

const startSpammer = (target: readonly string[]) => {
  const child = spawn(process.execPath, [SPAMMER, ...target], { stdio: ['ignore', 'pipe', 'inherit'] })
  let last: SpamFigures = { seconds: 0, sent: 0, identities: 0 }
  createInterface({ input: child.stdout }).on('line', line => {
    last = JSON.parse(line) as SpamFigures
  })
  return { figures: () => last, stop: () => void child.kill('SIGKILL') }
}

/** Transactions that came by gossip from who is no validator, and how many of those peers were banned for theirs. */
const spamHeard = (world: World): { arrived: number; bans: number } => {
  let arrived = 0
  for (const place of HONEST) {
    const name = world.devnet.nodes[place]?.name
    const last = world.lines.findLast(({ node, line }) => node === name && line.msg === 'wire')
    const byPeer = Object.entries((last?.line['byPeer'] ?? {}) as Record<string, number>)
    for (const [peer, count] of byPeer) if (!world.devnet.names.has(peer)) arrived += count
  }
  const banned = world.lines
    .filter(({ line }) => line.msg === 'a peer was cut off')
    .filter(({ line }) => /^banned for .* transactions that no honest/.test(String(line['reason'])))
  return { arrived, bans: new Set(banned.map(({ line }) => line['peer'])).size }
}

export const byzantine: Scenario = {
  name: 'byzantine',
  what: 'a validator that votes twice, and strangers with garbage, drops, floods: honest nodes stay live and small',
  run: scale =>
    inWorld({ played: [LIAR], preloads: [WIRE_COUNT], environment: { COUNT_COPIES: 'no' } }, async world => {
      const target = [world.devnet.networkAddress(0), toHex(genesisHash(world.plan.genesis))]
      const before = HONEST.map(place => world.rssMb(place))
      const from = world.height(0)
      const { node, options } = liarOf(world)
      const liar = await startLiar(node, options)
      const strangers = spawn(process.execPath, [STRANGERS, ...target], {
        stdio: ['ignore', 'inherit', 'inherit'],
      })
      const spammer = startSpammer(target)
      let isSlashed = false
      try {
        const figures = await underLoad(world, HONEST, 50, async () => {
          isSlashed = await sawSlashing(world, 60_000 * scale)
        })
        const made = world.height(0) - from
        const rss = HONEST.map(place => world.rssMb(place))
        claim(made > BigInt(Math.floor(LEAST_BLOCKS * scale)), `only ${made} blocks were made under attack`)
        claim(liar.doubleVotes > 0, 'the liar never got to vote')
        claim(isSlashed, 'the liar was not slashed')
        const { sent, seconds, identities } = spammer.figures()
        const { arrived, bans } = spamHeard(world)
        claim(sent > 0 && arrived > 0, `of the spam ${sent} transactions were sent and ${arrived} arrived`)
        claim(bans > 0, 'no spammer was banned')
        const cutOff = world.lines.filter(({ line }) => line.msg === 'a peer misbehaved').length
        claim(cutOff > 0, 'nobody was reported')
        return {
          'blocks made': Number(made),
          'double votes': liar.doubleVotes,
          'offences seen': cutOff,
          'bad transactions sent/s': Math.round(sent / seconds),
          'arrived/s': Math.round(arrived / seconds),
          spammers: identities,
          'of them banned': bans,
          'RSS MB before': Math.round(Math.max(...before)),
          after: Math.round(Math.max(...rss)),
          ...latency(figures),
          'heights compared': await world.audit(HONEST),
        }
      } finally {
        strangers.kill('SIGKILL')
        spammer.stop()
        await liar.close()
      }
    }),
}

/** Of evidence in a node's log: the view in which somebody voted both ways, by `epoch/view`. */
const accusedViews = (world: World): Set<string> =>
  new Set(
    world.lines
      .filter(({ line }) => line.msg === 'a validator voted both ways')
      .map(({ line }) => (line['evidence'] as { first: { epoch: unknown; view: unknown } }).first)
      .map(({ epoch, view }) => `${String(epoch)}/${String(view)}`),
  )

const playDoubleProposal =
  (form: DoubleProposal) =>
  (scale: number): Promise<Report> =>
    inWorld({ played: [LIAR] }, async world => {
      const from = world.height(0)
      const { node, options } = liarOf(world)
      const dataDirectory = join(world.folder, node.name)
      const liar = await startDoubleProposer(node, options, { dataDirectory, form })
      let isSlashed = false
      try {
        const figures = await underLoad(world, HONEST, 50, async () => {
          isSlashed = await sawSlashing(world, 60_000 * scale)
        })
        const made = world.height(0) - from
        const proven = [...accusedViews(world)].filter(view => liar.views.has(view)).length
        claim(liar.failures.length === 0, `the liar's own node stopped: ${String(liar.failures[0])}`)
        claim(liar.views.size > 0, 'the liar never got to propose')
        claim(proven > 0, 'nobody had evidence of a double proposal')
        claim(isSlashed, 'the liar was not slashed')
        claim(made > BigInt(Math.floor(LEAST_BLOCKS * scale)), `only ${made} blocks were made meanwhile`)
        return {
          'blocks made': Number(made),
          'views with two proposals': liar.views.size,
          'proven in evidence': proven,
          ...latency(figures),
          'heights compared': await world.audit(HONEST),
        }
      } finally {
        await liar.close()
      }
    })

export const doubleProposal: Scenario = {
  name: 'proposals',
  what: 'a leader that proposes two blocks in one view, one to each half, and hides each from the other: no fork, and it is slashed',
  run: playDoubleProposal('careful'),
}

export const crossedProposal: Scenario = {
  name: 'crossed-proposals',
  what: 'the same leader, which then votes for each block in the other half: no fork, and it is slashed',
  run: playDoubleProposal('crossing'),
}
