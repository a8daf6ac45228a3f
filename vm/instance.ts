/**
 * A compiled contract and its instances. A call gets an instance whose memory and globals are as `_start` left
 * them: a new one, or one that served before and was put back. Which of the two cannot be told from a result: an
 * instance is kept only if its `_start` asked the host nothing, the gas `_start` used is charged again to each
 * call, and one whose memory grew is dropped.
 */
import { decode } from './decode.ts'
import { type ExecuteRequest, type Host } from './execution.ts'
import { Frame } from './frame.ts'
import { HOST_CALL_GAS } from './gas.ts'
import type { HostFunction } from './host-function.ts'
import { HOST_FUNCTIONS, HOST_IMPORT_TYPES } from './host-table.ts'
import { instrument, instrumentWithProbe } from './instrument.ts'
import {
  cacheKey,
  decodeEntry,
  encodeEntry,
  type Instrumented,
  type InstrumentedCache,
} from './instrumented-cache.ts'
import { RESERVED_EXPORT } from './layout.ts'
import { EXPORT_KIND, START_EXPORT, typeOfFunction, type WasmModule } from './module.ts'
import { NodeFault } from './node-fault.ts'
import type { Probe } from './probe.ts'
import { ProfileError } from './profile.ts'

export interface CompiledModule {
  readonly module: WebAssembly.Module
  readonly hostFunctions: readonly HostFunction[]
  readonly methods: ReadonlySet<string>
  readonly reentrant: ReadonlySet<string>
  readonly hasStart: boolean
  /** Instances ready for a call. */
  readonly idle: Instance[]
}

/** Exported functions of type [] -> [], in the order of the module. */
export function methodsOf(module: WasmModule): string[] {
  return module.exports
    .filter(({ name, kind, index }) => {
      if (kind !== EXPORT_KIND.function || name === START_EXPORT) return false
      const { params, result } = typeOfFunction(module, index)
      return params.length === 0 && result === undefined
    })
    .map(({ name }) => name)
}

/** For code that `inspect` accepted: anything wrong with it now is the node's fault. */
export function compile(code: Uint8Array): CompiledModule {
  return faultless(() => toModule(instrumentCode(code)))
}

/** The same, by way of the cache: `code` is not asked for if an entry serves. */
export function compileCached(
  codeHash: string,
  code: () => Uint8Array,
  cache: InstrumentedCache,
): CompiledModule {
  const key = cacheKey(codeHash)
  const entry = cache.read(key)
  const kept = entry === undefined ? undefined : decodeEntry(key, entry)
  try {
    if (kept !== undefined) return toModule(kept)
  } catch (error) {
    // A damaged entry is made again from the code.
    if (!(error instanceof WebAssembly.CompileError)) throw error
  }
  return faultless(() => {
    const instrumented = instrumentCode(code())
    const compiled = toModule(instrumented)
    cache.write(key, encodeEntry(key, instrumented))
    return compiled
  })
}

function faultless<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof ProfileError || error instanceof WebAssembly.CompileError) {
      throw new NodeFault(`deployed code does not compile: ${error.message}`, { cause: error })
    }
    throw error
  }
}

export interface ObservedModule {
  readonly compiled: CompiledModule
  readonly probe: Probe
}

/** For observed calls: it costs more time, and nothing of it is kept on disk. */
export function compileObserved(code: Uint8Array): ObservedModule {
  return faultless(() => {
    const module = decode(code, HOST_IMPORT_TYPES)
    const { wasm, probe } = instrumentWithProbe(module)
    return { compiled: toModule({ ...describe(module), wasm }), probe }
  })
}

function instrumentCode(code: Uint8Array): Instrumented {
  const module = decode(code, HOST_IMPORT_TYPES)
  return { ...describe(module), wasm: instrument(module) }
}

function describe(module: WasmModule): Omit<Instrumented, 'wasm'> {
  return {
    hostFunctions: module.imports.map(({ name }) => name),
    methods: methodsOf(module),
    reentrant: [...module.reentrant],
    hasStart: module.exports.some(({ name }) => name === START_EXPORT),
  }
}

