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
import { CompileError, type Diagnostic, positionAt } from './compile-error.ts'
import { compactAbi, type ContractAbi } from './contract-abi.ts'
import { type CompilerMessage, explain } from './explain.ts'
import { transformContract } from './transform.ts'
import { appendCustomSection, importedFunctions, withoutCustomSection } from './wasm-section.ts'

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
const withAuthorsText = (json: string, texts: ReadonlyMap<string, string>): string => {
  const map = JSON.parse(json) as { sources: string[] }
  return JSON.stringify({ ...map, sourcesContent: map.sources.map(path => texts.get(path) ?? null) })
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
      reportDiagnostic({ message, category, range }) {
        const file = (range?.source as { normalizedPath: string } | null | undefined)?.normalizedPath ?? ''
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
    abi === undefined
  )
    throw new CompileError('bad_source', [{ message: output.toString().trim() || String(error?.message) }])

  const code = withoutCustomSection(new Uint8Array(compiled), SECTION_OF_SOURCE_MAP)
  await checkImports(code)
  const wasm = appendCustomSection(code, ABI_SECTION, new TextEncoder().encode(compactAbi(abi)))
  const warnings = explain(found.filter(({ category }) => category !== ERROR_CATEGORY))
  return {
    name,
    wasm,
    abi,
    sourceMap: withAuthorsText(sourceMap, texts),
    warnings,
    sources: [...texts.keys()].map(path => resolve(folder, path)),
  }
}
