/** A call of a contract by the reference interpreter: what `Vm.execute` must answer, worked out the slow way. */
import { decodeAndValidate } from '../../vm/decode.ts'
import { type CallOutcome, ContractFault, type ExecuteRequest, type FaultCode } from '../../vm/execution.ts'
import { Frame, Revert } from '../../vm/frame.ts'
import { HOST_CALL_GAS } from '../../vm/gas.ts'
import { HOST_FUNCTIONS, HOST_IMPORT_TYPES } from '../../vm/host-table.ts'
import { RESERVED_EXPORT } from '../../vm/layout.ts'
import { START_EXPORT } from '../../vm/module.ts'
import { LIMITS } from '../../vm/profile.ts'
import { Interpreter } from './interpreter.ts'
import { FLOAT_BITS, Trap, type Value } from './numbers.ts'

export type ReferenceRequest = Omit<ExecuteRequest, 'codeHash' | 'code'>

export interface ReferenceOutcome {
  readonly outcome: CallOutcome
  /** Arithmetic made a NaN, whose bits a module that is not instrumented may see otherwise. */
  readonly sawNan: boolean
  /** Used when it ended, whatever the outcome says. */
  readonly gasSpent: bigint
}

/**
 * `gasLimit` has to be enough: when a call runs out of gas, what it did before depends on where the VM looks, and a
 * trap may be found first.
 */
export function referenceExecute(code: Uint8Array, request: ReferenceRequest): ReferenceOutcome {
  const { gasLimit, stackLimit, host, args } = request
  const module = decodeAndValidate(code, HOST_IMPORT_TYPES)
  const machine: Interpreter = new Interpreter(module, {
    maximumPages: LIMITS.memoryPages,
    host: (name, values) => callHost(frame, name, values),
  })
  const frame = new Frame(exportsOf(machine, gasLimit), host, args)
  const run = (): CallOutcome => {
    try {
      if (module.exports.some(({ name }) => name === START_EXPORT)) {
        machine.invoke(START_EXPORT, [], Math.min(stackLimit, LIMITS.startStackWords))
      }
      machine.invoke(request.method, [], stackLimit)
      return { kind: 'returned', data: frame.returnData, gasUsed: machine.gas }
    } catch (error) {
      if (error instanceof Trap) return failed(error.code, error.message, gasLimit)
      if (error instanceof Revert)
        return { kind: 'reverted', data: error.data, gasUsed: gasLimit - frame.gas }
      if (error instanceof ContractFault) return failed(error.code, error.message, gasLimit - frame.gas)
      throw error
    }
  }
  const outcome = run()
  const isExact = outcome.kind !== 'failed' || outcome.gasUsed < gasLimit
  return { outcome, sawNan: machine.sawNan, gasSpent: isExact ? outcome.gasUsed : machine.gas }
}

function failed(code: FaultCode, message: string, gasUsed: bigint): CallOutcome {
  return { kind: 'failed', code, message, gasUsed }
}

/** The VM's own host function; what it does is not what the reference is for. */
export function callHost(frame: Frame, name: string, values: readonly Value[]): Value | undefined {
  const fn = HOST_FUNCTIONS.get(name)
  if (fn === undefined) throw new Error(`there is no host function ${name}`)
  frame.enter(fn, HOST_CALL_GAS)
  const result = fn.run(
    frame,
    ...values.map((value, i) => (fn.params[i] === 'f64' ? FLOAT_BITS.f64(value) : value)),
  )
  frame.leave()
  if (result === undefined) return undefined
  if (fn.result === 'f64') return FLOAT_BITS.f64Bits(result as number)
  return fn.result === 'i64' ? BigInt.asIntN(64, result as bigint) : (result as number) | 0
}

/** The interpreter's gas, stack and memory as the exports that a Frame reads and writes. */
function exportsOf(machine: Interpreter, gasLimit: bigint): WebAssembly.Exports {
  const gas = {
    get value(): bigint {
      return gasLimit - machine.gas
    },
    set value(left: bigint) {
      machine.gas = gasLimit - left
    },
  }
  const stack = {
    get value(): number {
      return machine.stackWords
    },
  }
  const memory = {
    get buffer(): ArrayBuffer {
      return machine.memory.buffer
    },
  }
  return {
    [RESERVED_EXPORT.gas]: gas,
    [RESERVED_EXPORT.stack]: stack,
    [RESERVED_EXPORT.memory]: memory,
  }
}
