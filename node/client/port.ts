/**
 * What a typed contract stands on: something that answers calls in bytes, be it a node or the chain of a test.
 * Whatever goes wrong is an answer with `error`, also what a node refuses or a node that does not answer.
 */
import type { Abi } from '../abi/types.ts'
import type { ReceiptView } from '../api/views.ts'
import type { Failure } from '../diagnostics/failure.ts'
import type { Address, Amount, Gas } from '../types/primitives.ts'
import type { ContractEvent } from '../types/receipt.ts'

/** What may be set for one call: `from`, `gasLimit` and what else a port knows. All of it is optional. */
export interface PortOptions {
  readonly call: object
  readonly view: object
}

export interface ViewRequest {
  readonly contract: Address
  readonly method: string
  /** BCS. */
  readonly args: Uint8Array
}

export interface CallRequest extends ViewRequest {
  readonly value: Amount
}

export interface CallFailure {
  /** An execution error's code (types/receipt.ts), a refusal's, or the port's. */
  readonly code: string
  readonly message: string
  /** What a contract passed to `revert`. */
  readonly data?: Uint8Array | undefined
  /** Where it failed, in the contracts' sources if they are known. */
  readonly trace?: Failure | undefined
  readonly cause?: unknown
}

interface Failed {
  readonly error: CallFailure
}

interface Returned {
  readonly error: undefined
  readonly returnData: Uint8Array
  readonly gasUsed: Gas
}

export interface Executed extends Returned {
  /** Of all contracts that took part. */
  readonly events: readonly ContractEvent[]
}

export type ViewAnswer = Returned | Failed
export type SimulationAnswer = Executed | Failed
export type SendAnswer = (Executed & { readonly receipt: ReceiptView }) | (Failed & SendState)

/** What became of a transaction that did not do what it should. */
export interface SendState {
  readonly state: /** It was not sent, and costs nothing. */
    | 'not_sent'
    /** It is in a block, failed there, and paid its fee. */
    | 'failed'
    /** It was handed over, and nothing more is known: ask for it by its id before anything is sent again. */
    | 'unknown'
    /** It was handed over, and can never be in a block: it costs nothing, and may be sent anew. */
    | 'never'
  readonly receipt?: ReceiptView | undefined
  /** `0x` hex, once something was sent. */
  readonly transactionId?: string | undefined
}

export interface ContractPort<O extends PortOptions> {
  /** Any other option is refused, so that no misspelt one goes unnoticed. `value` is not the port's. */
  readonly optionNames: { readonly [K in keyof PortOptions]: readonly (keyof O[K] & string)[] }
  view(request: ViewRequest, options: O['view']): Promise<ViewAnswer>
  simulate(request: CallRequest, options: O['call']): Promise<SimulationAnswer>
  /** Answers when the transaction is final. */
  send(request: CallRequest, options: O['call']): Promise<SendAnswer>
  /** Asked before each use: what is wrong if the contract at the address does not have this ABI. Remember it. */
  check?(contract: Address, abi: Abi): Promise<CallFailure | undefined>
}
