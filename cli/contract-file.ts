/** The code to deploy: a compiled module, or a source that is compiled now. */
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { usageError, CliError } from './errors.ts'
import { compileProblems } from './compile-problems.ts'

const WASM_MAGIC = '\0asm'

const isWasm = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, 4)).toString('latin1') === WASM_MAGIC

const compile = async (path: string): Promise<Uint8Array> => {
  const { compileContract } = await import('../contracts/sdk/compile.ts')
  try {
    return (await compileContract({ entry: path })).wasm
  } catch (error) {
    throw compileProblems(error, path)
  }
}

export const readContractFile = async (path: string): Promise<Uint8Array> => {
  const extension = extname(path)
  if (extension === '.ts') return compile(path)
  if (extension !== '.wasm') throw usageError(`${path}: expected a contract’s .wasm, or its source (.ts)`)
  const bytes = new Uint8Array(await readFile(path))
  if (isWasm(bytes)) return bytes
  throw new CliError(
    'not_wasm',
    `${path} is not WebAssembly: it does not begin with "\\0asm". Build it with: vex build`,
  )
}