function toModule({ wasm, hostFunctions, methods, reentrant, hasStart }: Instrumented): CompiledModule {
  return {
    module: new WebAssembly.Module(wasm),
    hostFunctions: hostFunctions.map(name => HOST_FUNCTIONS.get(name) as HostFunction),
    methods: new Set(methods),
    reentrant: new Set(reentrant),
    hasStart,
    idle: [],
  }
}

/** Of an observed call, see call-track.ts. */
export interface HostWatch {
  attach(exports: WebAssembly.Exports): void
  host<T>(name: string, instance: Pick<Instance, 'frame' | 'gas'>, work: () => T): T
}

export class Instance {
  readonly exports: WebAssembly.Exports
  /** The call that runs in it. */
  frame: Frame | undefined
  /** Set once it can be put back. */
  private snapshot: { readonly memory: Uint8Array; readonly memoryBytes: number } | undefined
  /** What `_start` used. */
  startGas = 0n

  constructor({ module, hostFunctions }: CompiledModule, watch?: HostWatch) {
    const env: Record<string, (...args: never[]) => unknown> = {}
    for (const fn of hostFunctions) env[fn.name] = this.bind(fn, watch)
    this.exports = instantiate(module, { env })
    watch?.attach(this.exports)
  }

  /** The host function as an import of this instance: gas in, charge, work, gas out. */
  private bind(fn: HostFunction, watch: HostWatch | undefined): (...args: (number | bigint)[]) => unknown {
    const call = (...args: (number | bigint)[]): unknown => {
      const { frame } = this
      if (frame === undefined) throw new NodeFault(`${fn.name} was called outside a call`)
      try {
        frame.enter(fn, HOST_CALL_GAS)
        const result = fn.run(frame, ...args)
        frame.leave()
        return result
      } catch (error) {
        frame.thrown = { error }
        throw error
      }
    }
    if (watch === undefined) return call
    return (...args) => watch.host(fn.name, this, () => call(...args))
  }

  begin(host: Host, request: ExecuteRequest): Frame {
    this.frame = new Frame(this.exports, host, request.args)
    return this.frame
  }

  get gas(): bigint {
    return (this.exports[RESERVED_EXPORT.gas] as WebAssembly.Global & { value: bigint }).value
  }

  set gas(units: bigint) {
    ;(this.exports[RESERVED_EXPORT.gas] as WebAssembly.Global & { value: bigint }).value = units
  }

  get stack(): number {
    return (this.exports[RESERVED_EXPORT.stack] as WebAssembly.Global & { value: number }).value
  }

  set stack(words: number) {
    ;(this.exports[RESERVED_EXPORT.stack] as WebAssembly.Global & { value: number }).value = words
  }

  run(name: string): void {
    ;(this.exports[name] as WebAssembly.ExportedFunction)()
  }

  private get memory(): Uint8Array {
    const memory = this.exports[RESERVED_EXPORT.memory] as WebAssembly.Memory | undefined
    return memory === undefined ? new Uint8Array(0) : new Uint8Array(memory.buffer)
  }

  /** Remembers the state to go back to: after `_start`, before the first method. */
  takeSnapshot(): void {
    const { memory } = this
    let used = memory.length
    while (used > 0 && memory[used - 1] === 0) used--
    this.snapshot = { memory: memory.slice(0, used), memoryBytes: memory.length }
    this.run(RESERVED_EXPORT.snapshot)
  }

  /** Back to the snapshot. False if that cannot be done: drop the instance. */
  restore(): boolean {
    this.frame = undefined
    const { memory, snapshot } = this
    if (snapshot === undefined || memory.length !== snapshot.memoryBytes) return false
    memory.set(snapshot.memory)
    memory.fill(0, snapshot.memory.length)
    this.run(RESERVED_EXPORT.reset)
    return true
  }
}

function instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Exports {
  try {
    return new WebAssembly.Instance(module, imports).exports
  } catch (error) {
    throw new NodeFault('the engine could not make an instance', { cause: error })
  }
}
