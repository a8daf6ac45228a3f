/**
 * One transaction, from account to receipt.
 *
 *   1. admission (admission.ts): may it be in this block? If not, nothing happens and the block is invalid.
 *   2. the sender pays gasLimit x price, its nonce moves on. Neither is ever undone.
 *   3. the actions run, all or nothing, with gasLimit - intrinsic gas.
 *   4. the storage deposit of what they added or freed is settled with the sender.
 *   5. unused gas is paid back; the base fee of the used gas is burned, the tip is the proposer's.
 */
import { formatAddress } from '../crypto/address.ts'
import { STORAGE_DEPOSIT_PER_BYTE } from '../params.ts'
import { type Address, type Amount, type Gas, toHex, toLatin1 } from '../types/primitives.ts'
import type { ExecutionError, Receipt } from '../types/receipt.ts'
import type { Action, ParsedTransaction } from '../types/transaction.ts'
import { accountPlace, creditAt, debitAt, readAccountAt, writeAccountAt } from './accounts.ts'
import { runAction } from './actions.ts'
import { type AdmissionContext, type Refusal, refuseByAccount, refuseByForm } from './admission.ts'
import type { Execution, StorageDelta } from './execution.ts'
import { gasPrice, intrinsicGas, simpleActions } from './gas.ts'

export type TransactionOutcome =
  | { readonly kind: 'included'; readonly receipt: Receipt; readonly burned: Amount; readonly tip: Amount }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

const NO_DATA = new Uint8Array(0)

const runActions = (
  execution: Execution,
  sender: Address,
  action: Action,
  gas: Gas,
): { gasUsed: Gas; returnData: Uint8Array; error: ExecutionError | undefined } => {
  let gasUsed = 0n
  let returnData: Uint8Array = NO_DATA
  for (const each of simpleActions(action)) {
    const outcome = runAction(execution, sender, each, gas - gasUsed)
    gasUsed += outcome.gasUsed
    if (!outcome.ok) return { gasUsed, returnData: NO_DATA, error: outcome.error }
    returnData = outcome.returnData
  }
  return { gasUsed, returnData, error: undefined }
}

/** One for each contract, in the order in which they first wrote. */
const sumByContract = (deltas: readonly StorageDelta[]): Iterable<StorageDelta> => {
  const sums = new Map<string, StorageDelta>()
  for (const { contract, bytes } of deltas) {
    const name = toLatin1(contract)
    sums.set(name, { contract, bytes: (sums.get(name)?.bytes ?? 0n) + bytes })
  }
  return sums.values()
}

interface Settlement {
  readonly paid: Amount
  readonly returned: Amount
  readonly error: ExecutionError | undefined
}

/** Moves deposits between the sender and the contracts whose storage grew or shrank. */
const settleDeposits = ({ state, storageDeltas, payer }: Execution): Settlement => {
  let paid = 0n
  let returned = 0n
  for (const { contract: address, bytes } of sumByContract(storageDeltas)) {
    if (bytes === 0n) continue
    const place = accountPlace(address)
    const account = readAccountAt(state, place)
    const { contract } = account
    if (contract === undefined) throw new Error(`storage of ${formatAddress(address)}, which is no contract`)
    const deposit = bytes * STORAGE_DEPOSIT_PER_BYTE
    if (deposit > 0n && !debitAt(state, payer, deposit)) {
      const message = `the transaction stores ${bytes} bytes more in ${formatAddress(address)}; the sender lacks their deposit of ${deposit} units`
      return { paid: 0n, returned: 0n, error: { code: 'insufficient_deposit', message, data: NO_DATA } }
    }
    writeAccountAt(state, place, {
      ...account,
      contract: {
        ...contract,
        storageBytes: contract.storageBytes + bytes,
        deposit: contract.deposit + deposit,
      },
    })
    if (deposit > 0n) {
      paid += deposit
    } else {
      creditAt(state, payer, -deposit)
      returned -= deposit
    }
  }
  return { paid, returned, error: undefined }
}

const NOTHING_SETTLED = { paid: 0n, returned: 0n }

/** The signature has been checked by the caller. `gasLeft` is what the block still has room for. */
export const applyTransaction = (
  execution: Execution,
  parsed: ParsedTransaction,
  context: AdmissionContext,
  gasLeft: Gas,
): TransactionOutcome => {
  const { state, payer } = execution
  const { sender } = parsed
  const { body } = parsed.transaction
  const account = readAccountAt(state, payer)
  const refusal = refuseByForm(parsed, context) ?? refuseByAccount(parsed, account)
  if (refusal !== undefined) return { kind: 'refused', refusal }
  if (body.gasLimit > gasLeft) {
    return {
      kind: 'refused',
      refusal: {
        code: 'gas_limit_too_high',
        message: `the block has room for ${gasLeft} gas; the limit is ${body.gasLimit}`,
      },
    }
  }

  const price = gasPrice(body, context.baseFee)
  writeAccountAt(state, payer, {
    ...account,
    nonce: account.nonce + 1n,
    balance: account.balance - body.gasLimit * price,
  })

  execution.isBatch = body.action.kind === 'batch'
  const mark = execution.checkpoint()
  const intrinsic = intrinsicGas(body.action, parsed.bytes.length)
  const run = runActions(execution, sender, body.action, body.gasLimit - intrinsic)
  const settlement = run.error === undefined ? settleDeposits(execution) : undefined
  const error = run.error ?? settlement?.error
  if (error === undefined) execution.keepDraws()
  else execution.revertTo(mark)

  const gasUsed = intrinsic + run.gasUsed
  if (gasUsed > body.gasLimit)
    throw new Error(`transaction ${toHex(parsed.id)} used ${gasUsed} gas of ${body.gasLimit}`)
  creditAt(state, payer, (body.gasLimit - gasUsed) * price)
  const burned = gasUsed * context.baseFee
  const feePaid = gasUsed * price
  const deposits = settlement ?? NOTHING_SETTLED
  const receipt: Receipt = {
    transactionId: parsed.id,
    status: error === undefined ? 'success' : 'failed',
    gasUsed,
    feePaid,
    depositPaid: deposits.paid,
    depositReturned: deposits.returned,
    returnData: error === undefined ? run.returnData : NO_DATA,
    created: [...execution.created],
    events: [...execution.events],
    error,
  }
  return { kind: 'included', receipt, burned, tip: feePaid - burned }
}
