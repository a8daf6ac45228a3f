/**
 * One module of the suite in all the ways it runs here: as it is, and instrumented with two memory limits, each of
 * those beside a reference interpreter that says what result and gas must be.
 */
import { decodeAndValidate } from '../../vm/decode.ts'
import { HOST_IMPORT_TYPES } from '../../vm/host-table.ts'
import { compile, Instance } from '../../vm/instance.ts'
import { instrument } from '../../vm/instrument.ts'
import { RESERVED_EXPORT, STACK_SENTINEL } from '../../vm/layout.ts'
import { EXPORT_KIND, type FunctionType, typeOfFunction, type WasmModule } from '../../vm/module.ts'
import { LIMITS } from '../../vm/profile.ts'
import { nameTrap } from '../../vm/trap.ts'
import { Interpreter } from '../reference/interpreter.ts'
import { FLOAT_BITS, Trap, type Value } from '../reference/numbers.ts'
import { type ExactFunction, exactly } from './exact-call.ts'

/** How a call ended: the bits of its result, or a trap in the VM's words. */
export type Ending = { readonly result: Value | undefined } | { readonly trap: string }

export interface Metered {
  readonly ending: Ending
  /** Of a call that came back; a trap takes all there is. */
  readonly gas: bigint | undefined
}

const STACK_OVERFLOW = 'the contract stack is used up'
const FULL = 1n << 61n
/** The most the format knows. */
const UNCAPPED_PAGES = 65_536

/** Exported functions by name, called with exact bits. */
class Exports {
  private readonly exports: WebAssembly.Exports
  private readonly module: WasmModule
  private readonly functions = new Map<string, ExactFunction>()

  constructor(exports: WebAssembly.Exports, module: WasmModule) {
    this.exports = exports
    this.module = module
  }

  call(name: string, args: readonly Value[]): Value | undefined {
    let fn = this.functions.get(name)
    if (fn === undefined) {
      fn = exactly(this.exports[name] as WebAssembly.ExportedFunction, typeOfExport(this.module, name))
      this.functions.set(name, fn)
    }
    return fn(...args)
  }

  global(name: string): Value | undefined {
    const { value } = this.exports[name] as WebAssembly.Global
    const index = this.module.exports.find(e => e.name === name && e.kind === EXPORT_KIND.global)?.index
    const type = this.module.globals[index ?? -1]?.type
    if (type === 0x7d) return FLOAT_BITS.f32Bits(value as number)
    return type === 0x7c ? FLOAT_BITS.f64Bits(value as number) : value
  }
}

function typeOfExport(module: WasmModule, name: string): FunctionType {
  const found = module.exports.find(e => e.name === name && e.kind === EXPORT_KIND.function)
  if (found === undefined) throw new Error(`there is no export ${name}`)
  return typeOfFunction(module, found.index)
}

/** The ending of a call into the engine; an exception that is no trap is nobody's result. */
function ending(run: () => Value | undefined, overflowed: () => boolean): Ending {
  try {
    return { result: run() }
  } catch (error) {
    if (overflowed() || error instanceof RangeError) return { trap: STACK_OVERFLOW }
    if (error instanceof WebAssembly.RuntimeError) return { trap: nameTrap(error.message) }
    throw error
  }
}

/** An instrumented module and its reference. */
class MeteredTrack {
  readonly name: string
  readonly module: WasmModule
  private readonly exports: WebAssembly.Exports
  private readonly functions: Exports
  private readonly reference: Interpreter

  constructor(name: string, module: WasmModule, exports: WebAssembly.Exports, maximumPages: number) {
    this.name = name
    this.module = module
    this.exports = exports
    this.functions = new Exports(exports, module)
    this.reference = new Interpreter(module, { maximumPages })
  }

  call(field: string, args: readonly Value[]): Metered {
    const gas = this.exports[RESERVED_EXPORT.gas] as WebAssembly.Global
    const stack = this.exports[RESERVED_EXPORT.stack] as WebAssembly.Global
    gas.value = FULL
    stack.value = LIMITS.stackWords
    const end = ending(
      () => this.functions.call(field, args),
      () => stack.value === STACK_SENTINEL.overflow,
    )
    return { ending: end, gas: 'trap' in end ? undefined : FULL - gas.value }
  }

  expected(field: string, args: readonly Value[]): Metered {
    const { reference } = this
    reference.gas = 0n
    try {
      const result = reference.invoke(field, args, LIMITS.stackWords)
      return { ending: { result }, gas: reference.gas }
    } catch (error) {
      if (!(error instanceof Trap)) throw error
      return { ending: { trap: error.message }, gas: undefined }
    }
  }

  global(field: string): Value | undefined {
    return this.functions.global(field)
  }

  expectedGlobal(field: string): Value | undefined {
    return this.reference.global(field)
  }
}

export class Tracks {
  readonly metered: readonly MeteredTrack[]
  private readonly raw: Exports
  private readonly pooled: Instance
  private readonly deployed: MeteredTrack
  private readonly history: { line: number; field: string; args: readonly Value[]; answer: Metered }[] = []

  /** Throws a ProfileError if the profile refuses the module. */
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    const module = decodeAndValidate(bytes, HOST_IMPORT_TYPES)
    this.raw = new Exports(new WebAssembly.Instance(new WebAssembly.Module(bytes), {}).exports, module)
    const uncapped = new WebAssembly.Module(instrument(module, { memoryPages: UNCAPPED_PAGES }))
    this.pooled = new Instance(compile(bytes))
    this.pooled.takeSnapshot()
    this.deployed = new MeteredTrack('as deployed', module, this.pooled.exports, LIMITS.memoryPages)
    this.metered = [
      new MeteredTrack(
        'without a memory cap',
        module,
        new WebAssembly.Instance(uncapped, {}).exports,
        UNCAPPED_PAGES,
      ),
      this.deployed,
    ]
  }

  callRaw(field: string, args: readonly Value[]): Ending {
    return ending(
      () => this.raw.call(field, args),
      () => false,
    )
  }

  globalRaw(field: string): Value | undefined {
    return this.raw.global(field)
  }

  callMetered(track: MeteredTrack, line: number, field: string, args: readonly Value[]): Metered {
    const answer = track.call(field, args)
    if (track === this.deployed) this.history.push({ line, field, args, answer })
    return answer
  }

  /** Puts the deployed instance back and makes every call again: the lines that end otherwise now. */
  replay(): { readonly line: number; readonly before: Metered; readonly after: Metered }[] {
    if (!this.pooled.restore()) return []
    return this.history.flatMap(({ line, field, args, answer: before }) => {
      const after = this.deployed.call(field, args)
      return same(before, after) ? [] : [{ line, before, after }]
    })
  }
}

export function same(a: Metered, b: Metered): boolean {
  return a.gas === b.gas && sameEnding(a.ending, b.ending)
}

export function sameEnding(a: Ending, b: Ending): boolean {
  if ('trap' in a || 'trap' in b) return 'trap' in a && 'trap' in b && a.trap === b.trap
  return a.result === b.result
}
