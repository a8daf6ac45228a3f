/**
 * Four questions answered at a glance: is it alive, is what it says final, does it keep up, is anything wrong, and then what
 * to do. Also the figures that the header shows. Pure.
 */
import { formatInteger } from '../amounts.ts'
import type { Model, Validators } from './model.ts'
import type { State } from './state.ts'
import type { Style } from './text.ts'
import { formatAge, formatLag } from './words.ts'

export interface Finding {
  readonly question: string
  readonly style: Extract<Style, 'good' | 'warn' | 'bad' | 'dim'>
  readonly text: string
  /** What to do about it, a sentence each. */
  readonly advice?: readonly string[]
}

export const SYMBOL: Readonly<Record<Finding['style'], string>> = { good: '✓', warn: '!', bad: '✗', dim: '·' }

const SLOW_MS = 2_000
const QUIET_MS = 20_000
const FAR_BLOCKS = 32n

export const lastBlock = ({ blocks }: Model) => blocks.items.at(-1)

/** How long after its time a block was final here, the middle of the last ones; `undefined`: none came yet. */
export const finalityMs = ({ blocks }: Model): number | undefined => {
  const lags = blocks.items
    .slice(-20)
    .flatMap(({ arrivedMs, timeMs }) => (arrivedMs === undefined ? [] : [Math.max(0, arrivedMs - timeMs)]))
    .sort((a, b) => a - b)
  return lags[lags.length >> 1]
}

const peerHeight = ({ peers }: Model): bigint | undefined => {
  const heights = (peers?.peers ?? []).map(({ head }) => BigInt(head.height)).sort((a, b) => (a < b ? -1 : 1))
  // The middle: a single liar does nothing.
  return heights[(heights.length - 1) >> 1]
}

/** Of the node: while the blocks before it still come here, what came last is none of its doing. */
export const headHeight = (model: Model): bigint => {
  const came = lastBlock(model)?.height ?? 0n
  const told = BigInt(model.info?.head.height ?? 0)
  return came > told ? came : told
}

/** How much of the chain is here, in percent. */
export const syncPercent = (model: Model): number => {
  const known = peerHeight(model)
  const own = headHeight(model)
  if (known === undefined || known <= own) return 100
  return Number((own * 1_000n) / known) / 10
}

/** Since the last block came, or since the head's own time. */
const quietMs = ({ model, nowMs }: State): number => {
  const last = lastBlock(model)
  const isLastHead = last !== undefined && last.height === headHeight(model)
  const atMs = isLastHead ? (last.arrivedMs ?? last.timeMs) : Number(model.info?.head.timeMs ?? nowMs)
  return Math.max(0, nowMs - atMs)
}

const alive = (state: State): Finding => {
  const question = 'Alive'
  const { model, nowMs } = state
  const { connection } = model
  if (connection.kind === 'connecting') return { question, style: 'dim', text: `asking ${model.url}` }
  if (connection.kind === 'lost')
    return {
      question,
      style: 'bad',
      text: `no answer for ${formatAge(nowMs - connection.sinceMs)}`,
      advice: [
        `Asks again in ${formatAge(Math.max(0, connection.retryAtMs - nowMs))}. Is the node at ${model.url} running? Start it, or leave with q.`,
      ],
    }
  if (model.control?.isPaused === true)
    return {
      question,
      style: 'warn',
      text: 'blocks are paused',
      advice: ['Space goes on; n makes one block.'],
    }
  const quiet = quietMs(state)
  const text = `block ${formatInteger(headHeight(model))}, ${formatAge(quiet)} ago`
  if (quiet < QUIET_MS) return { question, style: 'good', text }
  return {
    question,
    style: 'warn',
    text,
    advice: ['No block for a while: look at the peers (6) and at the log (8).'],
  }
}

const NOT_NOW = { style: 'dim', text: 'not known now' } as const

