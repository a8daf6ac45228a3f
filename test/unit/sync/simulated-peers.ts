/**
 * Peers of one real chain in a time that is only counted: each answers like an honest node, and then its habit does
 * something to the answer.
 */
import type { ChainView } from '../../../node/chain/chain-view.ts'
import { blsVerifyAggregate } from '../../../node/crypto/bls.ts'
import { TAGS, taggedHash } from '../../../node/crypto/hash.ts'
import { LightClient } from '../../../node/light/light-client.ts'
import type { NetworkPeer, RequestErrorCode } from '../../../node/network/ports.ts'
import { REQUESTS, type RequestName } from '../../../node/network/request-table.ts'
import type { AskEffect } from '../../../node/sync/asking.ts'
import { BlockSync } from '../../../node/sync/block-sync.ts'
import type { DriveEvent } from '../../../node/sync/drive.ts'
import type { SyncError } from '../../../node/sync/error.ts'
import { blocksAnswerCodec, handOversAnswerCodec, headersAnswerCodec } from '../../../node/sync/messages.ts'
import { createSyncHandlers } from '../../../node/sync/serve.ts'
import { blockCodec, headerCodec } from '../../../node/types/block.ts'
import { genesisHash } from '../../../node/types/genesis.ts'
import { handOverCodec } from '../../../node/types/hand-over.ts'
import { type Height, MAX_U64, toHash, toHex } from '../../../node/types/primitives.ts'

export interface Habit {
  readonly latencyMs?: number
  /** What it says of itself instead. */
  readonly claims?: Partial<Pick<NetworkPeer, 'keptFrom'>> & { readonly head?: Height }
  /** What it gives instead of the answer; an error is one of the network's. */
  readonly give?: (name: RequestName, answer: Uint8Array, count: number) => Uint8Array | RequestErrorCode
}

const changed = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))

/** Another chain from the second header on, whose headers stand on one another. */
const forged = (headers: readonly Uint8Array[]): Uint8Array[] => {
  const other: Uint8Array[] = []
  for (const bytes of headers) {
    const header = headerCodec.decode(bytes)
    const below = other.at(-1)
    other.push(
      headerCodec.encode({
        ...header,
        gasUsed: header.gasUsed + 1n,
        parentHash: below === undefined ? header.parentHash : taggedHash(TAGS.header, below),
      }),
    )
  }
  return other
}

const isOdd = (count: number): boolean => count % 2 === 1

