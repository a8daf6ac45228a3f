/** What a bundler makes of a program for browsers: minified ES modules, what is loaded on demand in files of its own. */
import { basename, join } from 'node:path'
import { build, type Metafile } from 'esbuild'

export interface BrowserBundle {
  /** By name; the first is the program, the others are what it imports. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** Files that the program loads at once. */
  readonly initial: readonly string[]
  /** Paths of every source in it. */
  readonly inputs: readonly string[]
  /** Modules of Node that something in it imports. */
  readonly builtins: readonly string[]
}

const ROOT = join(import.meta.dirname, '../..')
const ENTRY = 'app.js'

/** All that is imported without asking for it later. */
const initialFiles = (outputs: Metafile['outputs']): string[] => {
  const found = new Set<string>()
  const visit = (path: string): void => {
    if (found.has(path)) return
    found.add(path)
    for (const { path: imported, kind } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement') visit(imported)
  }
  const entry = Object.keys(outputs).find(path => basename(path) === ENTRY)
  if (entry === undefined) throw new Error('esbuild wrote no program')
  visit(entry)
  return [...found].map(path => basename(path))
}

/** `source` is TypeScript, with imports from the root of the repository. */
export const bundleForBrowser = async (source: string): Promise<BrowserBundle> => {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: ROOT, loader: 'ts', sourcefile: 'app.ts' },
    outdir: ROOT,
    entryNames: 'app',
    bundle: true,
    splitting: true,
    write: false,
    minify: true,
    metafile: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2023',
    external: ['node:*'],
    logLevel: 'silent',
  })
  const inputs = Object.entries(metafile.inputs)
  return {
    files: new Map(outputFiles.map(({ path, contents }) => [basename(path), contents])),
    initial: initialFiles(metafile.outputs),
    inputs: inputs.map(([path]) => path),
    builtins: inputs.flatMap(([, { imports }]) =>
      imports.map(({ path }) => path).filter(path => path.startsWith('node:')),
    ),
  }
}
