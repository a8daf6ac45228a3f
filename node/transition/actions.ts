/**
 * What each action does to the state, and what it leaves if it fails: nothing.
 *
 * An action gets the gas that is left and says how much it used. Failures are values
 * ({@link ExecutionError}); a thrown error is the node's own fault.
 */
import { ProfileError } from '../../vm/profile.ts'
import type { CallOutcome } from '../../vm/execution.ts'
import { contractAddress, formatAddress } from '../crypto/address.ts'
import { TAGS, taggedHash } from '../crypto/hash.ts'
import { LIMITS } from '../params.ts'
import { type Address, bytesEqual, type Gas } from '../types/primitives.ts'
import type { ExecutionError, ExecutionErrorCode } from '../types/receipt.ts'
import type { SimpleAction, StakeAction } from '../types/transaction.ts'
import {
  accountPlace,
  amountCodec,
  creditAt,
  debitAt,
  readAccount,
  readAccountAt,
  writeAccount,
} from './accounts.ts'
import { callContract, runMethod, STACK_WORDS } from './call.ts'
import { createContract, holdCode, releaseCode } from './code.ts'
import type { Execution } from './execution.ts'
import { runStakeAction } from './staking/staking.ts'

export type ActionOutcome =
  | { readonly ok: true; readonly gasUsed: Gas; readonly returnData: Uint8Array }
  | { readonly ok: false; readonly gasUsed: Gas; readonly error: ExecutionError }

const NO_DATA: Uint8Array = new Uint8Array(0)
const done = (gasUsed: Gas = 0n, returnData = NO_DATA): ActionOutcome => ({ ok: true, gasUsed, returnData })
const fail = (
  code: ExecutionErrorCode,
  message: string,
  gasUsed: Gas = 0n,
  data = NO_DATA,
): ActionOutcome => ({
  ok: false,
  gasUsed,
  error: { code, message: clip(message), data },
})

/** Error messages are bounded on the wire; cut at a character, not inside one. */
const clip = (message: string): string => {
  let text = message.toWellFormed()
  if (Buffer.byteLength(text) <= LIMITS.errorMessageBytes) return text
  text = text.slice(0, LIMITS.errorMessageBytes)
  while (Buffer.byteLength(text) > LIMITS.errorMessageBytes - 3) text = text.slice(0, -1)
  return `${text.toWellFormed()}…`
}

const fromCall = (outcome: CallOutcome): ActionOutcome => {
  switch (outcome.kind) {
    case 'returned':
      return done(outcome.gasUsed, outcome.data)
    case 'reverted':
      return fail('reverted', 'the contract reverted', outcome.gasUsed, outcome.data)
    case 'failed':
      return fail(outcome.code, outcome.message, outcome.gasUsed)
  }
}

/** The VM's profile is the gate; what it refuses is told with its offset and advice. */
const refuseCode = (
  execution: Execution,
  code: Uint8Array,
): { methods: readonly string[] } | ActionOutcome => {
  try {
    return execution.vm.inspect(code)
  } catch (error) {
    if (error instanceof ProfileError) return fail('bad_code', error.message)
    throw error
  }
}
const isOutcome = (value: object): value is ActionOutcome => 'ok' in value

type Run<K extends SimpleAction['kind']> = (
  execution: Execution,
  sender: Address,
  action: Extract<SimpleAction, { kind: K }>,
  gas: Gas,
) => ActionOutcome

/** Not to a contract: it would not hear of it, and most could never pay it out again. */
const transfer: Run<'transfer'> = ({ state, payer }, _sender, { to, amount }) => {
  const payee = accountPlace(to)
  if (readAccountAt(state, payee).contract !== undefined) {
    return fail(
      'not_payable',
      `${formatAddress(to)} is a contract: send value with a call of one of its payable methods`,
    )
  }
  if (!debitAt(state, payer, amount)) {
    const { balance } = readAccountAt(state, payer)
    return fail(
      'insufficient_balance',
      `the transfer of ${amount} units needs more than the ${balance} left after the gas is set aside`,
    )
  }
  creditAt(state, payee, amount)
  return done()
}

