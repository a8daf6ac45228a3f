/** The core specification suite as it lies in test/vectors/wasm. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Value } from '../reference/numbers.ts'

export type TypeName = 'i32' | 'i64' | 'f32' | 'f64'

export interface SpecValue {
  readonly type: TypeName
  /** Bits in decimal; absent where only the type is expected. */
  readonly value: string
}

export interface SpecAction {
  readonly type: 'invoke' | 'get'
  readonly module?: string
  readonly field: string
  readonly args: readonly SpecValue[]
}

export interface SpecCommand {
  readonly type:
    | 'module'
    | 'register'
    | 'action'
    | 'assert_return'
    | 'assert_trap'
    | 'assert_exhaustion'
    | 'assert_invalid'
    | 'assert_malformed'
    | 'assert_uninstantiable'
    | 'assert_unlinkable'
  readonly line: number
  readonly name?: string
  readonly filename?: string
  readonly action?: SpecAction
  readonly expected?: readonly SpecValue[]
}

export interface SpecFile {
  readonly name: string
  readonly commands: readonly SpecCommand[]
  /** By file name, base64. */
  readonly modules: Readonly<Record<string, string>>
}

export interface SpecSuite {
  readonly files: readonly SpecFile[]
  /** Where the engine differs from the suite, as `file line command`: the suite is older than the engine. */
  readonly differsFromEngine: ReadonlySet<string>
}

export function loadSuite(): SpecSuite {
  const path = new URL('../vectors/wasm/spec-core.json.gz', import.meta.url)
  const { files, differs_from_v8_node20 } = JSON.parse(gunzipSync(readFileSync(path)).toString()) as {
    files: Record<string, Omit<SpecFile, 'name'>>
    differs_from_v8_node20: [string, number, string][]
  }
  return {
    files: Object.entries(files).map(([name, file]) => ({ ...file, name })),
    differsFromEngine: new Set(differs_from_v8_node20.map(entry => entry.join(' '))),
  }
}

export function bitsOf({ type, value }: SpecValue): Value {
  return type === 'i32' || type === 'f32' ? Number(value) | 0 : BigInt.asIntN(64, BigInt(value))
}
