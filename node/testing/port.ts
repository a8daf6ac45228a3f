/** A typed contract's way to the chain of a test (client/port.ts), with words for where a call failed. */
import { decodeRevert } from '../abi/values.ts'
import { viewReceipt } from '../api/views.ts'
import type {
  CallFailure,
  CallRequest,
  ContractPort,
  SendAnswer,
  SimulationAnswer,
  ViewAnswer,
  ViewRequest,
} from '../client/port.ts'
import { describeFailure } from '../diagnostics/failure.ts'
import { type Trace, Tracer } from '../transition/trace.ts'
import type { Receipt } from '../types/receipt.ts'
import type { Action } from '../types/transaction.ts'
import { loadedSymbols } from './artifact.ts'
import type { Applied, Ledger } from './ledger.ts'
import { type Sender, type SendOptions, toGas } from './sender.ts'

export interface TestPortOptions {
  readonly call: SendOptions
  readonly view: SendOptions
}

/** As much as a node gives a view (execution/query.ts). */
const VIEW_GAS = 200_000_000n

/** A failure that says what, and where. */
const located = (failure: CallFailure, trace: Trace): CallFailure => ({
  ...failure,
  trace: describeFailure(trace, loadedSymbols),
})

const failureOf = ({ code, message, data }: NonNullable<Receipt['error']>, trace: Trace): CallFailure =>
  located({ code, message: code === 'reverted' ? decodeRevert(data) : message, data }, trace)

const executedOf = ({ returnData, events, gasUsed }: Receipt) =>
  ({ error: undefined, returnData, events, gasUsed }) as const

/** What a transaction did, in a client's terms. */
export const toSendAnswer = (applied: Applied): SendAnswer => {
  if (applied.kind === 'refused') return { error: applied.refusal, state: 'not_sent' }
  const { receipt, trace, height, index, blockId } = applied
  const view = viewReceipt(receipt, { height, index }, blockId)
  if (receipt.error === undefined) return { ...executedOf(receipt), receipt: view }
  return { error: failureOf(receipt.error, trace), state: 'failed', receipt: view }
}

const callOf = ({ contract, method, args, value }: CallRequest): Action => ({
  kind: 'call',
  contract,
  method,
  args,
  value,
})

/** `onCalled` hears of each transaction that did what it should. */
export const createTestPort = (
  ledger: Ledger,
  sender: Sender,
  onCalled: (request: CallRequest, gasUsed: bigint) => void,
): ContractPort<TestPortOptions> => ({
  optionNames: { call: ['from', 'gasLimit'], view: ['from', 'gasLimit'] },

  async view({ contract, method, args }: ViewRequest, { from, gasLimit }): Promise<ViewAnswer> {
    const tracer = new Tracer()
    const outcome = ledger.view(
      {
        caller: sender.addressOf(from),
        contract,
        method,
        args,
        gasLimit: gasLimit === undefined ? VIEW_GAS : toGas(gasLimit),
      },
      tracer,
    )
    if (outcome.kind === 'returned')
      return { error: undefined, returnData: outcome.data, gasUsed: outcome.gasUsed }
    const error =
      outcome.kind === 'reverted'
        ? { code: 'reverted', message: decodeRevert(outcome.data), data: outcome.data }
        : { code: outcome.code, message: outcome.message }
    return { error: located(error, tracer.finish(true)) }
  },

  async simulate(request, options): Promise<SimulationAnswer> {
    const { outcome, trace } = ledger.simulate(sender.draft(callOf(request), options))
    if (outcome.kind === 'refused') return { error: outcome.refusal }
    const { receipt } = outcome
    return receipt.error === undefined ? executedOf(receipt) : { error: failureOf(receipt.error, trace) }
  },

  async send(request, options): Promise<SendAnswer> {
    const answer = toSendAnswer(await sender.send(callOf(request), options))
    if (answer.error === undefined) onCalled(request, answer.gasUsed)
    return answer
  },
})