const final = ({ model }: State): Finding => {
  const question = 'Final'
  if (model.connection.kind !== 'live') return { question, ...NOT_NOW }
  const lag = finalityMs(model)
  if (lag === undefined)
    return { question, style: 'good', text: `all up to ${formatInteger(headHeight(model))}` }
  const text = `${formatLag(lag)} after a block’s time`
  return lag < SLOW_MS
    ? { question, style: 'good', text }
    : {
        question,
        style: 'warn',
        text,
        advice: ['Votes come late: a slow machine, a slow network, or a clock that is wrong.'],
      }
}

const keepingUp = ({ model }: State): Finding => {
  const question = 'Keeps up'
  const known = peerHeight(model)
  const own = headHeight(model)
  const peers = model.peers?.peers.length ?? 0
  if (model.info === undefined || model.connection.kind !== 'live') return { question, ...NOT_NOW }
  if (known === undefined) return { question, style: 'good', text: 'nobody is ahead: no other node' }
  if (known <= own + FAR_BLOCKS)
    return { question, style: 'good', text: `at the head, with ${peers} peer${peers === 1 ? '' : 's'}` }
  return {
    question,
    style: 'warn',
    text: `${formatInteger(known - own)} blocks behind (${syncPercent(model)} %)`,
    advice: ['It catches up by itself; if the number grows, the machine or its disk is too slow.'],
  }
}

export const troubles = ({ status }: Model): readonly string[] =>
  status === undefined
    ? []
    : [...new Set([...status.warnings.map(({ message }) => message), ...status.reasons])]

const wrong = ({ model }: State): Finding => {
  const question = 'Trouble'
  if (model.status === undefined || model.connection.kind !== 'live') return { question, ...NOT_NOW }
  const [first, ...rest] = troubles(model)
  if (first === undefined) return { question, style: 'good', text: 'nothing' }
  return {
    question,
    style: model.status.isReady ? 'warn' : 'bad',
    text: rest.length === 0 ? 'one thing' : `${rest.length + 1} things`,
    advice: [first, ...rest],
  }
}

export const findings = (state: State): readonly Finding[] => [
  alive(state),
  final(state),
  keepingUp(state),
  wrong(state),
]

/** The worst of them, for where there is room for one. */
export const worst = (found: readonly Finding[]): Finding | undefined =>
  found.find(({ style }) => style === 'bad') ?? found.find(({ style }) => style === 'warn') ?? found[0]

/** Mean of the last whole seconds; `undefined`: nothing is known yet. */
export const rates = (
  { seconds }: Model,
  nowMs: number,
): { transactions: number; gas: number; blocks: number } => {
  const WINDOW = 10
  const until = Math.floor(nowMs / 1_000)
  const recent = seconds.items.filter(({ second }) => second < until && second >= until - WINDOW)
  const sum = (of: (row: (typeof recent)[number]) => number) =>
    recent.reduce((total, row) => total + of(row), 0) / WINDOW
  return {
    transactions: sum(row => row.transactions),
    gas: sum(row => row.gas),
    blocks: sum(row => row.blocks),
  }
}

/** Bytes an hour, by what the database was at the first and at the last look. */
export const growthPerHour = ({ sizes }: Model): number | undefined => {
  const [first] = sizes.items
  const last = sizes.items.at(-1)
  if (first === undefined || last === undefined || last.atMs - first.atMs < 10_000) return undefined
  return ((last.bytes - first.bytes) / (last.atMs - first.atMs)) * 3_600_000
}

export const ownValidator = ({ model, own }: State): Validators['validators'][number] | undefined =>
  model.validators?.validators.find(({ address }) => address === own)

/** Of the last seconds, one value each, the newest last; seconds without a block are 0. */
export const series = (
  { seconds }: Model,
  nowMs: number,
  count: number,
  of: (row: Model['seconds']['items'][number]) => number,
): number[] => {
  const bySecond = new Map(seconds.items.map(row => [row.second, row]))
  const last = Math.floor(nowMs / 1_000) - 1
  return Array.from({ length: Math.max(0, count) }, (_, i) => {
    const row = bySecond.get(last - count + 1 + i)
    return row === undefined ? 0 : of(row)
  })
}
