/** One call in one instance, and what each way of ending means: see vm.ts. */
import type { CallTrack } from './call-track.ts'
import { type CallOutcome, ContractFault, type ExecuteRequest } from './execution.ts'
import { Revert } from './frame.ts'
import type { Instance } from './instance.ts'
import { STACK_SENTINEL } from './layout.ts'
import { START_EXPORT } from './module.ts'
import { NodeFault } from './node-fault.ts'
import { LIMITS } from './profile.ts'
import { nameTrap } from './trap.ts'

export interface CallSetup {
  readonly hasStart: boolean
  /** The instance has not run `_start`. */
  readonly isNew: boolean
  /** Of a new instance that serves once. */
  readonly track?: CallTrack
}

export function runCall(
  instance: Instance,
  request: ExecuteRequest,
  { hasStart, isNew, track }: CallSetup,
): CallOutcome {
  const { gasLimit, stackLimit } = request
  const frame = instance.begin(request.host, request)
  try {
    if (isNew) {
      instance.gas = gasLimit
      instance.stack = Math.min(stackLimit, LIMITS.startStackWords)
      if (hasStart) {
        track?.begins()
        instance.run(START_EXPORT)
      }
      if (instance.gas < 0n) return outOfGas(gasLimit)
      instance.startGas = gasLimit - instance.gas
      if (frame.hostCalls === 0 && track === undefined) instance.takeSnapshot()
    } else {
      instance.gas = gasLimit - instance.startGas
      if (instance.gas < 0n) return outOfGas(gasLimit)
    }
    instance.stack = stackLimit
    track?.begins()
    instance.run(request.method)
    if (instance.gas < 0n) return outOfGas(gasLimit)
    return { kind: 'returned', data: frame.returnData, gasUsed: gasLimit - instance.gas }
  } catch (error) {
    track?.caught(error)
    if (frame.thrown !== undefined && frame.thrown.error === error) {
      return hostEnd(error, gasLimit, frame.gas)
    }
    return engineEnd(error, instance, gasLimit)
  }
}

/** An exception that came out of a host function: the end of the call, or the node's own failure. */
function hostEnd(error: unknown, gasLimit: bigint, gasLeft: bigint): CallOutcome {
  if (error instanceof Revert) return { kind: 'reverted', data: error.data, gasUsed: gasLimit - gasLeft }
  if (!(error instanceof ContractFault)) throw error
  if (error.code === 'out_of_gas') return outOfGas(gasLimit)
  return failed(error.code, error.message, gasLimit - gasLeft)
}

/** An exception of the engine: a trap, or it could not go on. */
function engineEnd(error: unknown, instance: Instance, gasLimit: bigint): CallOutcome {
  if (!(error instanceof WebAssembly.RuntimeError)) {
    throw new NodeFault('the engine could not run a contract to its end', { cause: error })
  }
  if (instance.gas < 0n) return outOfGas(gasLimit)
  if (instance.stack === STACK_SENTINEL.overflow) {
    return failed('stack_overflow', 'the contract stack is used up', gasLimit)
  }
  if (instance.stack === STACK_SENTINEL.engineOutOfMemory) {
    throw new NodeFault('the engine refused a contract memory it is entitled to', { cause: error })
  }
  return failed('trapped', nameTrap(error.message), gasLimit)
}

function outOfGas(gasLimit: bigint): CallOutcome {
  return failed('out_of_gas', `the call needs more than ${gasLimit} gas`, gasLimit)
}

export function failed(code: ContractFault['code'], message: string, gasUsed: bigint): CallOutcome {
  return { kind: 'failed', code, message, gasUsed }
}