export const HABITS = {
  honest: {},
  slow: { latencyMs: 3_000 },
  /** Stops answering after a while. */
  dying: { give: (_, answer, count) => (count > 6 ? 'closed' : answer) },
  late: { give: (_, answer, count) => (isOdd(count) ? 'timeout' : answer) },
  silent: { give: () => 'timeout' },
  refusing: { give: () => 'refused' },
  oversized: { give: () => 'too_large' },
  garbage: { give: () => Uint8Array.of(1, 2, 3) },
  cutting: {
    give: (name, answer) => {
      if (name !== 'blocks') return answer
      const { firstBytes, blocks } = blocksAnswerCodec.decode(answer)
      const [first = new Uint8Array()] = blocks
      return blocksAnswerCodec.encode({
        firstBytes,
        blocks: [first.subarray(0, Math.ceil(first.length / 2))],
      })
    },
  },
  empty: {
    give: (name, answer) =>
      name === 'headers' ? headersAnswerCodec.encode({ headers: [], certificate: undefined }) : answer,
  },
  'lying about its head': { claims: { head: 1_000_000n } },
  'lying about one header': {
    give: (name, answer) => {
      if (name !== 'headers') return answer
      const { headers, certificate } = headersAnswerCodec.decode(answer)
      const [first = new Uint8Array(), ...rest] = headers
      return headersAnswerCodec.encode({ headers: [changed(first, first.length - 1), ...rest], certificate })
    },
  },
  'lying about all headers': {
    give: (name, answer) => {
      if (name !== 'headers') return answer
      const { headers, certificate } = headersAnswerCodec.decode(answer)
      return headersAnswerCodec.encode({ headers: forged(headers), certificate })
    },
  },
  'lying about transactions': {
    give: (name, answer) => {
      if (name !== 'blocks') return answer
      const { blocks } = blocksAnswerCodec.decode(answer)
      const other = blocks.map(bytes => {
        const { header, transactions } = blockCodec.decode(bytes)
        return blockCodec.encode({ header, transactions: transactions.slice(1) })
      })
      return blocksAnswerCodec.encode({ firstBytes: other[0]?.length ?? 0, blocks: other })
    },
  },
  'lying about the header of a block': {
    give: (name, answer) => {
      if (name !== 'blocks') return answer
      const { blocks } = blocksAnswerCodec.decode(answer)
      const other = blocks.map(bytes => {
        const { header, transactions } = blockCodec.decode(bytes)
        return blockCodec.encode({ header: { ...header, gasUsed: header.gasUsed + 1n }, transactions })
      })
      return blocksAnswerCodec.encode({ firstBytes: other[0]?.length ?? 0, blocks: other })
    },
  },
  'lying about certificates': {
    give: (name, answer) => {
      if (name !== 'handOvers') return answer
      const handOvers = handOversAnswerCodec.decode(answer).handOvers.map(bytes => {
        const handOver = handOverCodec.decode(bytes)
        const signature = changed(handOver.certificate.signature, 95)
        return handOverCodec.encode({ ...handOver, certificate: { ...handOver.certificate, signature } })
      })
      return handOversAnswerCodec.encode({ handOvers })
    },
  },
  'lying about validators': {
    give: (name, answer) => {
      if (name !== 'handOvers') return answer
      const handOvers = handOversAnswerCodec.decode(answer).handOvers.map(bytes => {
        const handOver = handOverCodec.decode(bytes)
        const nextValidators = handOver.nextValidators.map(validator => ({
          ...validator,
          power: validator.power + 1n,
        }))
        return handOverCodec.encode({ ...handOver, nextValidators })
      })
      return handOversAnswerCodec.encode({ handOvers })
    },
  },
} as const satisfies Record<string, Habit>
export type HabitName = keyof typeof HABITS

/** They give every block and every certificate, sooner or later. */
export const WILLING: readonly HabitName[] = ['honest', 'slow', 'cutting']

export const isLiar = (name: HabitName): boolean =>
  name.startsWith('lying') || name === 'garbage' || name === 'oversized'

export interface Outcome {
  readonly ended: 'end' | SyncError
  /** Of what was committed, in order. */
  readonly committed: readonly string[]
  readonly certified: ReadonlySet<Height>
  /** `offence of peer`. */
  readonly reports: ReadonlySet<string>
  /** Peer -> how often it gave something else than the honest answer. */
  readonly lies: ReadonlyMap<string, number>
  readonly requests: ReadonlyMap<string, number>
  readonly maxInFlight: number
  readonly maxWindow: { readonly blocks: number; readonly bytes: number }
  readonly elapsedMs: number
}

const COMMIT_MS = 20
const PATIENCE_MS = 10_000

export interface Simulation {
  readonly chain: ChainView
  readonly peers: readonly { readonly id: string; readonly habit: Habit }[]
  /** Of the request sizes and latencies. */
  readonly partBlocks?: number
  readonly stretchBlocks?: number
  readonly jitter?: (n: number) => number
  /** Of each batch. */
  readonly commitMs?: number
  readonly own?: ConstructorParameters<typeof BlockSync>[0]['head']
  readonly checkpoint?: ConstructorParameters<typeof BlockSync>[0]['checkpoint']
  readonly client?: LightClient
  readonly nearBlocks?: bigint
}

