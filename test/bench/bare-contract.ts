/**
 * A contract's module with the VM's host functions around it and nothing else: no pool, no reset, no profile. So a
 * module with metering and the same module without can be compared, with the host's part alike in both.
 */
import type { Host } from '../../vm/execution.ts'
import { Frame } from '../../vm/frame.ts'
import { HOST_CALL_GAS } from '../../vm/gas.ts'
import { HOST_FUNCTIONS } from '../../vm/host-table.ts'
import { RESERVED_EXPORT } from '../../vm/layout.ts'
import { LIMITS } from '../../vm/profile.ts'
import { BenchError } from './error.ts'

const PLENTY_OF_GAS = 1n << 60n

export class BareContract {
  readonly #exports: WebAssembly.Exports
  readonly #gas: WebAssembly.Global & { value: bigint }
  /** What a Frame looks for: the module's own, or made up for one without metering. */
  readonly #frameExports: WebAssembly.Exports
  readonly #host: Host
  #frame: Frame | undefined

  /** `imports`: the names of the host functions it uses. */
  constructor(module: WebAssembly.Module, imports: readonly string[], host: Host) {
    this.#host = host
    const env: Record<string, (...args: never[]) => unknown> = {}
    for (const name of imports) env[name] = this.#bind(name)
    this.#exports = new WebAssembly.Instance(module, { env }).exports
    const gas =
      this.#exports[RESERVED_EXPORT.gas] ?? new WebAssembly.Global({ value: 'i64', mutable: true }, 0n)
    const stack =
      this.#exports[RESERVED_EXPORT.stack] ?? new WebAssembly.Global({ value: 'i32', mutable: true }, 0)
    const memory = this.#exports[RESERVED_EXPORT.memory] ?? this.#exports['memory']
    if (memory === undefined) throw new BenchError('wrong_result', 'the contract exports no memory')
    this.#gas = gas as WebAssembly.Global & { value: bigint }
    ;(stack as WebAssembly.Global & { value: number }).value = LIMITS.stackWords
    this.#frameExports = {
      [RESERVED_EXPORT.gas]: gas,
      [RESERVED_EXPORT.stack]: stack,
      [RESERVED_EXPORT.memory]: memory,
    }
    this.call('_start', new Uint8Array(0))
  }

  #bind(name: string): (...args: (number | bigint)[]) => unknown {
    const fn = HOST_FUNCTIONS.get(name)
    if (fn === undefined) throw new BenchError('wrong_result', `there is no host function ${name}`)
    return (...args) => {
      const frame = this.#frame as Frame
      frame.enter(fn, HOST_CALL_GAS)
      const result = fn.run(frame, ...args)
      frame.leave()
      return result
    }
  }

  call(method: string, args: Uint8Array): void {
    this.#gas.value = PLENTY_OF_GAS
    this.#frame = new Frame(this.#frameExports, this.#host, args)
    ;(this.#exports[method] as () => void)()
  }
}
