/**
 * The bundle: what the command and its threads load, in a hundred files instead of six hundred. To find, read, link and
 * compile a module takes Node half a millisecond, in each thread anew; a chain is ready in five sixths of the time and 10 MB
 * less with it.
 *
 * It is the same program: `import.meta` tells the source's place in both, what is loaded on demand still is, and each thread is
 * one file beside whoever starts it. Of the packages, those are in it that are ES modules throughout; the others stay
 * where npm put them. ../loading.mjs decides whether a process runs it.
 */
import { readFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { build, type OutputFile, type Plugin, stop } from 'esbuild'

export interface BundleOptions {
  /** Of the repository, or of a package that is being made. */
  readonly root: string
  /** Where it will lie. */
  readonly outFolder: string
  /** What is loaded by its address: paths under the root, without extension. Their last parts differ. */
  readonly entries: readonly string[]
  readonly extension: '.ts' | '.js'
  /** Where packages are found. Default: where the root has them. */
  readonly packagesOf?: string | undefined
}

export interface Bundle {
  /** All lie in the folder itself. */
  readonly files: readonly { readonly name: string; readonly contents: Uint8Array }[]
  /** What it was made of: paths from the root. */
  readonly inputs: readonly string[]
  /** Those whose code is in it. */
  readonly packages: readonly string[]
}

const BUNDLED_PACKAGES = /^(zod|@trpc\/(client|server)|@noble\/\w+|@scure\/\w+)(\/|$)/
const PACKAGE = /^[\w@]/
const PACKAGE_OF_FILE = /node_modules\/((?:@[^/]+\/)?[^/]+)\//
/** As node/loading/resolve.mjs leaves them out. */
const LOCALES = /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/

/** Where the bundle's file lies. */
const FILE_URL = '__fileUrl'
const TO_PATH = `process.getBuiltinModule('node:url').fileURLToPath`

interface Place {
  readonly property: string
  /** What stands for it in the bundle: only where it is meant, not in a string of a program that writes programs. */
  readonly name: string
  /** From the address of the source, an expression too. */
  readonly of: (url: string) => string
}
const PLACES: readonly Place[] = [
  { property: 'import.meta.url', name: '__sourceUrl', of: url => `${url}.href` },
  { property: 'import.meta.filename', name: '__sourceFilename', of: url => `${TO_PATH}(${url})` },
  {
    property: 'import.meta.dirname',
    name: '__sourceDirname',
    of: url => `${TO_PATH}(new URL('.', ${url})).slice(0, -1)`,
  },
]

const THREAD = /(startThread\(\s*new URL\()'([^']+)', import\.meta\.url\)/g

const withoutExtension = (address: string): string => address.replace(/\.[tj]s$/, '')

/** Threads are beside whoever starts them; everything else that is found by its place is where the source has it. */
const keepPlaces = ({ root, outFolder, entries }: BundleOptions): Plugin => ({
  name: 'keep-places',
  setup(building) {
    building.onLoad({ filter: /\.m?[tj]s$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      if (!text.includes('import.meta')) return undefined
      const entryOf = (address: string): string | undefined =>
        entries.find(entry => join(root, entry) === resolve(dirname(path), withoutExtension(address)))
      for (const [, , address = ''] of text.matchAll(THREAD))
        if (entryOf(address) === undefined)
          return { errors: [{ text: `starts ${address}, which is no entry of the bundle` }] }
      const url = `new URL(${JSON.stringify(relative(outFolder, path))}, ${FILE_URL})`
      const places = PLACES.filter(({ property }) => text.includes(property))
      const head = places.map(({ name, of }) => `const ${name} = ${of(url)};`).join('')
      const contents = text.replace(
        THREAD,
        (_, start: string, address: string) =>
          `${start}'./${basename(entryOf(address) ?? '')}.js', ${FILE_URL})`,
      )
      return { contents: `${head}${contents}`, loader: path.endsWith('ts') ? 'ts' : 'js' }
    })
  },
})

const choosePackages = ({ root, packagesOf = root }: BundleOptions): Plugin => ({
  name: 'choose-packages',
  setup(building) {
    building.onResolve({ filter: PACKAGE }, async ({ path, importer, kind, pluginData }) => {
      if (kind === 'entry-point' || pluginData === 'found') return undefined
      if (!BUNDLED_PACKAGES.test(path)) return { path, external: true }
      if (importer.includes('node_modules')) return undefined
      return building.resolve(path, { resolveDir: packagesOf, kind, pluginData: 'found' })
    })
    building.onLoad({ filter: LOCALES }, () => ({ contents: 'export {}' }))
  },
})

interface BuiltEntry {
  readonly outputs: readonly OutputFile[]
  readonly inputs: readonly string[]
}

const buildEntry = async (entry: string, options: BundleOptions): Promise<BuiltEntry> => {
  const { root, outFolder, extension } = options
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [`${entry}${extension}`],
    outdir: outFolder,
    entryNames: '[name]',
    chunkNames: `${basename(entry)}-[name]-[hash]`,
    bundle: true,
    splitting: true,
    metafile: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'esnext',
    define: Object.fromEntries(PLACES.map(({ property, name }) => [property, name])),
    banner: { js: `const ${FILE_URL} = import.meta.url;` },
    plugins: [choosePackages(options), keepPlaces(options)],
    logLevel: 'error',
  })
  return { outputs: outputFiles, inputs: Object.keys(metafile.inputs) }
}

/**
 * Each entry has files of its own: threads share nothing, and what they would share would be in more files. Rejects if
 * something in it does not compile, once esbuild has told where.
 */
export const makeBundle = async (options: BundleOptions): Promise<Bundle> => {
  const built = await Promise.all(options.entries.map(entry => buildEntry(entry, options)))
  await stop()
  const inputs = [...new Set(built.flatMap(entry => entry.inputs))].sort()
  const packages = inputs.map(path => PACKAGE_OF_FILE.exec(path)?.[1]).filter(name => name !== undefined)
  return {
    files: built.flatMap(({ outputs }) =>
      outputs.map(({ path, contents }) => ({ name: basename(path), contents })),
    ),
    inputs,
    packages: [...new Set(packages)],
  }
}
