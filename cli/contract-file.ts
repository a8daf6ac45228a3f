/** Contracts on the disk: which sources are ones, and the code to deploy, compiled now if it is a source. */
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { usageError, CliError } from './errors.ts'
import { compileProblems } from './compile-problems.ts'
import { rememberBuiltSymbols, rememberSymbols } from './symbols.ts'

const WASM_MAGIC = '\0asm'

const isWasm = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, 4)).toString('latin1') === WASM_MAGIC

const isContractSource = (text: string): boolean => /^\s*@contract\b/m.test(text)

const SKIPPED = new Set(['node_modules', 'build', 'sdk'])

/** The contracts in a folder and in the folders directly inside it. */
export const contractsIn = async (folder: string, depth = 1): Promise<string[]> => {
  const found: string[] = []
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && depth > 0 && !SKIPPED.has(entry.name) && !entry.name.startsWith('.'))
      found.push(...(await contractsIn(path, depth - 1)))
    else if (
      entry.isFile() &&
      entry.name.endsWith('.ts') &&
      !entry.name.endsWith('.d.ts') &&
      isContractSource(await readFile(path, 'utf8'))
    )
      found.push(path)
  }
  return found
}

/** Without its one mark, a file that was never meant as a contract gets hundreds of the compiler's complaints. */
export const assertContractSource = async (path: string): Promise<void> => {
  if (/@contract\b/.test(await readFile(path, 'utf8'))) return
  throw new CliError('no_contract', `there is no @contract class in ${path}`)
}

const compile = async (path: string): Promise<Uint8Array> => {
  await assertContractSource(path)
  const { compileContract } = await import('../contracts/sdk/compile.ts')
  try {
    const { wasm, debug } = await compileContract({ entry: path })
    rememberSymbols(wasm, debug, path)
    return wasm
  } catch (error) {
    throw compileProblems(error, path)
  }
}

export const readContractFile = async (path: string): Promise<Uint8Array> => {
  const extension = extname(path)
  if (extension === '.ts') return compile(path)
  if (extension !== '.wasm') throw usageError(`${path}: expected a contract’s .wasm, or its source (.ts)`)
  const bytes = new Uint8Array(await readFile(path))
  if (isWasm(bytes)) {
    rememberBuiltSymbols(path)
    return bytes
  }
  throw new CliError(
    'not_wasm',
    `${path} is not WebAssembly: it does not begin with "\\0asm". Build it with: vex build`,
  )
}
