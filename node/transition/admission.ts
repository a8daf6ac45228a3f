/**
 * Whether a transaction may be in a block at all. A block that holds one which may not is invalid; a
 * transaction that may but fails later is charged and leaves a receipt.
 *
 * The same checks answer a user who submits, so each code has one sentence that says what to do.
 */
import { MAX_VALIDITY_BLOCKS } from '../params.ts'
import type { Account } from '../types/account.ts'
import type { Amount, Gas, Height } from '../types/primitives.ts'
import type { ParsedTransaction, TransactionBody } from '../types/transaction.ts'
import { intrinsicGas } from './gas.ts'

export const REFUSAL_CODES = [
  'wrong_chain',
  'bad_signature',
  'gas_limit_too_low',
  'gas_limit_too_high',
  'tip_above_max_fee',
  'fee_below_base',
  'expired',
  'expiry_too_far',
  'nonce_too_low',
  'nonce_too_high',
  'insufficient_balance',
] as const
export type RefusalCode = (typeof REFUSAL_CODES)[number]

export interface Refusal {
  readonly code: RefusalCode
  readonly message: string
}

export interface AdmissionContext {
  readonly chainId: string
  readonly height: Height
  readonly baseFee: Amount
  readonly blockGasLimit: Gas
}

/** What can be told without the state. The signature is not looked at here. */
export const refuseByForm = (parsed: ParsedTransaction, context: AdmissionContext): Refusal | undefined => {
  const { body } = parsed.transaction
  if (body.chainId !== context.chainId) {
    return {
      code: 'wrong_chain',
      message: `the transaction is for chain ${JSON.stringify(body.chainId)}; this is ${JSON.stringify(context.chainId)}. Sign it for this chain`,
    }
  }
  const intrinsic = intrinsicGas(body.action, parsed.bytes.length)
  if (body.gasLimit < intrinsic) {
    return {
      code: 'gas_limit_too_low',
      message: `the gas limit ${body.gasLimit} is below the ${intrinsic} that this transaction costs before it does anything. Use the limit that simulate returns`,
    }
  }
  if (body.gasLimit > context.blockGasLimit) {
    return {
      code: 'gas_limit_too_high',
      message: `the gas limit ${body.gasLimit} is above the block's ${context.blockGasLimit}`,
    }
  }
  if (body.tip > body.maxFee) {
    return {
      code: 'tip_above_max_fee',
      message: `the tip ${body.tip} is above the fee cap ${body.maxFee}. Raise maxFee or lower the tip`,
    }
  }
  return refuseByBlock(body, context)
}

/** Of {@link refuseByForm}, what another block may judge otherwise. */
export const refuseByBlock = (
  { maxFee, validUntilHeight }: Pick<TransactionBody, 'maxFee' | 'validUntilHeight'>,
  { height, baseFee }: Pick<AdmissionContext, 'height' | 'baseFee'>,
): Refusal | undefined => {
  if (maxFee < baseFee) {
    return {
      code: 'fee_below_base',
      message: `maxFee ${maxFee} is below the base fee ${baseFee}. Raise maxFee`,
    }
  }
  if (validUntilHeight < height) {
    return {
      code: 'expired',
      message: `the transaction was valid until height ${validUntilHeight}; the next block is ${height}. Sign it again`,
    }
  }
  if (validUntilHeight > height + MAX_VALIDITY_BLOCKS) {
    return {
      code: 'expiry_too_far',
      message: `validUntilHeight ${validUntilHeight} is more than ${MAX_VALIDITY_BLOCKS} blocks ahead of height ${height}`,
    }
  }
  return undefined
}

/** What the sender's account says. Balances must cover the whole gas limit at the fee cap. */
export const refuseByAccount = (parsed: ParsedTransaction, account: Account): Refusal | undefined => {
  const { body } = parsed.transaction
  if (body.nonce < account.nonce) {
    return {
      code: 'nonce_too_low',
      message: `nonce ${body.nonce} is used; the account's next nonce is ${account.nonce}`,
    }
  }
  if (body.nonce > account.nonce) {
    return {
      code: 'nonce_too_high',
      message: `nonce ${body.nonce} leaves a gap; the account's next nonce is ${account.nonce}`,
    }
  }
  const cost = body.gasLimit * body.maxFee
  if (account.balance < cost) {
    return {
      code: 'insufficient_balance',
      message: `the account holds ${account.balance} units; gasLimit x maxFee may cost ${cost}. Fund the account or lower them`,
    }
  }
  return undefined
}
