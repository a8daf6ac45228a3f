/**
 * Contracts for tests: the code and the ABI of an artifact, or of a source file. What `vex build` made is built
 * again first if its sources changed, so that no test runs on stale code. With it come the symbols that lead from
 * a failure to its line.
 */
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  type BuiltContract,
  buildContract,
  hashToolchain,
  rebuildContract,
} from '../../contracts/sdk/build.ts'
import type { ContractAbi } from '../abi/infer.ts'
import { type Abi, abiFromCode } from '../abi/types.ts'
import { type ContractArtifact, readCode } from '../client/artifact.ts'
import { TAGS, taggedHash } from '../crypto/hash.ts'
import type { SymbolStore } from '../diagnostics/symbol-store.ts'
import { formatSymbols, parseSymbols, type Symbols } from '../diagnostics/symbols.ts'
import { toHex } from '../types/primitives.ts'
import { TestError } from './error.ts'

export interface LoadedContract<A> {
  readonly code: Uint8Array
  readonly abi: A
}

interface Twin {
  readonly code: Uint8Array
  readonly path: string
  /** Of the contract's source, from the folder that the tests were started in; `''` if it is not known. */
  readonly folder: string
}

/** Debug twins by the hash of their code, in hex. */
const twins = new Map<string, Twin>()
const parsed = new Map<string, Symbols | undefined>()

const readSymbols = ({ code, path, folder }: Twin): Symbols | undefined => {
  if (!existsSync(path)) return undefined
  try {
    return parseSymbols(formatSymbols(code, JSON.parse(readFileSync(path, 'utf8')), folder))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    process.emitWarning(`${path} cannot be used, so that failures lack their lines: ${reason}`)
    return undefined
  }
}

/** Of every contract that this process loaded. */
export const loadedSymbols: SymbolStore = {
  get(codeHash) {
    const twin = twins.get(codeHash)
    if (!parsed.has(codeHash) && twin !== undefined) parsed.set(codeHash, readSymbols(twin))
    return parsed.get(codeHash)
  },
}

/** The SDK's own files do not change while tests run. */
let toolchain: Promise<string> | undefined
const builds = new Map<string, Promise<BuiltContract | undefined>>()

/** Once a file and process. */
const buildOnce = (
  path: string,
  build: (tools: string) => Promise<BuiltContract | undefined>,
): Promise<BuiltContract | undefined> => {
  let running = builds.get(path)
  if (running === undefined) {
    toolchain ??= hashToolchain()
    running = toolchain.then(build)
    builds.set(path, running)
  }
  return running
}

const NO_ABI = { name: '', version: 1, methods: [], events: [] } as const

/** `name` and `entry` are for messages. */
const readModule = async (wasmPath: string, name: string, entry: string | undefined) => {
  const code = await readCode({ name, abi: NO_ABI, code: pathToFileURL(wasmPath) })
  const abi = abiFromCode(code)
  if (abi === undefined) throw new TestError(`${name} carries no ABI: it was not built by "vex build"`)
  const folder = entry === undefined ? '' : relative('', dirname(entry)).split(sep).join('/')
  const path = wasmPath.replace(/\.wasm$/, '.debug.json')
  twins.set(toHex(taggedHash(TAGS.code, code)), { code, path, folder })
  return { code, abi }
}

/** The ABI is the code's own: after a change of the source, the one in the artifact may be older. */
export const loadArtifact = async <A extends ContractAbi>({
  name,
  abi,
  code,
}: ContractArtifact<A>): Promise<LoadedContract<A>> => {
  if (code instanceof Uint8Array) return { code, abi }
  const path = fileURLToPath(code)
  const built = await buildOnce(path, tools => rebuildContract(path, tools))
  const loaded = await readModule(path, name, built?.entry)
  return { code: loaded.code, abi: loaded.abi as unknown as A }
}

/** Where `vex build` would put it: beside the project's other builds. */
const BUILD_FOLDER = 'build'

/** `path` of a source, from the folder that the tests were started in. */
export const loadSource = async (path: string): Promise<LoadedContract<Abi>> => {
  const entry = resolve(path)
  if (extname(entry) !== '.ts')
    throw new TestError(`${path}: expected an artifact of "vex build", or a contract's source (.ts)`)
  if (!existsSync(entry))
    throw new TestError(`there is no contract at ${path}, from the folder ${process.cwd()}`)
  await buildOnce(entry, tools => buildContract(entry, resolve(BUILD_FOLDER), tools))
  return readModule(join(resolve(BUILD_FOLDER), `${basename(entry, '.ts')}.wasm`), path, entry)
}
