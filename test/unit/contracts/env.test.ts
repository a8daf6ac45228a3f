import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { HOST_TABLE } from '../../../vm/host-table.ts'

const WASM_TYPES: Readonly<Record<string, string>> = { usize: 'i32', i32: 'i32', u64: 'i64', f64: 'f64' }
/** Declared by the compiler, not by env.ts. */
const COMPILER_IMPORTS = new Set(['abort', 'trace'])

const wasmType = (written: string): string => WASM_TYPES[written.trim()] ?? `unknown type ${written}`

const declarationsOf = (source: string): Map<string, string> =>
  new Map(
    [...source.matchAll(/export declare function (\w+)\(([^)]*)\): (\w+)/g)].map(
      ([, name = '', params = '', result = '']) => {
        const types = params
          .split(',')
          .filter(param => param.trim() !== '')
          .map(param => wasmType(param.split(':')[1] ?? ''))
        return [name, `(${types.join(', ')}) -> ${result === 'void' ? 'nothing' : wasmType(result)}`]
      },
    ),
  )

describe('env.ts', () => {
  it('declares exactly the host functions of the VM, with their types', () => {
    const path = new URL('../../../contracts/sdk/assembly/env.ts', import.meta.url)
    const declared = declarationsOf(readFileSync(path, 'utf8'))
    const offered = HOST_TABLE.filter(({ name }) => !COMPILER_IMPORTS.has(name)).map(
      ({ name, params, result }) => [name, `(${params.join(', ')}) -> ${result ?? 'nothing'}`] as const,
    )
    expect(Object.fromEntries(declared)).toEqual(Object.fromEntries(offered))
    expect(declared.size).toBeGreaterThan(10)
  })
})
