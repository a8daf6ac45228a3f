/** Chain objects as lines for people. What goes in is the API's JSON (node/api/views.ts), decoded where it can be. */
import type { ActionView, ReceiptView } from '../node/api/views.ts'
import type { AddressBook } from './address-book.ts'
import { formatAmount, formatInteger } from './amounts.ts'
import type { ContractReader, ReadableEvent } from './contracts.ts'
import { mark, paint } from './terminal/colour.ts'

const ADDRESS = /^vex1[02-9ac-hj-np-z]{58}$/
const MAX_VALUE_CHARACTERS = 200
const SHORT_HASH = 10

export type ShowAddress = (address: string) => string

export const shortHash = (hash: string): string => `${hash.slice(0, SHORT_HASH)}…`

const cut = (text: string): string =>
  text.length > MAX_VALUE_CHARACTERS
    ? `${text.slice(0, MAX_VALUE_CHARACTERS)}… (${text.length} characters)`
    : text

/** A decoded value of a contract (the right column of node/abi/values.ts). */
export const showValue = (value: unknown, showAddress: ShowAddress): string => {
  switch (typeof value) {
    case 'string':
      if (ADDRESS.test(value)) return showAddress(value)
      return cut(/^0x([0-9a-f]{2})*$/.test(value) ? value : JSON.stringify(value))
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'object':
      if (value === null) return 'nothing'
      if (Array.isArray(value)) return `[${value.map(item => showValue(item, showAddress)).join(', ')}]`
      return `{${showFields(value, showAddress)}}`
    case 'undefined':
    case 'function':
    case 'symbol':
      return 'nothing'
  }
}

export const showFields = (fields: object, showAddress: ShowAddress): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}: ${showValue(value, showAddress)}`)
    .join(', ')

export const showEvent = (event: ReadableEvent, showAddress: ShowAddress): string => {
  const what = paint('cyan', `${event.contractName ?? showAddress(event.contract)}.${event.name}`)
  const fields =
    event.fields === null
      ? [...event.topics.slice(1), event.data].map(cut).join(', ')
      : showFields(event.fields, showAddress)
  return `${what}(${fields})`
}

export interface Describer {
  readonly book: AddressBook
  readonly contracts: ContractReader
}

const describeCode = (action: { codeBytes: number }): string =>
  `${formatInteger(BigInt(action.codeBytes))} bytes of code`

/** Ten-thousandths as people say them: `2.5 %`. */
export const showBps = (bps: number): string => `${bps / 100} %`

/** What a transaction does, in words. `created` are the contracts it made, if it ran. */
export const describeAction = async (
  action: ActionView,
  { book, contracts }: Describer,
  created: readonly string[] = [],
): Promise<string> => {
  switch (action.kind) {
    case 'transfer':
      return `transfer ${formatAmount(BigInt(action.amount))} to ${book.short(action.to)}`
    case 'deploy': {
      const [address] = created
      if (address === undefined) return `deploy ${describeCode(action)}`
      const name = (await contracts.abiOf(address))?.name ?? 'a contract'
      return `deploy ${name} at ${book.short(address)} (${describeCode(action)})`
    }
    case 'call': {
      const call = await contracts.readCall(action)
      const sent = action.value === '0' ? '' : ` with ${formatAmount(BigInt(action.value))}`
      if (call === undefined) return `call ${book.short(action.contract)}.${action.method}${sent}`
      return `call ${call.contractName}.${call.method}(${showFields(call.args, book.short)})${sent}`
    }
    case 'upgrade':
      return `upgrade ${book.short(action.contract)} to ${describeCode(action)}`
    case 'setOwner':
      return action.owner === null
        ? `freeze ${book.short(action.contract)}: no owner any more`
        : `give ${book.short(action.contract)} to ${book.short(action.owner)}`
    case 'registerValidator':
      return `become a validator with ${formatAmount(BigInt(action.stake))}, commission ${showBps(action.commissionBps)}`
    case 'editValidator':
      return `set the commission to ${showBps(action.commissionBps)}`
    case 'delegate':
      return `delegate ${formatAmount(BigInt(action.amount))} to ${book.short(action.validator)}`
    case 'undelegate':
      return `undelegate ${action.amount === null ? 'everything' : formatAmount(BigInt(action.amount))} from ${book.short(action.validator)}`
    case 'withdraw':
      return `withdraw what was undelegated from ${book.short(action.validator)}`
    case 'claimRewards':
      return `claim rewards from ${book.short(action.validator)}`
    case 'unjail':
      return 'leave jail'
    case 'submitEvidence': {
      const { kind, epoch, view, votes } = action.about
      return `accuse by two ${kind} of epoch ${epoch}, view ${view}: ${votes.join(' and ')}`
    }
    case 'batch': {
      const parts = await Promise.all(action.actions.map(each => describeAction(each, { book, contracts })))
      return `all or nothing: ${parts.join('; ')}`
    }
  }
}

export const showStatus = (receipt: Pick<ReceiptView, 'status' | 'error'>): string =>
  receipt.error === null
    ? mark('good', receipt.status)
    : `${mark('bad', 'failed')}: ${receipt.error.message} (${receipt.error.code})`

export const showTime = (timeMs: string): string => new Date(Number(timeMs)).toISOString()

/** What storage took and gave back, beside the fee. */
export const depositRows = ({
  depositPaid,
  depositReturned,
}: Pick<ReceiptView, 'depositPaid' | 'depositReturned'>): (readonly [string, string])[] => {
  const rows: [units: string, what: string][] = [
    [depositPaid, 'held for storage, returned when it is freed'],
    [depositReturned, 'returned for storage that was freed'],
  ]
  return rows
    .filter(([units]) => units !== '0')
    .map(([units, what]) => ['deposit', `${formatAmount(BigInt(units))} ${what}`])
}

/** Rows of a receipt: where, how much, what came of it. */
export const receiptRows = (
  receipt: ReceiptView,
  events: readonly ReadableEvent[],
  book: AddressBook,
): (readonly [string, string])[] => [
  ['status', showStatus(receipt)],
  ['block', `${formatInteger(BigInt(receipt.height))} (transaction ${receipt.index} in it)`],
  ['gas used', formatInteger(BigInt(receipt.gasUsed))],
  ['fee', formatAmount(BigInt(receipt.feePaid))],
  ...depositRows(receipt),
  ...receipt.created.map(address => ['created', book.full(address)] as const),
  ...events.map(event => ['event', showEvent(event, book.full)] as const),
]
