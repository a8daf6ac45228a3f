/**
 * Compiles assembly/ into build/tree-core.wasm, if it or the compiler changed since: the hash of both stands in
 * build/tree-core.hash. Both are put in place by a rename.
 */
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TREE_CORE_WASM } from './path.ts'

const SOURCES = join(import.meta.dirname, 'assembly')
const HASH_FILE = TREE_CORE_WASM.replace(/wasm$/, 'hash')
/** No imports: what cannot go on traps. Four messages are hashed in one vector. */
const OPTIONS = ['--runtime', 'stub', '-O3', '--enable', 'simd', '--noAssert', '--use', 'abort=']

const hashSources = async (): Promise<string> => {
  const hash = createHash('sha256').update(OPTIONS.join(' '))
  const compiler = fileURLToPath(import.meta.resolve('assemblyscript/package.json'))
  const files = (await readdir(SOURCES)).sort().map(file => join(SOURCES, file))
  for (const file of [compiler, ...files]) hash.update(await readFile(file))
  return hash.digest('hex')
}

const putInPlace = async (path: string, content: Uint8Array | string): Promise<void> => {
  const temporary = `${path}.${randomUUID()}.new`
  await writeFile(temporary, content)
  await rename(temporary, path)
}

const isUpToDate = async (hash: string): Promise<boolean> => {
  try {
    return (await readFile(HASH_FILE, 'utf8')) === hash && (await readFile(TREE_CORE_WASM)).length > 0
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
  await mkdir(dirname(TREE_CORE_WASM), { recursive: true })
  await putInPlace(TREE_CORE_WASM, wasm)
  await putInPlace(HASH_FILE, hash)
}
