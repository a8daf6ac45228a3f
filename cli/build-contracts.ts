/** Contracts of a project, found and built: what `vex build` and `vex test` do alike. */
import { stat } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import { type BuiltContract, buildContract, hashToolchain } from '../contracts/sdk/build.ts'
import { formatInteger } from './amounts.ts'
import { compileProblems } from './compile-problems.ts'
import { assertContractSource, contractsIn } from './contract-file.ts'
import { CliError } from './errors.ts'
import { paint } from './terminal/colour.ts'
import { rememberBuiltSymbols } from './symbols.ts'
import { createProgress, type ProgressTarget } from './terminal/progress.ts'

const findEntries = async (paths: readonly string[]): Promise<string[]> => {
  const entries: string[] = []
  for (const path of paths) {
    if (!(await stat(path)).isDirectory()) {
      await assertContractSource(path)
      entries.push(path)
      continue
    }
    const found = await contractsIn(path)
    if (found.length === 0)
      throw new CliError(
        'no_contract',
        `no contract in ${relative('', path) || 'this folder'}: a contract is a .ts file with a class marked @contract`,
      )
    entries.push(...found)
  }
  return entries
}

/** Each contract once, and no two that would be written to the same files. */
const withoutClashes = (entries: readonly string[], out: string): string[] => {
  const byName = new Map<string, string>()
  for (const entry of entries) {
    const name = basename(entry, '.ts')
    const other = byName.get(name) ?? entry
    if (resolve(other) !== resolve(entry))
      throw new CliError(
        'same_name',
        `${other} and ${entry} would both become ${join(out, `${name}.wasm`)}: build one of them with another --out. Nothing was built`,
      )
    byName.set(name, other)
  }
  return [...byName.values()]
}

export interface Builds {
  readonly built: readonly BuiltContract[]
  /** Of all that do not compile, together. */
  readonly problem: CliError | undefined
}

const together = (failures: readonly CliError[]): CliError | undefined => {
  const [first] = failures
  if (first === undefined) return undefined
  return new CliError(first.code, failures.map(({ message }) => message).join('\n'), {
    details: { diagnostics: failures.flatMap(({ details }) => details?.['diagnostics'] ?? []) },
  })
}

/** Contracts, or folders of them. Tries all, so that one run shows every problem. */
export const buildContracts = async (
  paths: readonly string[],
  out: string,
  target: ProgressTarget,
): Promise<Builds> => {
  const entries = withoutClashes(await findEntries(paths), out)
  const toolchain = await hashToolchain()
  const built: BuiltContract[] = []
  const failures: CliError[] = []
  const progress = createProgress(target, { what: 'Compiling', unit: 'contracts' })
  for (const [done, entry] of entries.entries()) {
    progress.set(done, entries.length)
    try {
      const contract = await buildContract(entry, out, toolchain)
      rememberBuiltSymbols(contract.wasmPath, entry)
      built.push(contract)
    } catch (error) {
      const problem = compileProblems(error, entry)
      if (!(problem instanceof CliError)) throw problem
      failures.push(problem)
    }
  }
  progress.end()
  return { built, problem: together(failures) }
}

const lineOf = (width: number, { name, wasmPath, wasmBytes, isRebuilt }: BuiltContract): string =>
  `${paint('bold', name.padEnd(width))}  ${formatInteger(BigInt(wasmBytes)).padStart(7)} bytes  ${relative('', wasmPath)}${isRebuilt ? '' : paint('dim', '  unchanged')}`

/** Not of none. */
export const listBuilt = (built: readonly BuiltContract[]): string => {
  const width = Math.max(...built.map(({ name }) => name.length))
  return built.map(contract => lineOf(width, contract)).join('\n')
}