export const simulate = async (options: Simulation): Promise<Outcome> => {
  const { chain, peers, jitter = () => 0, commitMs = COMMIT_MS } = options
  const { genesis, head } = chain
  const handlers = createSyncHandlers({ chain })
  const sync = new BlockSync({
    head: options.own ?? {
      height: 0n,
      hash: chain.store.blockByHeight(0n)?.hash ?? toHash(new Uint8Array(32)),
    },
    client:
      options.client ??
      LightClient.fromGenesis(genesis, genesisHash(genesis), {
        trustingPeriodMs: MAX_U64,
        verifyAggregate: blsVerifyAggregate,
      }),
    epochBlocks: genesis.params.epochBlocks,
    checkpoint: options.checkpoint,
    nearBlocks: options.nearBlocks ?? 0n,
    patienceMs: PATIENCE_MS,
    partBlocks: options.partBlocks,
    stretchBlocks: options.stretchBlocks,
  })
  const network = peers.map(({ id, habit }): NetworkPeer => {
    const height = habit.claims?.head ?? head.header.height
    return { id, kind: 'full', head: { height, hash: head.hash }, keptFrom: habit.claims?.keptFrom ?? 1n }
  })
  const queue: { readonly atMs: number; readonly event: DriveEvent }[] = []
  const reports = new Set<string>()
  const lies = new Map<string, number>()
  const requests = new Map<string, number>()
  const committed: string[] = []
  const certified = new Set<Height>()
  let [nowMs, steps, maxInFlight] = [0, 0, 0]
  const maxWindow = { blocks: 0, bytes: 0 }
  const endings: Outcome['ended'][] = []

  const request = async (effect: Extract<AskEffect, { kind: 'request' }>): Promise<void> => {
    const { id, peer, name, body } = effect
    const count = (requests.get(peer) ?? 0) + 1
    requests.set(peer, count)
    const { habit } = peers.find(other => other.id === peer) as Simulation['peers'][number]
    const [of] = network
    const honest = await handlers[name]?.(body, of as NetworkPeer, new AbortController().signal)
    const given = honest === undefined ? 'refused' : (habit.give?.(name, honest, count) ?? honest)
    if (honest !== undefined && typeof given !== 'string' && toHex(given) !== toHex(honest))
      lies.set(peer, (lies.get(peer) ?? 0) + 1)
    const waitMs = given === 'timeout' ? REQUESTS[name].deadlineMs : (habit.latencyMs ?? 20) + jitter(count)
    const event: DriveEvent =
      typeof given === 'string' ? { kind: 'failure', id, code: given } : { kind: 'answer', id, bytes: given }
    queue.push({ atMs: nowMs + waitMs, event })
  }

  const handle = async (event: DriveEvent): Promise<void> => {
    for (const effect of sync.step(event, nowMs))
      switch (effect.kind) {
        case 'request':
          await request(effect)
          break
        case 'report':
          reports.add(`${effect.offence} of ${effect.peer}`)
          break
        case 'work':
          committed.push(...effect.work.blocks.map(({ bytes }) => toHex(bytes)))
          if (effect.work.certificate !== undefined) certified.add(effect.work.lastHeight)
          queue.push({ atMs: nowMs + commitMs, event: { kind: 'worked' } })
          break
        case 'end':
          endings.push('end')
          break
        case 'fail':
          endings.push(effect.error)
      }
    maxInFlight = Math.max(maxInFlight, sync.inFlight)
    maxWindow.blocks = Math.max(maxWindow.blocks, sync.window.blocks)
    maxWindow.bytes = Math.max(maxWindow.bytes, sync.window.bytes)
  }

  await handle({ kind: 'peers', peers: network })
  while (endings.length === 0) {
    if (++steps > 20_000) throw new Error('it does not end')
    const timeAt = sync.nextAtMs(nowMs)
    queue.sort((a, b) => a.atMs - b.atMs)
    const next = queue[0]
    if (next !== undefined && (timeAt === undefined || next.atMs <= timeAt)) {
      queue.shift()
      nowMs = Math.max(nowMs, next.atMs)
      await handle(next.event)
    } else if (timeAt !== undefined) {
      nowMs = Math.max(nowMs, timeAt)
      await handle({ kind: 'time' })
      const again = endings.length === 0 ? sync.nextAtMs(nowMs) : undefined
      if (again !== undefined && again <= nowMs) throw new Error('it waits for a time that has passed')
    } else throw new Error('it waits for nothing')
  }
  const [ended] = endings as [Outcome['ended']]
  return { ended, committed, certified, reports, lies, requests, maxInFlight, maxWindow, elapsedMs: nowMs }
}
