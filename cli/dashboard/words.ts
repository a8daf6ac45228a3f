/** Chain objects in words, by the ABIs that are known now. Pure; what was decoded once is remembered. */
import { AbiError } from '../../node/abi/error.ts'
import type { Abi } from '../../node/abi/types.ts'
import { decodeArguments, decodeEvent } from '../../node/abi/values.ts'
import { fromHex } from '../../node/types/primitives.ts'
import { formatAmount, formatInteger } from '../amounts.ts'
import { showBps, showFields } from '../show.ts'
import type { EventRow, ListedTransaction, Model } from './model.ts'

const HEAD = 6
const TAIL = 4
const SHORT_HASH = 10

export type NameOf = (address: string) => string

export const shortAddress = (address: string): string => `${address.slice(0, HEAD)}…${address.slice(-TAIL)}`
export const shortHash = (hash: string): string => `${hash.slice(0, SHORT_HASH)}…`

/** An account's name, a contract's class with the end of its address, or the address shortened. */
export const nameIn =
  ({ names, contracts }: Pick<Model, 'names' | 'contracts'>): NameOf =>
  address => {
    const own = names.get(address)
    if (own !== undefined) return own
    const name = contracts.get(address)?.name
    return name === undefined ? shortAddress(address) : `${name} …${address.slice(-TAIL)}`
  }

const decoded = <T>(decode: () => T): T | undefined => {
  try {
    return decode()
  } catch (error) {
    if (error instanceof AbiError) return undefined
    throw error
  }
}

/** By what it was made of; forgotten with it. */
const remembered = new WeakMap<object, { readonly abi: Abi; readonly value: unknown }>()
const once = <T>(of: object, abi: Abi, decode: () => T): T => {
  const known = remembered.get(of)
  if (known?.abi === abi) return known.value as T
  const value = decode()
  remembered.set(of, { abi, value })
  return value
}

type Action = ListedTransaction['action']
type Call = Extract<Action, { kind: 'call' }>

const argumentsOf = (call: Call, abi: Abi | null | undefined): Record<string, unknown> | undefined =>
  abi
    ? once(call, abi, () =>
        decoded(() => {
          const values = decodeArguments(abi, call.method, fromHex(call.args))
          const params = abi.methods.find(({ name }) => name === call.method)?.params ?? []
          return Object.fromEntries(params.map(({ name }, i) => [name, values[i]]))
        }),
      )
    : undefined

export const eventFields = (
  event: EventRow,
  abi: Abi | null | undefined,
): Readonly<Record<string, unknown>> | undefined =>
  abi
    ? once(event, abi, () =>
        decoded(
          () =>
            decodeEvent(abi, { topics: event.topics.map(topic => fromHex(topic)), data: fromHex(event.data) })
              .fields,
        ),
      )
    : undefined

export const describeEvent = (event: EventRow, model: Model, nameOf: NameOf): string => {
  const fields = eventFields(event, model.abis.get(event.contract))
  const inside =
    fields === undefined ? [...event.topics.slice(1), event.data].join(', ') : showFields(fields, nameOf)
  return `${event.name}(${inside})`
}

const bytes = (count: number): string => `${formatInteger(BigInt(count))} bytes of code`

/** What a transaction does. `created` are the contracts it made. */
export const describe = (
  action: Action,
  model: Model,
  nameOf: NameOf,
  created: readonly string[] = [],
): string => {
  switch (action.kind) {
    case 'transfer':
      return `transfer ${formatAmount(BigInt(action.amount))} to ${nameOf(action.to)}`
    case 'deploy':
      return `deploy ${created[0] === undefined ? bytes(action.codeBytes) : nameOf(created[0])}`
    case 'call': {
      const args = argumentsOf(action, model.abis.get(action.contract))
      const inside = args === undefined ? (action.args === '0x' ? '' : '…') : showFields(args, nameOf)
      const sent = action.value === '0' ? '' : ` with ${formatAmount(BigInt(action.value))}`
      return `${nameOf(action.contract)}.${action.method}(${inside})${sent}`
    }
    case 'upgrade':
      return `upgrade ${nameOf(action.contract)} to ${bytes(action.codeBytes)}`
    case 'setOwner':
      return action.owner === null
        ? `freeze ${nameOf(action.contract)}`
        : `give ${nameOf(action.contract)} to ${nameOf(action.owner)}`
    case 'registerValidator':
      return `become a validator with ${formatAmount(BigInt(action.stake))}`
    case 'editValidator':
      return `set the commission to ${showBps(action.commissionBps)}`
    case 'delegate':
      return `delegate ${formatAmount(BigInt(action.amount))} to ${nameOf(action.validator)}`
    case 'undelegate':
      return `undelegate ${action.amount === null ? 'all' : formatAmount(BigInt(action.amount))} from ${nameOf(action.validator)}`
    case 'withdraw':
      return `withdraw from ${nameOf(action.validator)}`
    case 'claimRewards':
      return `claim rewards from ${nameOf(action.validator)}`
    case 'unjail':
      return 'leave jail'
    case 'submitEvidence':
      return `accuse by two ${action.about.kind} of view ${action.about.view}`
    case 'batch':
      return `all or nothing: ${action.actions.map(each => describe(each, model, nameOf)).join('; ')}`
  }
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const
export const formatBytes = (count: number): string => {
  let unit = 0
  let value = count
  while (Math.abs(value) >= 1_024 && unit < UNITS.length - 1) {
    value /= 1_024
    unit++
  }
  return `${unit === 0 || Math.abs(value) >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`
}

/** 1,234 as it is; 12,345,678 as 12.3M. */
export const formatCount = (value: number): string => {
  for (const [size, unit] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e4, 'k'],
  ] as const)
    if (value >= size) return `${(value / (unit === 'k' ? 1e3 : size)).toFixed(1)}${unit}`
  return value >= 100 || Number.isInteger(value) ? formatInteger(BigInt(Math.round(value))) : value.toFixed(1)
}

export const formatAge = (ms: number): string => {
  const seconds = Math.max(0, ms) / 1_000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 120) return `${Math.floor(seconds)} s`
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

/** A short time: 42 ms. */
export const formatLag = (ms: number): string => (ms < 1_000 ? `${Math.round(ms)} ms` : formatAge(ms))

/** Of the day, UTC: 14:03:21. */
export const formatTime = (timeMs: number): string => new Date(timeMs).toISOString().slice(11, 19)

const BARS = '▁▂▃▄▅▆▇█'
/** A bar for each value, the largest full; nothing is a space. */
export const sparkline = (values: readonly number[]): string => {
  const most = Math.max(...values, 0)
  return values
    .map(value =>
      value <= 0 || most === 0 ? ' ' : (BARS[Math.min(7, Math.floor((value / most) * 8))] ?? '█'),
    )
    .join('')
}
