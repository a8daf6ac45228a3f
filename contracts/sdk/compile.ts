/**
 * Compiles a contract in this process: AssemblyScript source in, Wasm with its ABI out. The same source
 * and compiler give the same bytes on every machine.
 *
 * The ABI travels inside the module, as compact JSON in the custom section `vex.abi`. The VM does not read JSON: the
 * names of the methods marked @reentrant stand once more in the section `vex.reentrant` (ULEB count, then each
 * name's ULEB length and UTF-8, sorted), if there are any.
 */
import { readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Parser, Program } from 'assemblyscript'
import * as asc from 'assemblyscript/asc'
import { placeMistakes } from './author-places.ts'
import { checkArithmetic } from './checked-arithmetic.ts'
import { checkConversions } from './checked-conversions.ts'
import { CompileError, type Diagnostic, positionAt, type SourcePosition } from './compile-error.ts'
import { compactAbi, type ContractAbi } from './contract-abi.ts'
import { type CompilerMessage, explain } from './explain.ts'
import { functionPlaces } from './function-places.ts'
import { deferErrors } from './lazy-errors.ts'
import { transformContract } from './transform.ts'
import {
  appendCustomSection,
  functionNames,
  importedFunctions,
  nameList,
  withoutCustomSection,
} from './wasm-section.ts'

export interface CompileOptions {
  /** Path of the file with the @contract class. */
  readonly entry: string
  /** Further arguments of asc, which win over asconfig.json: `['--optimizeLevel', '0']`. */
  readonly ascArguments?: readonly string[]
}

/** What turns places in the code into places in the author's files: the code's twin, kept beside it. */
export interface DebugInfo {
  readonly version: 1
  /** The contract's class. */
  readonly name: string
  /** By the index of the function, imports first: `contracts/token/Token#transfer`. */
  readonly functions: readonly string[]
  /** Where the author declared each of them; `null` for what is not the author's. */
  readonly declarations: readonly (SourcePosition | null)[]
  /** Version 3, from offsets in the code to lines of the author's files, with the text of these. */
  readonly sourceMap: unknown
}

export interface CompiledContract {
  /** The entry file's name without `.ts`. */
  readonly name: string
  /** With the ABI in its custom section. */
  readonly wasm: Uint8Array<ArrayBuffer>
  readonly abi: ContractAbi
  readonly debug: DebugInfo
  readonly warnings: readonly Diagnostic[]
  /** The author's files that went into it, as they were read, by their paths. */
  readonly sources: ReadonlyMap<string, string>
}

const ABI_SECTION = 'vex.abi'
const REENTRANT_SECTION = 'vex.reentrant'
const NAME_SECTION = 'name'
const SECTION_OF_SOURCE_MAP = 'sourceMappingURL'
const ERROR_CATEGORY = 3
const SDK_FOLDER = fileURLToPath(new URL('./assembly/', import.meta.url))
const ASCONFIG = fileURLToPath(new URL('../../asconfig.json', import.meta.url))
/** Functions that asc itself imports; the VM offers both. */
const COMPILER_IMPORTS = ['env.abort', 'env.trace']

/** Packages are written for other machines: the compiler must not find one, even where it is installed. */
const IN_PACKAGE = /(?:^|[\\/])node_modules[\\/]/

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
    if (
      error instanceof Error &&
      'code' in error &&
      ['ENOENT', 'EISDIR', 'ENOTDIR'].includes(String(error.code))
    )
      return null
    throw error
  }
}

/** Every function a module may import, as `env.name`: what env.ts declares and what the compiler adds. */
const offeredImports = async (): Promise<Set<string>> => {
  const text = await readFile(join(SDK_FOLDER, 'env.ts'), 'utf8')
  const declared = [...text.matchAll(/declare function (\w+)/g)].map(match => `env.${match[1]}`)
  return new Set([...declared, ...COMPILER_IMPORTS])
}

const checkImports = async (wasm: Uint8Array): Promise<void> => {
  const offered = await offeredImports()
  const unknown = importedFunctions(wasm).filter(path => !offered.has(path))
  if (unknown.length === 0) return
  throw new CompileError(
    'unknown_import',
    unknown.map(path => ({
      message: `the contract needs ${path}, which no Vex node offers: remove what uses it`,
    })),
  )
}

/** Traps are shown with the line as its author wrote it; the standard library's text is of no use in that. */
const withAuthorsText = (json: string, texts: ReadonlyMap<string, string>): unknown => {
  const map = JSON.parse(json) as { sources: string[] }
  return { ...map, sourcesContent: map.sources.map(path => texts.get(path) ?? null) }
}

