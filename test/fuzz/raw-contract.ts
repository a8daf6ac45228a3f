/** A contract as its author compiled it, nothing instrumented, with the same host functions and gas without end. */
import { type CallOutcome, ContractFault } from '../../vm/execution.ts'
import { Frame, Revert } from '../../vm/frame.ts'
import { HOST_CALL_GAS } from '../../vm/gas.ts'
import { HOST_FUNCTIONS } from '../../vm/host-table.ts'
import { RESERVED_EXPORT } from '../../vm/layout.ts'
import { START_EXPORT } from '../../vm/module.ts'
import { LIMITS } from '../../vm/profile.ts'
import { nameTrap } from '../../vm/trap.ts'
import type { RecordingHost } from '../unit/vm/recording-host.ts'

export class RawContract {
  private readonly module: WebAssembly.Module
  readonly host: RecordingHost

  constructor(code: Uint8Array, host: RecordingHost) {
    this.module = new WebAssembly.Module(Uint8Array.from(code))
    this.host = host
  }

  /** On an instance of its own. Gas is nothing. */
  call(method: string, args: Uint8Array): CallOutcome {
    let frame: Frame | undefined
    const env: Record<string, (...values: (number | bigint)[]) => unknown> = {}
    for (const [name, fn] of HOST_FUNCTIONS) {
      env[name] = (...values) => {
        if (frame === undefined) throw new Error(`${name} was called before the call`)
        frame.enter(fn, HOST_CALL_GAS)
        const result = fn.run(frame, ...values)
        frame.leave()
        return result
      }
    }
    const { exports } = new WebAssembly.Instance(this.module, { env })
    frame = new Frame(
      {
        [RESERVED_EXPORT.gas]: { value: 1n << 61n },
        [RESERVED_EXPORT.stack]: { value: LIMITS.stackWords },
        [RESERVED_EXPORT.memory]: exports['memory'],
      },
      this.host,
      args,
    )
    try {
      ;(exports[START_EXPORT] as WebAssembly.ExportedFunction | undefined)?.()
      ;(exports[method] as WebAssembly.ExportedFunction)()
      return { kind: 'returned', data: frame.returnData, gasUsed: 0n }
    } catch (error) {
      if (error instanceof Revert) return { kind: 'reverted', data: error.data, gasUsed: 0n }
      if (error instanceof ContractFault) {
        return { kind: 'failed', code: error.code, message: error.message, gasUsed: 0n }
      }
      if (!(error instanceof WebAssembly.RuntimeError)) throw error
      return { kind: 'failed', code: 'trapped', message: nameTrap(error.message), gasUsed: 0n }
    }
  }
}
