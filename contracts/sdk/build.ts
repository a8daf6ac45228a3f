/**
 * Builds a contract into a folder, and only when something it depends on changed: the author's files, the
 * SDK with its compiler, or AssemblyScript. An unchanged contract costs a few file reads; AssemblyScript is
 * not even loaded.
 *
 * Files: `<name>.wasm`, `<name>.abi.json`, the same as a TypeScript module `<name>.abi.ts`, `<name>.debug.json` (the
 * code's twin for diagnostics, see compile.ts) and `<name>.build.json` (what they were built from). Each is put in place
 * by a rename, so that a reader never sees half of one.
 */
import { createHash, randomUUID } from 'node:crypto'
import { access, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ContractAbi } from './contract-abi.ts'

export interface BuiltContract {
  readonly name: string
  /** The contract's file. */
  readonly entry: string
  readonly wasmPath: string
  readonly abiPath: string
  readonly wasmBytes: number
  /** False if the files were already up to date. */
  readonly isRebuilt: boolean
}

interface BuildRecord {
  readonly toolchain: string
  /** The contract's file, as seen from the folder of the record; absent in records of older builds. */
  readonly entry?: string
  /** SHA-256 of each file of the author as it was compiled, by its path relative to the entry's folder. */
  readonly sources: Readonly<Record<string, string>>
  /** SHA-256 of each file that came out, by its suffix: two builds at once may have mixed theirs. Absent in older records. */
  readonly outputs?: Readonly<Record<string, string>>
}

const SDK_FOLDER = fileURLToPath(new URL('.', import.meta.url))
const ASCONFIG = fileURLToPath(new URL('../../asconfig.json', import.meta.url))
const OUTPUTS = ['.wasm', '.abi.json', '.abi.ts', '.debug.json'] as const

const toPosix = (path: string): string => path.split(sep).join('/')

const hashOf = (content: Uint8Array | string): string => createHash('sha256').update(content).digest('hex')

const fileHash = async (path: string): Promise<string> => hashOf(await readFile(path))

/** As the compiler reads it: what is no UTF-8 is replaced. */
const sourceHash = async (path: string): Promise<string> => hashOf(await readFile(path, 'utf8'))

/** Everything but the author's files that decides what comes out. */
export const hashToolchain = async (): Promise<string> => {
  const compiler = fileURLToPath(import.meta.resolve('assemblyscript/package.json'))
  // In an installed package the compiler's part is JavaScript.
  const sdkFiles = (await readdir(SDK_FOLDER, { recursive: true }))
    .filter(path => /\.[jt]s$/.test(path))
    .sort()
  const hash = createHash('sha256')
  for (const path of [...sdkFiles.map(file => join(SDK_FOLDER, file)), ASCONFIG, compiler])
    hash.update(`${basename(path)} ${await fileHash(path)}\n`)
  return hash.digest('hex')
}

const readRecord = async (path: string): Promise<BuildRecord | undefined> => {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as BuildRecord
  } catch {
    // Absent or damaged: the contract is built again, which writes a good one.
    return undefined
  }
}

const isUpToDate = async (
  record: BuildRecord | undefined,
  toolchain: string,
  folder: string,
  at: (suffix: string) => string,
): Promise<boolean> => {
  if (record?.toolchain !== toolchain || record.outputs === undefined) return false
  try {
    for (const suffix of OUTPUTS)
      if ((await fileHash(at(suffix))) !== record.outputs[suffix]) return false
    for (const [path, hash] of Object.entries(record.sources))
      if ((await sourceHash(join(folder, path))) !== hash) return false
    return true
  } catch {
    return false
  }
}

const writeInPlace = async (path: string, content: Uint8Array | string): Promise<void> => {
  const temporary = `${path}.${randomUUID()}.new`
  await writeFile(temporary, content)
  await rename(temporary, path)
}

/** `as const`, so that TypeScript knows every method and its types. */
const abiModule = (abi: ContractAbi, file: string, entry: string): string =>
  [
    `/** Written by the compiler from ${entry}; a change would be lost with the next build. */`,
    `export const abi = ${JSON.stringify(abi, null, 2)} as const`,
    '',
    '/** What deploys it: its ABI, and where its code is. */',
    `export const ${abi.name} = {`,
    `  name: ${JSON.stringify(abi.name)},`,
    '  abi,',
    `  code: new URL(${JSON.stringify(`./${file}`)}, import.meta.url),`,
    '} as const',
    '',
  ].join('\n')

/** Throws a CompileError (compile-error.ts). `toolchain` is {@link hashToolchain}'s, to share it among contracts. */
export const buildContract = async (
  entry: string,
  outFolder: string,
  toolchain?: string,
): Promise<BuiltContract> => {
  const folder = dirname(resolve(entry))
  const name = basename(entry, '.ts')
  const at = (suffix: string): string => join(outFolder, name + suffix)
  const tools = toolchain ?? (await hashToolchain())
  const current = await isUpToDate(await readRecord(at('.build.json')), tools, folder, at)
  if (!current) {
    const { compileContract } = await import('./compile.ts')
    const { wasm, abi, debug, sources } = await compileContract({ entry })
    const outputs = {
      '.wasm': wasm,
      '.abi.json': `${JSON.stringify(abi, null, 2)}\n`,
      '.abi.ts': abiModule(abi, `${name}.wasm`, toPosix(relative(outFolder, entry))),
      '.debug.json': JSON.stringify(debug),
    } satisfies Record<(typeof OUTPUTS)[number], Uint8Array | string>
    const record: BuildRecord = {
      toolchain: tools,
      entry: toPosix(relative(outFolder, entry)),
      // Of what was compiled, not of what is there now: somebody may have saved meanwhile.
      sources: Object.fromEntries(Array.from(sources, ([path, text]) => [relative(folder, path), hashOf(text)])),
      outputs: Object.fromEntries(
        Object.entries(outputs).map(([suffix, content]) => [suffix, hashOf(content)]),
      ),
    }
    await mkdir(outFolder, { recursive: true })
    for (const [suffix, content] of Object.entries(outputs)) await writeInPlace(at(suffix), content)
    await writeInPlace(at('.build.json'), JSON.stringify(record))
  }
  const { size } = await stat(at('.wasm'))
  return {
    name,
    entry,
    wasmPath: at('.wasm'),
    abiPath: at('.abi.json'),
    wasmBytes: size,
    isRebuilt: !current,
  }
}

/**
 * Builds again what stands at `wasmPath`, if its sources are there and changed since. `undefined`: nothing is known of
 * where it came from. Throws a CompileError.
 */
export const rebuildContract = async (
  wasmPath: string,
  toolchain?: string,
): Promise<BuiltContract | undefined> => {
  const outFolder = dirname(wasmPath)
  const record = await readRecord(join(outFolder, `${basename(wasmPath, '.wasm')}.build.json`))
  if (record?.entry === undefined) return undefined
  const entry = join(outFolder, record.entry)
  try {
    await access(entry)
  } catch {
    // Built elsewhere and copied here: what is there is all there is.
    return undefined
  }
  return buildContract(entry, outFolder, toolchain)
}