/** Throws a {@link CompileError} with every problem found, each with its file, line and column. */
export const compileContract = async ({
  entry,
  ascArguments = [],
}: CompileOptions): Promise<CompiledContract> => {
  const entryPath = resolve(entry)
  const folder = dirname(entryPath)
  const name = basename(entryPath, '.ts')
  if ((await readText(entryPath)) === null)
    throw new CompileError('no_entry', [{ message: `cannot read ${entry}` }])

  const outputs = new Map<string, Uint8Array | string>()
  const found: CompilerMessage[] = []
  const texts = new Map<string, string>()
  const output = asc.createMemoryStream()
  let parser: Parser | undefined
  let abi: ContractAbi | undefined
  let compiledProgram: Program | undefined
  const { error } = await asc.main(
    [
      `${name}.ts`,
      '--config',
      ASCONFIG,
      '--baseDir',
      folder,
      '--outFile',
      `${name}.wasm`,
      '--sourceMap',
      // Keeps the functions' names, which are cut off below; the code is the same without.
      '--debug',
      ...ascArguments,
    ],
    {
      stdout: output,
      stderr: output,
      async readFile(path, baseDir) {
        const fileOfSdk = sdkFile(path)
        if (fileOfSdk === undefined && IN_PACKAGE.test(path)) return null
        const text = await readText(fileOfSdk ?? resolve(baseDir, path))
        if (text !== null && fileOfSdk === undefined && path.endsWith('.ts')) texts.set(path, text)
        return text
      },
      writeFile: (path, contents) => void outputs.set(path, contents),
      listFiles: () => null,
      reportDiagnostic({ message, category, range: ownRange, relatedRange }) {
        const fileOf = (of: typeof ownRange): string =>
          (of?.source as { normalizedPath: string } | null | undefined)?.normalizedPath ?? ''
        // Where author-places.ts found the author's call.
        const range = fileOf(ownRange).startsWith('~lib/') ? (relatedRange ?? ownRange) : ownRange
        const file = fileOf(range)
        // The transform inserts text, and offsets count it.
        const text = parser?.sources.find(source => source.normalizedPath === file)?.text ?? texts.get(file)
        const start = range?.start ?? 0
        const position = range && text !== undefined ? positionAt(file, text, start) : undefined
        const [before, after] = [text?.slice(0, start) ?? '', text?.slice(start) ?? '']
        found.push({ message, category, before, after, ...(position && { position }) })
      },
      transforms: [
        {
          afterParse(given: Parser) {
            parser = given
            abi = transformContract(given)
          },
          afterInitialize(program: Program) {
            compiledProgram = program
            checkArithmetic(program)
            checkConversions(program)
            deferErrors(program)
            placeMistakes(program)
          },
        } as never,
      ],
    },
  )
  if (error instanceof CompileError) throw error
  const errors = found.filter(({ category }) => category === ERROR_CATEGORY)
  if (errors.length > 0) throw new CompileError('bad_source', explain(errors))
  const compiled = outputs.get(`${name}.wasm`)
  const sourceMap = outputs.get(`${name}.wasm.map`)
  if (
    error !== null ||
    !(compiled instanceof Uint8Array) ||
    typeof sourceMap !== 'string' ||
    compiledProgram === undefined ||
    abi === undefined
  )
    throw new CompileError('bad_source', [{ message: output.toString().trim() || String(error?.message) }])

  const named = withoutCustomSection(new Uint8Array(compiled), SECTION_OF_SOURCE_MAP)
  const code = withoutCustomSection(named, NAME_SECTION)
  await checkImports(code)
  const withAbi = appendCustomSection(code, ABI_SECTION, new TextEncoder().encode(compactAbi(abi)))
  const reentrant = abi.methods.filter(method => method.reentrant).map(method => method.name)
  const wasm =
    reentrant.length === 0 ? withAbi : appendCustomSection(withAbi, REENTRANT_SECTION, nameList(reentrant.sort()))
  const functions = Object.assign(functionNames(named), importedFunctions(named))
  const warnings = explain(found.filter(({ category }) => category !== ERROR_CATEGORY))
  return {
    name,
    wasm,
    abi,
    debug: {
      version: 1,
      name: abi.name,
      functions,
      declarations: functionPlaces(compiledProgram, `${name}/${abi.name}`, functions),
      sourceMap: withAuthorsText(sourceMap, texts),
    },
    warnings,
    sources: new Map([...texts].map(([path, text]) => [resolve(folder, path), text])),
  }
}
