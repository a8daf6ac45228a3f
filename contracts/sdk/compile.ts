/**
 * Compiles a contract in this process: AssemblyScript source in, Wasm with its ABI out. The same source
 * and compiler give the same bytes on every machine.
 *
 * The ABI travels inside the module, as compact JSON in the custom section `vex.abi`.
 */
import { readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Parser } from 'assemblyscript'
import * as asc from 'assemblyscript/asc'
import { CompileError, type Diagnostic } from './compile-error.ts'
import { createContractTransform, type ContractAbi } from './transform.ts'
import { appendCustomSection, withoutCustomSection } from './wasm-section.ts'

export interface CompileOptions {
  /** Path of the file with the @contract class. */
  readonly entry: string
  /** Further arguments of asc, which win over asconfig.json: `['--optimizeLevel', '0']`. */
  readonly ascArguments?: readonly string[]
}

export interface CompiledContract {
  /** The entry file's name without `.ts`. */
  readonly name: string
  /** With the ABI in its custom section. */
  readonly wasm: Uint8Array<ArrayBuffer>
  readonly abi: ContractAbi
  /** Source map (version 3, JSON) from offsets in `wasm` to lines of the author's files. */
  readonly sourceMap: string
  readonly warnings: readonly Diagnostic[]
  /** Paths of the author's files that went into it. */
  readonly sources: readonly string[]
}

export const ABI_SECTION = 'vex.abi'
const SDK_FOLDER = fileURLToPath(new URL('./assembly/', import.meta.url))
const ASCONFIG = fileURLToPath(new URL('../../asconfig.json', import.meta.url))
/** Functions the compiler itself imports; the VM offers both. */
const COMPILER_IMPORTS = ['abort', 'trace']
const ADVICE: ReadonlyMap<string, string> = new Map([
  ['env.seed', 'Math.random has no place on a chain, where every node must get the same result'],
  ['env.Date.now', 'use blockTimeMs() from vex'],
  ['env.console.log', 'use trace(), or emit an event'],
])

/** `import … from 'vex'` and the SDK's own files, wherever asc looks for a package of that name. */
const sdkFile = (path: string): string | undefined => {
  const inside = /(?:^|[\\/])node_modules[\\/]vex[\\/]([a-z0-9-]+)\.ts$/.exec(path)?.[1]
  if (inside === undefined) return undefined
  return join(SDK_FOLDER, `${inside === 'index' ? 'vex' : inside}.ts`)
}

const readText = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'EISDIR', 'ENOTDIR'].includes(String(error.code))) return null
    throw error
  }
}

/** The host functions that env.ts declares. */
const declaredImports = async (): Promise<Set<string>> => {
  const text = await readFile(join(SDK_FOLDER, 'env.ts'), 'utf8')
  return new Set([...text.matchAll(/declare function (\w+)/g)].map(match => match[1] ?? ''))
}

const checkImports = async (wasm: Uint8Array<ArrayBuffer>): Promise<void> => {
  const known = await declaredImports()
  for (const name of COMPILER_IMPORTS) known.add(name)
  const unknown = WebAssembly.Module.imports(await WebAssembly.compile(wasm))
    .filter(({ module, name }) => module !== 'env' || !known.has(name))
    .map(({ module, name }) => {
      const path = `${module}.${name}`
      return { message: `the contract needs ${path}, which no Vex node offers: ${ADVICE.get(path) ?? 'remove what uses it'}` }
    })
  if (unknown.length > 0) throw new CompileError('unknown_import', unknown)
}

const SECTION_OF_SOURCE_MAP = 'sourceMappingURL'
const ERROR_CATEGORY = 3

interface AscDiagnostic {
  readonly message: string
  readonly category: number
  readonly range: { readonly start: number; readonly source: { readonly normalizedPath: string } | null } | null
}

/** asc gives an offset; the parsed text turns it into a line. */
const toDiagnostic = ({ message, range }: AscDiagnostic, parser: Parser | undefined): Diagnostic => {
  const file = range?.source?.normalizedPath
  const source = parser?.sources.find(({ normalizedPath }) => normalizedPath === file)
  if (range === null || file === undefined || source === undefined) return { message }
  const line = source.lineAt(range.start)
  return { message, position: { file, line, column: source.columnAt() } }
}

/** Throws a {@link CompileError} with every problem found, each with its file, line and column. */
export const compileContract = async ({ entry, ascArguments = [] }: CompileOptions): Promise<CompiledContract> => {
  const entryPath = resolve(entry)
  const folder = dirname(entryPath)
  const name = basename(entryPath, '.ts')
  if ((await readText(entryPath)) === null) throw new CompileError('no_entry', [{ message: `cannot read ${entry}` }])

  const transform = createContractTransform()
  const outputs = new Map<string, Uint8Array | string>()
  const found: (Diagnostic & { category: number })[] = []
  const sources: string[] = []
  const output = asc.createMemoryStream()
  let parser: Parser | undefined
  const { error } = await asc.main(
    [`${name}.ts`, '--config', ASCONFIG, '--baseDir', folder, '--outFile', `${name}.wasm`, '--sourceMap', ...ascArguments],
    {
      stdout: output,
      stderr: output,
      async readFile(path, baseDir) {
        const ownPath = resolve(baseDir, path)
        const text = await readText(sdkFile(path) ?? ownPath)
        if (text !== null && path.endsWith('.ts') && sdkFile(path) === undefined) sources.push(ownPath)
        return text
      },
      writeFile: (path, contents) => void outputs.set(path, contents),
      listFiles: () => null,
      reportDiagnostic: diagnostic => {
        const plain = diagnostic as unknown as AscDiagnostic
        found.push({ ...toDiagnostic(plain, parser), category: plain.category })
      },
      transforms: [
        {
          afterParse(given: Parser) {
            parser = given
            transform.afterParse(given)
          },
        } as never,
      ],
    },
  )
  if (error instanceof CompileError) throw error
  const errors = found.filter(({ category }) => category === ERROR_CATEGORY)
  if (errors.length > 0) throw new CompileError('bad_source', errors)
  const compiled = outputs.get(`${name}.wasm`)
  const sourceMap = outputs.get(`${name}.wasm.map`)
  if (error !== null || !(compiled instanceof Uint8Array) || typeof sourceMap !== 'string' || transform.abi === undefined)
    throw new CompileError('bad_source', [{ message: output.toString().trim() || String(error?.message) }])

  const code = withoutCustomSection(new Uint8Array(compiled), SECTION_OF_SOURCE_MAP)
  await checkImports(code)
  const wasm = appendCustomSection(code, ABI_SECTION, new TextEncoder().encode(JSON.stringify(transform.abi)))
  const warnings = found.filter(({ category }) => category !== ERROR_CATEGORY)
  return { name, wasm, abi: transform.abi, sourceMap, warnings, sources }
}
