/**
 * Calling a contract, from a transaction or from another contract.
 *
 * Each call has its own checkpoint: whatever a failed call did is undone, its gas is not.
 */
import type { CallOutcome, CallRequest, FaultCode } from '../../vm/execution.ts'
import { LIMITS as VM_LIMITS } from '../../vm/profile.ts'
import { MAX_CALL_DEPTH } from '../params.ts'
import { codeKey } from '../state/keys.ts'
import { type Address, bytesEqual, type Hash, toAddress, toHex } from '../types/primitives.ts'
import { formatAddress } from '../crypto/address.ts'
import { credit, debit, readAccount } from './accounts.ts'
import { ContractHost } from './contract-host.ts'
import type { Execution } from './execution.ts'

/** Methods that only a deploy or an upgrade may run. */
export const LIFECYCLE_METHODS = ['init', 'migrate'] as const

/** The contract stack that a transaction or a view starts with. */
export const STACK_WORDS = VM_LIMITS.stackWords

const failed = (code: FaultCode, message: string): CallOutcome => ({
  kind: 'failed',
  code,
  message,
  gasUsed: 0n,
})

const loadCode = (execution: Execution, codeHash: Hash): Uint8Array => {
  const code = execution.state.get(codeKey(codeHash))
  if (code === undefined) throw new Error(`the state holds no code for hash ${toHex(codeHash)}`)
  return code
}

export type ContractCall = CallRequest & { caller: Address }

/** Runs any method, `init` and `migrate` too; {@link callContract} is for everything a user asks. */
export const runMethod = (execution: Execution, call: ContractCall): CallOutcome => {
  const to = toAddress(call.to)
  const { state, callStack, block, origin } = execution
  if (callStack.length >= MAX_CALL_DEPTH) {
    return failed('call_depth', `calls between contracts go at most ${MAX_CALL_DEPTH} deep`)
  }
  if (callStack.some(address => bytesEqual(address, to))) {
    return failed(
      'reentrancy',
      `${formatAddress(to)} is already running; it cannot be called again from within`,
    )
  }
  const contract = readAccount(state, to).contract
  if (contract === undefined) {
    return failed('unknown_contract', `there is no contract at ${formatAddress(to)}`)
  }
  const mark = execution.checkpoint()
  if (!debit(state, call.caller, call.value)) {
    return failed(
      'insufficient_balance',
      `${formatAddress(call.caller)} holds less than the ${call.value} units of the call's value`,
    )
  }
  credit(state, to, call.value)
  const context = {
    caller: call.caller,
    origin,
    self: to,
    value: call.value,
    height: block.height,
    timeMs: block.timeMs,
    chainId: block.chainId,
  }
  const { codeHash } = contract
  callStack.push(to)
  let outcome: CallOutcome
  try {
    outcome = execution.vm.execute({
      codeHash: toHex(codeHash),
      code: () => loadCode(execution, codeHash),
      method: call.method,
      args: call.args,
      gasLimit: call.gasLimit,
      stackLimit: call.stackLimit,
      host: new ContractHost(execution, context, to, call.isStatic, request =>
        callContract(execution, request),
      ),
    })
  } finally {
    callStack.pop()
  }
  if (outcome.kind !== 'returned') execution.revertTo(mark)
  return outcome
}

export const callContract = (execution: Execution, call: ContractCall): CallOutcome => {
  if ((LIFECYCLE_METHODS as readonly string[]).includes(call.method)) {
    return failed(
      'unknown_method',
      `"${call.method}" runs only when a contract is deployed or upgraded; it cannot be called`,
    )
  }
  return runMethod(execution, call)
}
