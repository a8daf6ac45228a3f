/**
 * The kernels of test/fixtures/contracts/kernels, compiled, as they are and with metering. Each exports
 * `run(n: i32): f64` and imports nothing.
 */
import { fileURLToPath } from 'node:url'
import * as asc from 'assemblyscript/asc'
import { decodeAndValidate } from '../../vm/decode.ts'
import { HOST_IMPORT_TYPES } from '../../vm/host-table.ts'
import { instrument } from '../../vm/instrument.ts'
import { RESERVED_EXPORT } from '../../vm/layout.ts'
import { LIMITS } from '../../vm/profile.ts'
import { BenchError } from './error.ts'

const FOLDER = fileURLToPath(new URL('../fixtures/contracts/kernels/', import.meta.url))
const ASCONFIG = fileURLToPath(new URL('../../asconfig.json', import.meta.url))
const PLENTY_OF_GAS = 1n << 60n

/** What `run` is called with: about half a millisecond of work. */
export const KERNELS = { sha256: 1_500, fib: 26, sort: 5_000, matmul: 2, nbody: 8_000 } as const
export type KernelName = keyof typeof KERNELS

export type Kernel = (n: number) => number

/** The compiler's settings are those of contracts. */
export const compileKernel = async (name: KernelName): Promise<Uint8Array<ArrayBuffer>> => {
  let wasm: Uint8Array<ArrayBuffer> | undefined
  const { error } = await asc.main(
    // Without --use the module would import an abort that it never calls.
    [`${name}.ts`, '--config', ASCONFIG, '--baseDir', FOLDER, '--outFile', `${name}.wasm`, '--use', 'abort='],
    {
      writeFile(_, contents) {
        if (typeof contents !== 'string') wasm = new Uint8Array(contents)
      },
    },
  )
  if (error !== null || wasm === undefined)
    throw new BenchError(
      'wrong_result',
      `the kernel ${name} does not compile: ${error?.message ?? 'no reason'}`,
    )
  return wasm
}

const start = (exports: WebAssembly.Exports): void => {
  ;(exports['_start'] as (() => void) | undefined)?.()
}

export const rawKernel = (wasm: Uint8Array<ArrayBuffer>): Kernel => {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), {})
  start(exports)
  return exports['run'] as Kernel
}

export const meteredKernel = (wasm: Uint8Array<ArrayBuffer>): Kernel => {
  const metered = instrument(decodeAndValidate(wasm, HOST_IMPORT_TYPES))
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(metered), {})
  const gas = exports[RESERVED_EXPORT.gas] as WebAssembly.Global & { value: bigint }
  const stack = exports[RESERVED_EXPORT.stack] as WebAssembly.Global & { value: number }
  stack.value = LIMITS.stackWords
  const run = exports['run'] as Kernel
  gas.value = PLENTY_OF_GAS
  start(exports)
  return n => {
    gas.value = PLENTY_OF_GAS
    return run(n)
  }
}
