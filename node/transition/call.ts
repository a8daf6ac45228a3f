/**
 * Calling a contract, from a transaction or from another contract.
 *
 * Each call has its own checkpoint: whatever a failed call did is undone, its gas is not.
 */
import type { CallOutcome, CallRequest, DeployRequest, FaultCode } from '../../vm/execution.ts'
import { LIMITS as VM_LIMITS } from '../../vm/profile.ts'
import { LIMITS, MAX_CALL_DEPTH } from '../params.ts'
import { type Address, bytesEqual, toAddress, toHash, toHex } from '../types/primitives.ts'
import { contractAddress, formatAddress } from '../crypto/address.ts'
import { credit, debit, readAccount, writeAccount } from './accounts.ts'
import { createContract, loadCode, readCode } from './code.ts'
import { ContractHost } from './contract-host.ts'
import type { Execution } from './execution.ts'
import type { TracedCallKind } from './trace.ts'

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

export type ContractCall = CallRequest & { caller: Address }
export type ContractDeploy = DeployRequest & { deployer: Address }

const tracedKind = ({ method, isStatic }: ContractCall): TracedCallKind => {
  if (isStatic) return 'view'
  return method === 'init' ? 'deploy' : method === 'migrate' ? 'upgrade' : 'call'
}

/** `run`, with a note of it if the execution is traced. */
const traced = (
  execution: Execution,
  call: ContractCall,
  run: (execution: Execution, call: ContractCall) => CallOutcome,
): CallOutcome => {
  const { tracer } = execution
  if (tracer === undefined) return run(execution, call)
  const { caller, to, method, args, value, gasLimit } = call
  const kind = tracedKind(call)
  tracer.enter({ kind, caller, contract: toAddress(to), method, args, value, gasLimit })
  const outcome = run(execution, call)
  tracer.leave(outcome)
  return outcome
}

/** Runs any method, `init` and `migrate` too; {@link callContract} is for everything a user asks. */
export const runMethod = (execution: Execution, call: ContractCall): CallOutcome =>
  traced(execution, call, enterContract)

const enterContract = (execution: Execution, call: ContractCall): CallOutcome => {
  const to = toAddress(call.to)
  const { state, callStack, block, origin } = execution
  if (callStack.length >= MAX_CALL_DEPTH) {
    return failed('call_depth', `calls between contracts go at most ${MAX_CALL_DEPTH} deep`)
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
  execution.tracer?.runs(codeHash, () => loadCode(state, codeHash))
  const isReentered = callStack.some(address => bytesEqual(address, to))
  callStack.push(to)
  let outcome: CallOutcome
  try {
    outcome = execution.vm.execute({
      codeHash: toHex(codeHash),
      code: () => loadCode(state, codeHash),
      method: call.method,
      args: call.args,
      isReentered,
      gasLimit: call.gasLimit,
      stackLimit: call.stackLimit,
      observer: execution.tracer?.observer(),
      host: new ContractHost(execution, context, to, call.isStatic, {
        call: request => callContract(execution, request),
        deploy: request => deployContract(execution, request),
      }),
    })
  } finally {
    callStack.pop()
  }
  if (outcome.kind !== 'returned') execution.revertTo(mark)
  return outcome
}

export const callContract = (execution: Execution, call: ContractCall): CallOutcome => {
  if ((LIFECYCLE_METHODS as readonly string[]).includes(call.method)) {
    return traced(execution, call, () =>
      failed(
        'unknown_method',
        `"${call.method}" runs only when a contract is deployed or upgraded; it cannot be called`,
      ),
    )
  }
  return runMethod(execution, call)
}

/**
 * A contract makes another from code that is on chain, at hash(its address, how many it made before). Nobody owns
 * the new one. If its init fails, or there is none and it was to get arguments or value, nothing is left.
 */
export const deployContract = (execution: Execution, request: ContractDeploy): CallOutcome => {
  const { state, created } = execution
  const { deployer, args, value, gasLimit, stackLimit } = request
  if (created.length >= LIMITS.contractsPerTransaction) {
    return failed(
      'limit_exceeded',
      `contracts make at most ${LIMITS.contractsPerTransaction} others in a transaction`,
    )
  }
  const codeHash = toHash(request.codeHash)
  const code = readCode(state, codeHash)
  if (code === undefined) {
    return failed('unknown_contract', `no contract runs code with the hash ${toHex(codeHash)}`)
  }
  const mark = execution.checkpoint()
  const maker = readAccount(state, deployer)
  const address = contractAddress(deployer, maker.nonce)
  writeAccount(state, deployer, { ...maker, nonce: maker.nonce + 1n })
  createContract(execution, { address, codeHash, code, owner: undefined })
  const outcome = runMethod(execution, {
    caller: deployer,
    to: address,
    method: 'init',
    args,
    value,
    gasLimit,
    stackLimit,
    isStatic: false,
  })
  const hasNoInit = outcome.kind === 'failed' && outcome.code === 'unknown_method'
  if (outcome.kind === 'returned' || (hasNoInit && args.length === 0 && value === 0n)) {
    return { kind: 'returned', data: address, gasUsed: outcome.gasUsed }
  }
  execution.revertTo(mark)
  return outcome
}
