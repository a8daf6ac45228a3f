/** `vex trace ID` */
import { writeFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError } from 'commander'
import type { Failure } from '../../node/diagnostics/failure.ts'
import { drawFlameGraph } from '../../node/diagnostics/flame-graph.ts'
import { formatFailure } from '../../node/diagnostics/format-failure.ts'
import { buildGasTree } from '../../node/diagnostics/gas-tree.ts'
import { readTrace } from '../../node/diagnostics/readable-trace.ts'
import type { TraceView } from '../../node/diagnostics/trace-view.ts'
import type { ReceiptView } from '../../node/api/views.ts'
import { formatInteger } from '../amounts.ts'
import { failureStyle, localSymbols, locateFailure } from '../call-failure.ts'
import { withConnection } from '../connect.ts'
import { addExamples } from '../help/examples.ts'
import {
  addClientOptions,
  type ClientOptions,
  parseTransactionId,
  pickJson,
  TOKEN_EXAMPLE,
} from '../options.ts'
import { createOutput, type Output } from '../output.ts'
import { describeAction, shortHash, showStatus } from '../show.ts'
import { showTable } from '../terminal/table.ts'
import { callTreeLines } from '../trace/lines.ts'
import { nameTraced } from '../trace/names.ts'

interface TraceOptions extends ClientOptions {
  readonly flame?: string
  readonly depth: number
  readonly storage: boolean
}

const parseDepth = (text: string): number => {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('expected a whole number from 1')
}

const writeFlameGraph = async (
  path: string,
  trace: TraceView,
  { transactionId, height, gasUsed }: ReceiptView,
  output: Output,
): Promise<void> => {
  const tree = buildGasTree(trace, BigInt(gasUsed), localSymbols())
  const title = `Gas of transaction ${shortHash(transactionId)} in block ${formatInteger(BigInt(height))}`
  await writeFile(path, drawFlameGraph(tree, title))
  if (tree.withoutSymbols.length > 0)
    output.notice(
      `notice: no lines are known for ${tree.withoutSymbols.join(', ')}: build what is on the chain in this folder with "vex build"`,
    )
}

/** Whoever watched the calls knows more of a contract's own error than its name. */
const withReason = (receipt: ReceiptView, failure: Failure | null): ReceiptView => {
  const message = failure?.at(-1)?.message
  return receipt.error === null || message === undefined
    ? receipt
    : { ...receipt, error: { ...receipt.error, message } }
}

const gasRow = (gasUsed: bigint, inContracts: bigint): string =>
  inContracts === 0n
    ? formatInteger(gasUsed)
    : `${formatInteger(gasUsed)}: ${formatInteger(gasUsed - inContracts)} before any contract ran, ${formatInteger(inContracts)} in contracts`

const trace = async (id: string, options: TraceOptions): Promise<void> => {
  const output = createOutput(options)
  const { flame, depth, storage: hasStorage } = options
  await withConnection(options, async ({ api, book, contracts }) => {
    const [view, receipt, transaction] = await Promise.all([
      api.transaction.trace.query({ id, detail: flame === undefined ? 'calls' : 'gas' }),
      api.transaction.receipt.query({ id }),
      api.transaction.get.query({ id }),
    ])
    if (!view.isExact)
      output.notice('notice: it runs otherwise now than it did in its block: this is not what happened there')
    if (flame !== undefined) await writeFlameGraph(flame, view, receipt, output)
    const readable = readTrace(view)
    const { calls, stepsCut } = readable
    const failure = view.failure === null ? null : locateFailure(view.failure)
    const gasUsed = BigInt(receipt.gasUsed)
    const inContracts = calls.reduce((sum, call) => sum + BigInt(call.gasUsed), 0n)
    const names = nameTraced(readable, book)
    const action = await describeAction(transaction.action, { book, contracts }, receipt.created)
    output.result(
      { ...readable, failure, gasUsed: receipt.gasUsed, ...(flame !== undefined && { flame }) },
      () =>
        [
          showTable(`Transaction ${receipt.transactionId}`, [
            ['from', book.full(transaction.sender)],
            // A call stands on top of its tree.
            ...(transaction.action.kind === 'call' ? [] : [['action', action] as const]),
            ['status', showStatus(withReason(receipt, failure))],
            ['block', `${formatInteger(BigInt(receipt.height))} (transaction ${receipt.index} in it)`],
            ['gas', gasRow(gasUsed, inContracts)],
            ...names.contracts.map(([name, address]) => [name ?? 'contract', address] as const),
            ...(flame === undefined ? [] : [['flame graph', flame] as const]),
          ]),
          ...(calls.length === 0
            ? []
            : ['', ...callTreeLines(calls, { nameOf: names.nameOf, depth, hasStorage })]),
          ...(stepsCut === 0
            ? []
            : [`… and ${formatInteger(BigInt(stepsCut))} steps more than a trace holds`]),
          ...(failure === null ? [] : ['', ...formatFailure(failure, failureStyle(process.stdout))]),
        ].join('\n'),
    )
  })
}

export const define = (command: Command): void => {
  command
    .argument('<id>', 'the transaction’s id: 64 hex digits', parseTransactionId)
    .option('--flame <file>', 'also draw where the gas went, by line of source: an SVG')
    .option(
      '--depth <levels>',
      'show calls down to this level; 1 is the transaction’s own',
      parseDepth,
      1_000,
    )
    .option('--no-storage', 'leave out what was stored')
    .action(trace)
  addExamples(addClientOptions(command), [
    TOKEN_EXAMPLE,
    `TX=$(vex call $TOKEN transfer dev1 250 --json | ${pickJson('transactionId')})`,
    'vex trace $TX',
    'vex trace $TX --no-storage --flame gas.svg',
  ])
}
