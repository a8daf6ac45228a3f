/** What a call would do, on a throw-away copy of the state: views and gas estimates. */
import type { CallOutcome, Vm } from '../../vm/execution.ts'
import { TRANSACTION_GAS } from '../params.ts'
import { Overlay } from '../state/overlay.ts'
import type { StateReader } from '../state/view.ts'
import type { Address, Gas } from '../types/primitives.ts'
import type { Receipt } from '../types/receipt.ts'
import type { ParsedTransaction } from '../types/transaction.ts'
import { credit } from './accounts.ts'
import type { AdmissionContext, Refusal } from './admission.ts'
import { callContract, STACK_WORDS } from './call.ts'
import { type BlockContext, Execution } from './execution.ts'
import { type Trace, Tracer } from './trace.ts'
import { applyTransaction, type TransactionOutcome } from './transaction.ts'

type OnTrace = (contract: Address, message: string) => void

interface ViewOptions {
  vm: Vm
  state: StateReader
  block: BlockContext
  caller: Address
  contract: Address
  method: string
  args: Uint8Array
  gasLimit: Gas
  onTrace?: OnTrace | undefined
  tracer?: Tracer | undefined
}

/** A call that may not write. */
export const viewContract = (options: ViewOptions): CallOutcome => {
  const { caller, contract, method, args, gasLimit, vm, block, onTrace, tracer } = options
  const state = new Overlay(options.state)
  const execution = new Execution({ vm, block, state, origin: caller, onTrace, tracer })
  return callContract(execution, {
    caller,
    to: contract,
    method,
    args,
    value: 0n,
    gasLimit,
    stackLimit: STACK_WORDS,
    isStatic: true,
  })
}

/** The view again, with a note of all that happens in it. */
export const traceView = (
  options: Omit<ViewOptions, 'tracer' | 'onTrace'> & { gas?: boolean },
): { outcome: CallOutcome; trace: Trace } => {
  const tracer = new Tracer(options)
  const outcome = viewContract({ ...options, tracer })
  return { outcome, trace: tracer.finish(true) }
}

export type Simulation =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | {
      readonly kind: 'ran'
      readonly receipt: Receipt /** The smallest limit found to succeed. */
      readonly gasLimit: Gas
    }

interface SimulateOptions {
  vm: Vm
  state: StateReader
  block: BlockContext
  context: AdmissionContext
  parsed: ParsedTransaction
}

const runOnce = (
  { vm, block, context, parsed, ...options }: SimulateOptions,
  gasLimit: Gas,
  watch: { onTrace?: OnTrace | undefined; tracer?: Tracer } = {},
): TransactionOutcome => {
  const { body } = parsed.transaction
  const state = new Overlay(options.state)
  // Whether the sender can pay for gas is not what is asked here.
  credit(state, parsed.sender, gasLimit * body.maxFee)
  const limited: ParsedTransaction = {
    ...parsed,
    transaction: { ...parsed.transaction, body: { ...body, gasLimit } },
  }
  const execution = new Execution({ vm, block, state, origin: parsed.sender, ...watch })
  return applyTransaction(execution, limited, context, context.blockGasLimit)
}

/** One run of the simulation, with its own gas limit and a note of all that happens in it. */
export const traceTransaction = (
  options: SimulateOptions & { gas?: boolean },
): { outcome: TransactionOutcome; trace: Trace } => {
  const tracer = new Tracer(options)
  const outcome = runOnce(options, options.parsed.transaction.body.gasLimit, { tracer })
  const isKept = outcome.kind === 'included' && outcome.receipt.status === 'success'
  return { outcome, trace: tracer.finish(isKept) }
}

/**
 * Runs the transaction as the next block would, and finds a gas limit that succeeds: the gas used is not
 * always enough, because a nested call may only spend 63/64 of what is left.
 *
 * `parsed` carries any signature. Its gas limit is the most that is tried, and its fee may be zero.
 */
export const simulateTransaction = (
  options: SimulateOptions & { onTrace?: OnTrace | undefined },
): Simulation => {
  const { body } = options.parsed.transaction
  const first = runOnce(options, body.gasLimit, { onTrace: options.onTrace })
  if (first.kind === 'refused') return first
  const { receipt } = first
  if (receipt.status === 'failed') return { kind: 'ran', receipt, gasLimit: receipt.gasUsed }

  const succeeds = (gasLimit: Gas): boolean => {
    const outcome = runOnce(options, gasLimit)
    return outcome.kind === 'included' && outcome.receipt.status === 'success'
  }
  let low = receipt.gasUsed
  if (succeeds(low)) return { kind: 'ran', receipt, gasLimit: low }
  let high = body.gasLimit
  // Within one transaction's base cost is near enough; every step runs the whole call again.
  while (high - low > TRANSACTION_GAS.base / 100n) {
    const middle = (low + high) / 2n
    if (succeeds(middle)) high = middle
    else low = middle
  }
  return { kind: 'ran', receipt, gasLimit: high }
}
