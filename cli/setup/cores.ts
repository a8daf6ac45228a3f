/**
 * Compiles the `assembly/` folder of each core into a TypeScript module beside it that holds the Wasm, so that who uses it
 * reads no file; only if it or the compiler changed since. The hash of both stands in its first line.
 */
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Core {
  readonly name: string
  /** From the project's root. */
  readonly folder: string
}

const CORES: readonly Core[] = [
  { name: "the state tree's core", folder: 'node/state/tree-core' },
  { name: "Ed25519's core", folder: 'node/crypto/ed25519-core' },
]
const ROOT = join(import.meta.dirname, '../..')

/** No imports: what cannot go on traps. Four messages are hashed, four points added, in vectors. */
const OPTIONS = ['--runtime', 'stub', '-O3', '--enable', 'simd', '--noAssert', '--use', 'abort=']

const hashSources = async (sources: string): Promise<string> => {
  const hash = createHash('sha256').update(OPTIONS.join(' '))
  const compiler = fileURLToPath(import.meta.resolve('assemblyscript/package.json'))
  const files = (await readdir(sources)).sort().map(file => join(sources, file))
  for (const file of [compiler, ...files]) hash.update(await readFile(file))
  return hash.digest('hex')
}

const firstLine = (hash: string): string => `/** Written by cli/setup/cores.ts from ${hash}. */`

const isUpToDate = async (module: string, hash: string): Promise<boolean> => {
  try {
    return (await readFile(module, 'utf8')).startsWith(firstLine(hash))
  } catch {
    // Not built yet.
    return false
  }
}

const buildCore = async ({ name, folder }: Core): Promise<void> => {
  const sources = join(ROOT, folder, 'assembly')
  const module = join(ROOT, folder, 'build/wasm.ts')
  const hash = await hashSources(sources)
  if (await isUpToDate(module, hash)) return
  const { main } = await import('assemblyscript/asc')
  let wasm: Uint8Array | undefined
  let messages = ''
  const { error } = await main(['index.ts', '--baseDir', sources, '--outFile', 'core.wasm', ...OPTIONS], {
    writeFile(_, contents) {
      if (typeof contents !== 'string') wasm = contents
    },
    stderr: { write: text => void (messages += text) },
  })
  if (error !== null || wasm === undefined)
    throw new Error(`${name} does not compile: ${error?.message ?? 'nothing came out'}\n${messages}`)
  const text = `${firstLine(hash)}\nexport const WASM_BASE64 =\n  '${Buffer.from(wasm).toString('base64')}'\n`
  await mkdir(dirname(module), { recursive: true })
  // In place by a rename: nobody reads half of it.
  const temporary = `${module}.${randomUUID()}.new`
  await writeFile(temporary, text)
  await rename(temporary, module)
}

export const buildCores = async (): Promise<void> => {
  for (const core of CORES) await buildCore(core)
}
