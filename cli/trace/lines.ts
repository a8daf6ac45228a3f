/** A trace as lines: the calls as a tree, each with what it stored, paid, emitted and said, in order. */
import type {
  ReadableCall,
  ReadableOutcome,
  ReadableStep,
  StoredChange,
} from '../../node/diagnostics/readable-trace.ts'
import { formatAmount, formatInteger } from '../amounts.ts'
import { mark, paint } from '../terminal/colour.ts'
import { type ShowAddress, showFields, showValue } from '../show.ts'

const MAX_HEX_CHARACTERS = 80

export interface TreeOptions {
  readonly nameOf: ShowAddress
  /** Calls deeper than it are counted; 1 shows the transaction's own. */
  readonly depth: number
  readonly hasStorage: boolean
}

const cutHex = (hex: string): string =>
  hex.length <= MAX_HEX_CHARACTERS
    ? hex
    : `${hex.slice(0, MAX_HEX_CHARACTERS)}… (${formatInteger(BigInt(hex.length / 2 - 1))} bytes)`

/** Names come from whoever sent the transaction or wrote the contract: what is none is quoted. */
const showName = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name))

const gas = (units: string): string => formatInteger(BigInt(units))

const showStored = ({ field, keys, part }: StoredChange, nameOf: ShowAddress): string =>
  `${field}${keys.map(key => `[${showValue(key, nameOf)}]`).join('')}${part === null ? '' : `.${part}`}`

const showWrite = (step: Extract<ReadableStep, { kind: 'write' }>, nameOf: ShowAddress): string => {
  const { stored, key, before, after } = step
  const raw = (bytes: string | null): string => (bytes === null ? 'nothing' : cutHex(bytes))
  const [what, old, now] =
    stored === null
      ? [`storage ${cutHex(key)}`, raw(before), raw(after)]
      : [
          showStored(stored, nameOf),
          before === null ? 'nothing' : showValue(stored.before, nameOf),
          after === null ? 'nothing' : showValue(stored.after, nameOf),
        ]
  return before === after ? `${what} stays ${now}` : `${what} ${paint('dim', `${old} →`)} ${now}`
}

const showEventStep = (step: Extract<ReadableStep, { kind: 'event' }>, nameOf: ShowAddress): string => {
  const { name, fields, topics, data } = step
  const inside =
    fields === null ? [...topics.slice(1), data].map(cutHex).join(', ') : showFields(fields, nameOf)
  return `${paint('dim', 'event')} ${paint('cyan', showName(name))}(${inside})`
}

export const showReason = (outcome: ReadableOutcome, nameOf: ShowAddress): string | undefined => {
  switch (outcome.kind) {
    case 'returned':
      return undefined
    case 'reverted': {
      const { error, message } = outcome
      return error === null ? message : `${error.name}(${showFields(error.fields, nameOf)})`
    }
    case 'failed':
      return outcome.message
  }
}

const showOutcome = (outcome: ReadableOutcome, nameOf: ShowAddress): string | undefined => {
  const reason = showReason(outcome, nameOf)
  if (reason !== undefined) {
    const code = outcome.kind === 'failed' ? outcome.code : outcome.kind
    return `${mark('bad', code)} ${reason}`
  }
  if (outcome.kind !== 'returned' || outcome.data === '0x') return undefined
  const { returned, data } = outcome
  return `${paint('dim', 'returned')} ${returned === null ? cutHex(data) : showValue(returned, nameOf)}`
}

const KINDS: Readonly<Record<ReadableCall['kind'], string>> = {
  call: '',
  view: 'view ',
  deploy: 'deploy ',
  upgrade: 'upgrade ',
}

/** `Token.transfer(to: dev1, amount: 250) with 0.1 VEX  274,966 gas` */
const showHead = (call: ReadableCall, nameOf: ShowAddress, isMarked: boolean): string => {
  const { kind, contract, method, args, argsData, value, gasUsed, ownGas } = call
  const inside = args === null ? cutHex(argsData) : showFields(args, nameOf)
  const sent = value === '0' ? '' : ` with ${formatAmount(BigInt(value))}`
  const own = ownGas === gasUsed ? '' : `, ${gas(ownGas)} its own`
  const undone = isMarked ? `  ${mark('warning', 'undone')}` : ''
  return `${paint('dim', KINDS[kind])}${paint('bold', `${nameOf(contract)}.${showName(method)}`)}(${inside})${sent}  ${paint('dim', `${gas(gasUsed)} gas${own}`)}${undone}`
}

interface Node {
  readonly text: string
  readonly inside: readonly Node[]
}

const leaf = (text: string): Node => ({ text, inside: [] })

const stepNode = (
  step: ReadableStep,
  level: number,
  isOuterUndone: boolean,
  options: TreeOptions,
): Node[] => {
  const { nameOf, hasStorage } = options
  switch (step.kind) {
    case 'call':
      return [callNode(step.call, level + 1, isOuterUndone, options)]
    case 'write':
      return hasStorage ? [leaf(showWrite(step, nameOf))] : []
    case 'event':
      return [leaf(showEventStep(step, nameOf))]
    case 'transfer':
      return [leaf(`${paint('dim', 'pays')} ${formatAmount(BigInt(step.amount))} to ${nameOf(step.to)}`)]
    case 'log':
      return [leaf(`${paint('dim', 'log')} ${JSON.stringify(step.message)}`)]
  }
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

const isCallStep = ({ kind }: ReadableStep): boolean => kind === 'call'

/** `isOuterUndone`: said already of the call around it. */
const callNode = (call: ReadableCall, level: number, isOuterUndone: boolean, options: TreeOptions): Node => {
  const { steps, isUndone, outcome } = call
  const isDeepest = level >= options.depth
  const shown = isDeepest ? steps.filter(step => !isCallStep(step)) : steps
  const hidden = steps.length - shown.length
  const end = showOutcome(outcome, options.nameOf)
  return {
    text: showHead(call, options.nameOf, isUndone && !isOuterUndone),
    inside: [
      ...shown.flatMap(step => stepNode(step, level, isUndone, options)),
      ...(hidden > 0 ? [leaf(paint('dim', `… ${counted(hidden, 'call')} inside`))] : []),
      ...(end === undefined ? [] : [leaf(end)]),
    ],
  }
}

const treeLines = ({ text, inside }: Node): string[] => [
  text,
  ...inside.flatMap((node, i) => {
    const isLast = i === inside.length - 1
    const [first = '', ...rest] = treeLines(node)
    return [
      `${paint('dim', isLast ? '└ ' : '├ ')}${first}`,
      ...rest.map(line => `${isLast ? '  ' : paint('dim', '│ ')}${line}`),
    ]
  }),
]

export const callTreeLines = (calls: readonly ReadableCall[], options: TreeOptions): string[] =>
  calls.flatMap(call => treeLines(callNode(call, 1, false, options)))
