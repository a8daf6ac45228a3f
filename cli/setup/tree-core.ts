/**
 * Compiles node/state/tree-core/assembly/ into a TypeScript module beside it that holds the Wasm, so that who uses it
 * reads no file; only if it or the compiler changed since. The hash of both stands in its first line.
 */
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const FOLDER = join(import.meta.dirname, '../../node/state/tree-core')
const SOURCES = join(FOLDER, 'assembly')
const MODULE = join(FOLDER, 'build/wasm.ts')
/** No imports: what cannot go on traps. Four messages are hashed in one vector. */
const OPTIONS = ['--runtime', 'stub', '-O3', '--enable', 'simd', '--noAssert', '--use', 'abort=']

const hashSources = async (): Promise<string> => {
  const hash = createHash('sha256').update(OPTIONS.join(' '))
  const compiler = fileURLToPath(import.meta.resolve('assemblyscript/package.json'))
  const files = (await readdir(SOURCES)).sort().map(file => join(SOURCES, file))
  for (const file of [compiler, ...files]) hash.update(await readFile(file))
  return hash.digest('hex')
}

const firstLine = (hash: string): string => `/** Written by cli/setup/tree-core.ts from ${hash}. */`

const isUpToDate = async (hash: string): Promise<boolean> => {
  try {
    return (await readFile(MODULE, 'utf8')).startsWith(firstLine(hash))
  } catch {
    // Not built yet.
    return false
  }
}

export const buildTreeCore = async (): Promise<void> => {
  const hash = await hashSources()
  if (await isUpToDate(hash)) return
  const { main } = await import('assemblyscript/asc')
  let wasm: Uint8Array | undefined
  let messages = ''
  const { error } = await main(
    ['index.ts', '--baseDir', SOURCES, '--outFile', 'tree-core.wasm', ...OPTIONS],
    {
      writeFile(_, contents) {
        if (typeof contents !== 'string') wasm = contents
      },
      stderr: { write: text => void (messages += text) },
    },
  )
  if (error !== null || wasm === undefined)
    throw new Error(
      `the state tree's core does not compile: ${error?.message ?? 'nothing came out'}\n${messages}`,
    )
  const text = `${firstLine(hash)}\nexport const WASM_BASE64 =\n  '${Buffer.from(wasm).toString('base64')}'\n`
  await mkdir(dirname(MODULE), { recursive: true })
  // In place by a rename: nobody reads half of it.
  const temporary = `${MODULE}.${randomUUID()}.new`
  await writeFile(temporary, text)
  await rename(temporary, MODULE)
}
