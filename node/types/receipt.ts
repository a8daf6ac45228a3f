/** What a transaction did: one receipt for each transaction in a block, in the block's order. */
import { LIMITS } from '../params.ts'
import { byteString, createCodec, list, nameOf, option, struct, text, u64 } from './codec.ts'
import {
  type Address,
  addressType,
  type Amount,
  amountType,
  type Gas,
  type Hash,
  hashType,
} from './primitives.ts'

/** Positions are on the wire: append only. */
export const RECEIPT_STATUSES = ['success', 'failed'] as const
export type ReceiptStatus = (typeof RECEIPT_STATUSES)[number]

/** Why an included transaction failed. Positions are on the wire: append only. */
export const EXECUTION_ERROR_CODES = [
  'insufficient_balance',
  'unknown_contract',
  'unknown_method',
  'not_payable',
  'bad_code',
  'address_in_use',
  'not_owner',
  'reverted',
  'aborted',
  'trapped',
  'out_of_gas',
  'stack_overflow',
  'call_depth',
  'reentrancy',
  'insufficient_deposit',
  'limit_exceeded',
  'static_violation',
  'staking_unavailable',
  'unknown_validator',
  'validator_exists',
  'key_in_use',
  'bad_proof',
  'bad_commission',
  'stake_too_small',
  'insufficient_stake',
  'tombstoned',
  'jailed',
  'not_jailed',
  'nothing_to_withdraw',
  'nothing_to_claim',
  'not_slashable',
  'bad_evidence',
  'evidence_expired',
  'already_slashed',
  'undoable_draw',
] as const
export type ExecutionErrorCode = (typeof EXECUTION_ERROR_CODES)[number]

export interface ExecutionError {
  code: ExecutionErrorCode
  /** For people: the contract's own message, or the node's. At most 1,024 bytes of UTF-8. */
  message: string
  /** What the contract passed to `revert`; empty otherwise. */
  data: Uint8Array
}

export interface ContractEvent {
  contract: Address
  /** The first is the event's name in UTF-8; then its indexed fields, each in BCS. At most 4 of 64 bytes. */
  topics: Uint8Array[]
  /** The other fields in BCS. */
  data: Uint8Array
}

export interface Receipt {
  transactionId: Hash
  status: ReceiptStatus
  gasUsed: Gas
  /** Units the sender paid for gas: burned base fee and tip together. */
  feePaid: Amount
  /** Units that went from the sender into storage deposits, and that came back to it from freed storage. */
  depositPaid: Amount
  depositReturned: Amount
  /** What the called method returned, in BCS; the last action's in a batch. */
  returnData: Uint8Array
  /** Contracts that the transaction created, in order. */
  created: Address[]
  /** In the order they were emitted; none if the transaction failed. */
  events: ContractEvent[]
  error: ExecutionError | undefined
}

const eventType = struct('ContractEvent', {
  contract: addressType,
  topics: list(byteString(LIMITS.eventTopicBytes), LIMITS.eventTopics),
  data: byteString(LIMITS.eventDataBytes),
})

const errorType = struct('ExecutionError', {
  code: nameOf('ExecutionErrorCode', EXECUTION_ERROR_CODES),
  message: text(LIMITS.errorMessageBytes),
  data: byteString(LIMITS.returnDataBytes),
})

export const receiptCodec = createCodec<Receipt>(
  struct('Receipt', {
    transactionId: hashType,
    status: nameOf('ReceiptStatus', RECEIPT_STATUSES),
    gasUsed: u64,
    feePaid: amountType,
    depositPaid: amountType,
    depositReturned: amountType,
    returnData: byteString(LIMITS.returnDataBytes),
    created: list(addressType, LIMITS.eventsPerTransaction),
    events: list(eventType, LIMITS.eventsPerTransaction),
    error: option(errorType),
  }),
  4 * 1024 * 1024,
)

/** Of an executed block, which keeps them encoded. */
export const receiptsOf = ({ receiptBytes }: { readonly receiptBytes: readonly Uint8Array[] }): Receipt[] =>
  receiptBytes.map(bytes => receiptCodec.decode(bytes))
