import type { Abi } from '../abi/types.ts'
import { formatRecord } from '../abi/format-value.ts'
import { decodeError } from '../abi/values.ts'
import type { ReceiptView } from '../api/views.ts'
import type { AddressText } from '../crypto/address.ts'
import type { Failure } from '../diagnostics/failure.ts'
import { formatFailure } from '../diagnostics/format-failure.ts'
import type { CallFailure, SendState } from './port.ts'

export interface NamedError {
  readonly name: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** `done`: it is in a block and did what it should, but its answer does not fit the ABI. */
type CallState = SendState['state'] | 'done'

/** Which call, and what became of it; a view or a simulation was not sent. */
export interface CallPlace extends Omit<SendState, 'state'> {
  readonly state: CallState
  readonly contract: AddressText | undefined
  readonly method: string
}

/** The one error of a call that did not go well. A contract's `isError` narrows `error` to its own errors. */
export class ContractCallError<E = NamedError> extends Error {
  override readonly name = 'ContractCallError'
  /** An execution error such as `reverted` or `out_of_gas`, a node's refusal, or `unreachable` and its like. */
  readonly code: string
  /** What went wrong, without where: for the people who use an application. */
  readonly reason: string
  readonly state: CallState
  /** `undefined` for a contract that could not be deployed. */
  readonly contract: AddressText | undefined
  readonly method: string
  /** The contract's own error, if it reverted with one that its ABI knows. */
  readonly error: E | undefined
  /** What the contract passed to `revert`. */
  readonly data: Uint8Array
  /** The calls that failed, the innermost first, with their places in the sources; empty if that is not known. */
  readonly trace: Failure
  /** `0x` hex, once something was sent. */
  readonly transactionId: string | undefined
  readonly receipt: ReceiptView | undefined

  constructor(message: string, failure: CallFailure, place: CallPlace, error?: E) {
    super(message, { cause: failure.cause })
    this.reason = failure.message
    this.code = failure.code
    this.data = failure.data ?? new Uint8Array(0)
    this.trace = failure.trace ?? []
    this.error = error
    this.state = place.state
    this.contract = place.contract
    this.method = place.method
    this.receipt = place.receipt
    this.transactionId = place.receipt?.transactionId ?? place.transactionId
  }
}

const stateText = ({ state, receipt }: CallPlace): string => {
  if (receipt === undefined) return ''
  return `. The transaction is in block ${receipt.height}; ${state === 'done' ? 'it did what it should' : 'its fee is paid'}`
}

/** From a failure, in the contract or on the way to it, to the error that is thrown. */
export const toCallError = (abi: Abi, failure: CallFailure, place: CallPlace): ContractCallError => {
  const { code, data, trace = [] } = failure
  const error = code === 'reverted' && data !== undefined ? decodeError(abi, data) : undefined
  const reason = error === undefined ? (trace.at(-1)?.message ?? failure.message) : formatRecord(error)
  const message = `${abi.name}.${place.method}: ${reason} (${code})${stateText(place)}`
  const where = formatFailure(trace)
  return new ContractCallError([message, ...where].join('\n'), { ...failure, message: reason }, place, error)
}
