import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { decodeAndValidate } from '../../../vm/decode.ts'
import { HOST_IMPORT_TYPES } from '../../../vm/host-table.ts'
import { instrument } from '../../../vm/instrument.ts'
import { RESERVED_EXPORT, STACK_SENTINEL } from '../../../vm/layout.ts'
import { LIMITS, ProfileError } from '../../../vm/profile.ts'
import { Interpreter, Trap, Unsupported } from './interpreter.ts'

interface Value {
  readonly type: string
  readonly value: string
}

interface Command {
  readonly type: string
  readonly line: number
  readonly name?: string
  readonly filename?: string
  readonly module_type?: string
  readonly action?: {
    readonly type: string
    readonly module?: string
    readonly field: string
    readonly args: Value[]
  }
}

interface SpecFile {
  readonly commands: readonly Command[]
  readonly modules: Readonly<Record<string, string>>
}

const suite = JSON.parse(
  gunzipSync(readFileSync(new URL('../../vectors/wasm/spec-core.json.gz', import.meta.url))).toString(),
) as { files: Record<string, SpecFile>; differs_from_v8_node20: [string, number, string][] }
/** The suite is older than the engine: what it still calls invalid here has become valid. */
const outdated = new Set(suite.differs_from_v8_node20.map(entry => entry.join(' ')))

/** A module twice: as it is and instrumented. */
interface Pair {
  readonly raw: WebAssembly.Instance
  readonly metered: WebAssembly.Instance
  /** The reference for gas, as long as the module stays within what it can do. */
  reference: Interpreter | undefined
}

const FULL = 1n << 61n

const toJs: Record<string, (value: string) => number | bigint> = {
  i32: value => Number(value) | 0,
  i64: value => BigInt.asIntN(64, BigInt(value)),
  f32: value => new Float32Array(Uint32Array.of(Number(value)).buffer)[0] as number,
  f64: value => new Float64Array(BigUint64Array.of(BigInt(value)).buffer)[0] as number,
}

function instantiatePair(bytes: Uint8Array<ArrayBuffer>): Pair {
  const module = decodeAndValidate(bytes, HOST_IMPORT_TYPES)
  const metered = new WebAssembly.Module(instrument(module, { memoryPages: 65_536 }))
  const pair: Pair = {
    raw: new WebAssembly.Instance(new WebAssembly.Module(bytes), {}),
    metered: new WebAssembly.Instance(metered, {}),
    reference: undefined,
  }
  const memory = pair.metered.exports[RESERVED_EXPORT.memory] as WebAssembly.Memory | undefined
  withinReference(pair, () => {
    pair.reference = new Interpreter(module, new Uint8Array(memory?.buffer ?? new ArrayBuffer(0)), 65_536)
  })
  return pair
}

/** Gives up on the reference when the module needs more than it can do. */
function withinReference(pair: Pair, use: () => void): void {
  try {
    use()
  } catch (error) {
    if (!(error instanceof Unsupported) && !(error instanceof RangeError)) throw error
    pair.reference = undefined
  }
}

/** Gas of the same call by the reference; undefined if it traps or cannot be told. */
function referenceGas(pair: Pair, field: string, args: readonly Value[]): bigint | undefined {
  let gas: bigint | undefined
  withinReference(pair, () => {
    if (pair.reference === undefined) return
    if (args.some(({ type }) => type !== 'i32' && type !== 'i64')) throw new Unsupported('floats')
    try {
      pair.reference.invoke(
        field,
        args.map(({ type, value }) => (toJs[type] as (v: string) => number | bigint)(value)),
      )
      gas = pair.reference.gas
    } catch (error) {
      if (!(error instanceof Trap)) throw error
    }
  })
  return gas
}

function refuel({ exports }: WebAssembly.Instance): void {
  ;(exports[RESERVED_EXPORT.gas] as WebAssembly.Global).value = FULL
  ;(exports[RESERVED_EXPORT.stack] as WebAssembly.Global).value = LIMITS.stackWords
}

/** The result, or how it ended, in words that are equal for both if the behaviour is. */
function invoke({ exports }: WebAssembly.Instance, field: string, args: readonly Value[]): unknown {
  try {
    return (exports[field] as WebAssembly.ExportedFunction)(
      ...args.map(({ type, value }) => (toJs[type] as (v: string) => number | bigint)(value)),
    )
  } catch (error) {
    const stack = (exports[RESERVED_EXPORT.stack] as WebAssembly.Global | undefined)?.value
    if (error instanceof RangeError || stack === STACK_SENTINEL.overflow) return 'stack exhausted'
    if (error instanceof WebAssembly.RuntimeError) return `trap: ${error.message}`
    throw error
  }
}

describe('the core specification suite, raw against instrumented', () => {
  const seen = { compared: 0, gasCompared: 0, refusedByProfile: 0, invalidRefused: 0 }
  const reasons = new Set<string>()

  test.each(Object.entries(suite.files))('%s', (name, { commands, modules }) => {
    let current: Pair | undefined
    const named = new Map<string, Pair | undefined>()
    for (const command of commands) {
      const file = command.filename === undefined ? undefined : modules[command.filename]
      const bytes = file === undefined ? undefined : Uint8Array.from(Buffer.from(file, 'base64'))
      if (command.type === 'module' && bytes !== undefined) {
        current = undefined
        try {
          current = instantiatePair(bytes)
        } catch (error) {
          if (!(error instanceof ProfileError)) throw error
          expect(error.reason, `line ${command.line}`).not.toMatch(/^the module is not valid/)
          reasons.add(error.code)
          seen.refusedByProfile++
        }
        if (command.name !== undefined) named.set(command.name, current)
      } else if (
        (command.type === 'assert_invalid' || command.type === 'assert_malformed') &&
        bytes !== undefined &&
        command.module_type === 'binary' &&
        !outdated.has(`${name} ${command.line} ${command.type}`)
      ) {
        expect(() => decodeAndValidate(bytes, HOST_IMPORT_TYPES), `line ${command.line}`).toThrow(
          ProfileError,
        )
        seen.invalidRefused++
      } else if (command.action?.type === 'invoke') {
        const { module, field, args } = command.action
        const pair = module === undefined ? current : named.get(module)
        if (pair === undefined) continue
        refuel(pair.metered)
        const raw = invoke(pair.raw, field, args)
        expect(invoke(pair.metered, field, args), `line ${command.line} ${field}`).toEqual(raw)
        seen.compared++
        if (typeof raw === 'string') {
          referenceGas(pair, field, args)
          continue
        }
        const gas = referenceGas(pair, field, args)
        if (gas === undefined) continue
        const left = (pair.metered.exports[RESERVED_EXPORT.gas] as WebAssembly.Global).value as bigint
        expect(FULL - left, `gas of line ${command.line} ${field}`).toBe(gas)
        seen.gasCompared++
      }
    }
  })

  test('it compares what it is meant to compare', () => {
    expect(seen).toEqual({ compared: 8669, gasCompared: 1467, refusedByProfile: 132, invalidRefused: 1706 })
    expect([...reasons].sort()).toEqual([
      'forbidden_export',
      'forbidden_import',
      'forbidden_type',
      'limit',
      'start_section',
    ])
  })
})