const deploy: Run<'deploy'> = (execution, sender, { code, args, value, owner }, gas) => {
  const info = refuseCode(execution, code)
  if (isOutcome(info)) return info
  const { state } = execution
  // The account's nonce already stands behind this transaction's own.
  const nonce = readAccount(state, sender).nonce - 1n
  const address = contractAddress(sender, nonce, execution.created.length)
  if (readAccount(state, address).contract !== undefined) {
    return fail('address_in_use', `there is a contract at ${formatAddress(address)} already`)
  }
  createContract(execution, { address, codeHash: taggedHash(TAGS.code, code), code, owner })
  if (!info.methods.includes('init')) {
    if (args.length === 0 && value === 0n) return done()
    return fail('unknown_method', 'the contract has no init method, so it takes neither arguments nor value')
  }
  return fromCall(
    runMethod(execution, {
      caller: sender,
      to: address,
      method: 'init',
      args,
      value,
      gasLimit: gas,
      stackLimit: STACK_WORDS,
      isStatic: false,
    }),
  )
}

const call: Run<'call'> = (execution, sender, { contract, method, args, value }, gas) =>
  fromCall(
    callContract(execution, {
      caller: sender,
      to: contract,
      method,
      args,
      value,
      gasLimit: gas,
      stackLimit: STACK_WORDS,
      isStatic: false,
    }),
  )

/** The contract's account, if `sender` may change its code. */
const ownedContract = ({ state }: Execution, sender: Address, address: Address) => {
  const account = readAccount(state, address)
  const { contract } = account
  if (contract === undefined)
    return fail('unknown_contract', `there is no contract at ${formatAddress(address)}`)
  if (contract.owner === undefined)
    return fail('not_owner', `${formatAddress(address)} has no owner: its code is final`)
  if (!bytesEqual(contract.owner, sender)) {
    return fail('not_owner', `${formatAddress(address)} belongs to ${formatAddress(contract.owner)}`)
  }
  return { ...account, contract }
}

const upgrade: Run<'upgrade'> = (execution, sender, { contract: address, code, args }, gas) => {
  const owned = ownedContract(execution, sender, address)
  if (isOutcome(owned)) return owned
  const info = refuseCode(execution, code)
  if (isOutcome(info)) return info
  const codeHash = taggedHash(TAGS.code, code)
  holdCode(execution.state, codeHash, code)
  const freed = releaseCode(execution.state, owned.contract.codeHash)
  writeAccount(execution.state, address, { ...owned, contract: { ...owned.contract, codeHash } })
  execution.storageDeltas.push({ contract: address, bytes: BigInt(code.length - freed) })
  if (!info.methods.includes('migrate')) {
    if (args.length === 0) return done()
    return fail('unknown_method', 'the new code has no migrate method, so the upgrade takes no arguments')
  }
  return fromCall(
    runMethod(execution, {
      caller: sender,
      to: address,
      method: 'migrate',
      args,
      value: 0n,
      gasLimit: gas,
      stackLimit: STACK_WORDS,
      isStatic: false,
    }),
  )
}

const stake: Run<StakeAction['kind']> = ({ state, block }, sender, action, gas) => {
  const { staking } = block
  if (staking === undefined) return fail('staking_unavailable', 'there are no validators here')
  const { outcome, gasUsed } = runStakeAction(state, sender, action, { ...block, ...staking })
  if (gasUsed > gas)
    return fail('out_of_gas', `the ${action.kind} takes ${gasUsed} gas; ${gas} was left`, gas)
  return outcome.ok
    ? done(gasUsed, amountCodec.encode(outcome.amount))
    : fail(outcome.code, outcome.message, gasUsed)
}

const setOwner: Run<'setOwner'> = (execution, sender, { contract: address, owner }) => {
  const owned = ownedContract(execution, sender, address)
  if (isOutcome(owned)) return owned
  writeAccount(execution.state, address, { ...owned, contract: { ...owned.contract, owner } })
  return done()
}

export const runAction = (
  execution: Execution,
  sender: Address,
  action: SimpleAction,
  gas: Gas,
): ActionOutcome => {
  switch (action.kind) {
    case 'transfer':
      return transfer(execution, sender, action, gas)
    case 'deploy':
      return deploy(execution, sender, action, gas)
    case 'call':
      return call(execution, sender, action, gas)
    case 'upgrade':
      return upgrade(execution, sender, action, gas)
    case 'setOwner':
      return setOwner(execution, sender, action, gas)
    case 'registerValidator':
    case 'editValidator':
    case 'delegate':
    case 'undelegate':
    case 'withdraw':
    case 'claimRewards':
    case 'unjail':
    case 'submitEvidence':
      return stake(execution, sender, action, gas)
  }
}
