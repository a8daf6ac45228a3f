/** Sends an action and reports what it did: shared by every command that sends. */
import { formatAddress } from '../node/crypto/address.ts'
import { type AccountClient, DEFAULT_TIP, type SimulationView } from '../node/wallet/send.ts'
import type { ReceiptView } from '../node/api/views.ts'
import type { Action } from '../node/types/transaction.ts'
import { failureDetails } from './call-failure.ts'
import { type Connection, fromApi } from './connect.ts'
import { CliError, usageError } from './errors.ts'
import type { SendingOptions } from './options.ts'
import type { Output } from './output.ts'
import { receiptRows, showTable, showValue } from './show.ts'

const wouldFail = ({ error, failure }: SimulationView): CliError =>
  new CliError(
    error?.code ?? 'failed',
    `the transaction would fail: ${error?.message ?? 'no reason was given'} (${error?.code ?? 'failed'}). Nothing was sent; --force sends it all the same`,
    failureDetails(failure),
  )

/** The API speaks of a transaction's fields; whoever typed the command knows the options. */
const inOptions = (error: unknown): unknown => {
  if (!(error instanceof CliError)) return error
  const message = error.message.replaceAll('maxFee', '--max-fee').replaceAll('gasLimit', '--gas-limit')
  const { code, details, lines } = error
  return new CliError(code, message, { cause: error, ...(details && { details }), lines })
}

const assertFees = ({ tip = DEFAULT_TIP, maxFee }: SendingOptions): void => {
  if (maxFee !== undefined && tip > maxFee)
    throw usageError(`--max-fee ${maxFee} does not cover the tip of ${tip}: raise --max-fee, or lower --tip`)
}

/** What it takes in place of a limit that is not enough, or what fails with any limit. */
const gasProblem = async (sender: AccountClient, action: Action, gasLimit: bigint): Promise<CliError> => {
  const simulation = await sender.simulate(action)
  if (simulation.status === 'failed') return wouldFail(simulation)
  return new CliError(
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
  const located = failureDetails(simulation.failure)
  throw new CliError(
    receipt.error?.code ?? 'failed',
    `the transaction is in block ${receipt.height} and failed: ${receipt.error?.message ?? 'no reason was given'}. The fee was paid`,
    { ...located, details: { ...located.details, transactionId: receipt.transactionId } },
  )
}
