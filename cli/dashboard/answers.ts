/** What is asked for one thing: a transaction's calls, a block's transactions, a view's answer, a transaction that is sent. */
import { stripVTControlCharacters } from 'node:util'
import type { Abi } from '../../node/abi/types.ts'
import { decodeReturn } from '../../node/abi/values.ts'
import { parseAddress } from '../../node/crypto/address.ts'
import { formatFailure } from '../../node/diagnostics/format-failure.ts'
import { readTrace } from '../../node/diagnostics/readable-trace.ts'
import { fromHex, toHex } from '../../node/types/primitives.ts'
import type { Action } from '../../node/types/transaction.ts'
import { createAccountClient, type SendResult } from '../../node/wallet/send.ts'
import { encodeWords } from '../abi-arguments.ts'
import { formatAmount, formatInteger, parseAmount } from '../amounts.ts'
import { locateFailure } from '../call-failure.ts'
import type { Connection, VexApi } from '../connect.ts'
import { CliError } from '../errors.ts'
import { showValue } from '../show.ts'
import { callTreeLines } from '../trace/lines.ts'
import { nameTraced } from '../trace/names.ts'
import type { Effect } from './actions.ts'
import { shortHash } from './words.ts'

const DEEP = 1_000
const SHOWN_TRANSACTIONS = 200
const MAX_LINES = 2_000

/** Calls, storage, events and gas; of a failure the place in the source. */
export const traceLines = async (
  { api, book }: Pick<Connection, 'api' | 'book'>,
  id: string,
): Promise<string[]> => {
  const view = await api.transaction.trace.query({ id, detail: 'calls' })
  const readable = readTrace(view)
  const { nameOf } = nameTraced(readable, book)
  const tree = callTreeLines(readable.calls, { nameOf, depth: DEEP, hasStorage: true })
  const failure = view.failure === null ? [] : ['', ...formatFailure(locateFailure(view.failure))]
  const all = [...(tree.length === 0 ? ['no contract ran'] : tree), ...failure]
  return all.slice(0, MAX_LINES).flatMap(text => stripVTControlCharacters(text).split('\n'))
}

export const blockLines = async (api: VexApi, height: string): Promise<string[]> => {
  const receipts = await api.block.receipts.query({ height })
  const shown = receipts
    .slice(0, SHOWN_TRANSACTIONS)
    .map(
      ({ status, transactionId, gasUsed, events }) =>
        `${status === 'success' ? '✓' : '✗'} ${shortHash(transactionId)}  ${formatInteger(BigInt(gasUsed))} gas${events.length === 0 ? '' : `  ${events.length} events`}`,
    )
  const hidden = receipts.length - shown.length
  return hidden > 0 ? [...shown, `… and ${formatInteger(BigInt(hidden))} more`] : shown
}

/** A block that is not among the last ones any more. */
export const historyLines = async (api: VexApi, height: string): Promise<string[]> => {
  const [block, transactions] = await Promise.all([api.block.get.query({ height }), blockLines(api, height)])
  return [
    `hash        ${block.hash}`,
    `time        ${new Date(Number(block.timeMs)).toISOString()}`,
    `proposer    ${block.proposer}`,
    `epoch       ${block.epoch}, view ${block.view}`,
    `gas         ${formatInteger(BigInt(block.gasUsed))} of ${formatInteger(BigInt(block.gasLimit))}`,
    `base fee    ${formatInteger(BigInt(block.baseFee))}`,
    `state root  ${block.stateRoot}`,
    `parent      ${block.parentHash}`,
    '',
    `${block.transactions.length} transactions; [ and ] step, Esc goes back`,
    ...transactions,
  ]
}

type Run = Extract<Effect, { type: 'run' }>

const amountOf = (text: string, what: string): bigint => {
  const parsed = parseAmount(text === '' ? '0' : text)
  if ('amount' in parsed) return parsed.amount
  throw new CliError('bad_value', `${what}: ${parsed.problem}`)
}

const abiFor = (abi: Abi | undefined): Abi => {
  if (abi === undefined) throw new CliError('no_abi', 'the contract has no ABI, so its methods have no types')
  return abi
}

export const askView = async (
  { api, book }: Pick<Connection, 'api' | 'book'>,
  { task, values }: Run,
  abi: Abi | undefined,
): Promise<string[]> => {
  if (task.kind !== 'view') throw new Error(`asked a ${task.kind}`)
  const known = abiFor(abi)
  const args = `0x${toHex(encodeWords(known, task.method, values, book))}`
  const { returnData, gasUsed } = await api.contract.view.query({
    contract: task.contract,
    method: task.method,
    args,
  })
  const returned = decodeReturn(known, task.method, fromHex(returnData))
  return [showValue(returned, book.short), `${formatInteger(BigInt(gasUsed))} gas, free`]
}

const toAction = ({ task, values, value }: Run, book: Connection['book'], abi: Abi | undefined): Action => {
  if (task.kind === 'transfer') {
    const [to = '', amount = ''] = values
    return {
      kind: 'transfer',
      to: book.isName(to) ? book.resolve(to) : parseAddress(to),
      amount: amountOf(amount, 'amount'),
    }
  }
  return {
    kind: 'call',
    contract: parseAddress(task.contract),
    method: task.method,
    args: encodeWords(abiFor(abi), task.method, values, book),
    value: amountOf(value, 'value'),
  }
}

const outcomeOf = (result: SendResult): { isGood: boolean; lines: string[] } => {
  if (result.kind === 'would_fail') {
    const { error } = result.simulation
    return {
      isGood: false,
      lines: [`It would fail: ${error?.message ?? 'no reason given'}. Nothing was sent.`],
    }
  }
  const { status, error, height, feePaid, transactionId } = result.receipt
  return {
    isGood: status === 'success',
    lines: [
      status === 'success'
        ? `Final in block ${formatInteger(BigInt(height))}`
        : `Failed: ${error?.message ?? ''}`,
      transactionId,
      `fee ${formatAmount(BigInt(feePaid))}`,
    ],
  }
}

/** Simulates, signs, sends, and waits until it is final. */
export const sendRun = async (
  { client, book }: Pick<Connection, 'client' | 'book'>,
  run: Run,
  abi: Abi | undefined,
  keyOf: (name: string) => Promise<Uint8Array>,
): Promise<{ isGood: boolean; lines: string[] }> => {
  // What is wrong with the fields is said before a password is tried.
  const action = toAction(run, book, abi)
  const account = createAccountClient({ client, secretKey: await keyOf(run.from) })
  return outcomeOf(await account.send(action))
}
