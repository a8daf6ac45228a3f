/** Sends an action and reports what it did: shared by every command that sends. */
import { apiFailure } from '../node/api/client.ts'
import { formatAddress } from '../node/crypto/address.ts'
import type { Failure } from '../node/diagnostics/failure.ts'
import { type AccountClient, DEFAULT_TIP, type SimulationView } from '../node/wallet/send.ts'
import type { ReceiptView } from '../node/api/views.ts'
import type { Action } from '../node/types/transaction.ts'
import { failureDetails } from './call-failure.ts'
import { type Connection, fromApi } from './connect.ts'
import { CliError, usageError } from './errors.ts'
import { exitCode } from './exit-codes.ts'
import type { SendingOptions } from './options.ts'
import type { Output } from './output.ts'
import { receiptRows, showValue } from './show.ts'
import { showTable } from './terminal/table.ts'

/** The receipt has the name of a contract's own error; who watched the call knows its fields too. */
const reasonOf = ({ error }: Pick<SimulationView, 'error'>, failure: Failure | null): string =>
  failure?.at(-1)?.message ?? error?.message ?? 'no reason was given'

/** An error of what the chain refuses. */
const refusal = (code: string, message: string, more: object = {}): CliError =>
  new CliError(code, message, { ...more, exitCode: exitCode('refused') })

const wouldFail = (simulation: SimulationView): CliError => {
  const { error, failure } = simulation
  const code = error?.code ?? 'failed'
  return refusal(
    code,
    `the transaction would fail: ${reasonOf(simulation, failure)} (${code}). Nothing was sent; --force sends it all the same`,
    failureDetails(failure),
  )
}

/** As it failed in its block; as the simulation did if the node cannot say that any more. */
const findFailure = async (
  { api }: Connection,
  id: string,
  simulation: SimulationView,
): Promise<Failure | null> => {
  try {
    return (await api.transaction.trace.query({ id })).failure
  } catch (error) {
    if (apiFailure(error) === undefined) throw error
    return simulation.failure
  }
}

/** The API speaks of a transaction's fields; whoever typed the command knows the options. */
const inOptions = (error: unknown): unknown => {
  if (!(error instanceof CliError)) return error
  const message = error.message.replaceAll('maxFee', '--max-fee').replaceAll('gasLimit', '--gas-limit')
  const { code, details, lines } = error
  return new CliError(code, message, {
    cause: error,
    exitCode: error.exitCode,
    ...(details && { details }),
    lines,
  })
}

const assertFees = ({ tip = DEFAULT_TIP, maxFee }: SendingOptions): void => {
  if (maxFee !== undefined && tip > maxFee)
    throw usageError(`--max-fee ${maxFee} does not cover the tip of ${tip}: raise --max-fee, or lower --tip`)
}

/** What it takes in place of a limit that is not enough, or what fails with any limit. */
const gasProblem = async (sender: AccountClient, action: Action, gasLimit: bigint): Promise<CliError> => {
  const simulation = await sender.simulate(action)
  if (simulation.status === 'failed') return wouldFail(simulation)
  return refusal(
    'gas_limit_too_low',
    `--gas-limit ${gasLimit} is too low: leave --gas-limit out, or give at least ${simulation.gasLimit}. Nothing was sent`,
  )
}

const GAS_CODES: ReadonlySet<string> = new Set(['gas_limit_too_low', 'out_of_gas'])

interface SendRequest {
  readonly connection: Connection
  readonly sender: AccountClient
  readonly action: Action
  readonly sending: SendingOptions
  readonly output: Output
}

const send = async ({ connection, sender, action, sending, output }: SendRequest) => {
  const { gasLimit, maxFee, tip, force } = sending
  try {
    const result = await sender.send(action, { gasLimit, maxFee, tip, force })
    for (const line of result.simulation.logs) output.notice(`trace: ${line}`)
    if (result.kind === 'would_fail') throw wouldFail(result.simulation)
    return result
  } catch (cause) {
    const error = cause instanceof CliError ? cause : inOptions(fromApi(cause, connection.client.url))
    const isGas = gasLimit !== undefined && error instanceof CliError && GAS_CODES.has(error.code)
    throw isGas ? await gasProblem(sender, action, gasLimit) : error
  }
}

/** Throws a CliError if the transaction would fail, or did. */
export const sendAndReport = async (
  options: SendRequest & {
    /** What was done, in words, if it worked. */
    readonly title: string | ((receipt: ReceiptView) => string)
    /** Whose result to decode. */
    readonly called?: { readonly contract: string; readonly method: string }
    /** Further fields of the JSON form. */
    readonly details?: object | ((receipt: ReceiptView) => object)
  },
): Promise<void> => {
  const { connection, sender, output, called, title, details } = options
  const { book, contracts } = connection
  assertFees(options.sending)
  const { receipt, simulation } = await send(options)
  const isSuccess = receipt.status === 'success'
  const events = await contracts.readEvents(receipt.events)
  const returned =
    called === undefined || !isSuccess
      ? undefined
      : await contracts.readReturn(called.contract, called.method, receipt.returnData)
  const { logs } = simulation
  const further = typeof details === 'function' ? details(receipt) : details
  const done = typeof title === 'function' && isSuccess ? title(receipt) : title
  output.result({ ...further, ...receipt, events, returned: returned ?? null, logs }, () =>
    showTable(isSuccess ? String(done) : 'The transaction failed', [
      ['transaction', receipt.transactionId],
      ['from', book.full(formatAddress(sender.address))],
      ...receiptRows(receipt, events, book),
      ...(returned === undefined ? [] : [['returned', showValue(returned, book.full)] as const]),
    ]),
  )
  if (isSuccess) return
  const { transactionId } = receipt
  const failure = await findFailure(connection, transactionId, simulation)
  const located = failureDetails(failure)
  throw refusal(
    receipt.error?.code ?? 'failed',
    `the transaction is in block ${receipt.height} and failed: ${reasonOf(receipt, failure)}. The fee was paid`,
    { ...located, details: { ...located.details, transactionId } },
  )
}
