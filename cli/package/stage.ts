/**
 * Makes the folder that is packed, from a clone: JavaScript and declarations of what runs, because Node strips no
 * types inside node_modules, and as source what the contract compiler and editors read. Every file keeps its
 * place, so that paths from one to another hold in both forms.
 */
import { execFile } from 'node:child_process'
import { access, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { VEX_ENTRIES } from '../bundle/clone.ts'
import { CliError } from '../errors.ts'
import { SHIPPED } from '../loading.mjs'
import { packageManifest, repositoryManifest } from './manifest.ts'

const run = promisify(execFile)

const COPIED = [
  'LICENSE',
  'README.md',
  'asconfig.json',
  'contracts/README.md',
  'contracts/editor.json',
  'contracts/sdk/assembly',
  'contracts/sdk/types',
  // `vex tour` deploys it.
  'contracts/token/token.ts',
  'cli/template',
  'cli/package/examples',
  'cli/completion/tree.json',
  // The README shows them.
  'cli/dashboard/pictures',
]
/** The documentation page of a node: what npm installed here, beside the module that serves it. */
const DOCS_SOURCE = 'node_modules/swagger-ui-dist'
const DOCS_FOLDER = 'node/api/rest/swagger-ui'
const DOCS_FILES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'LICENSE', 'NOTICE']

/** Run before there is anything to strip types. */
const PLAIN_MODULES = [
  'cli/vex.mjs',
  'cli/loading.mjs',
  'node/loading/http.mjs',
  'node/loading/resolve.mjs',
  'cli/setup/start.mjs',
  'cli/setup/process.mjs',
  'cli/setup/report.mjs',
  'cli/setup/npm.mjs',
]

const emit = async (root: string, out: string): Promise<void> => {
  const config = join(out, 'tsconfig.emit.json')
  await writeFile(
    config,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        noEmit: false,
        noEmitOnError: true,
        declaration: true,
        outDir: out,
        rootDir: root,
        typeRoots: [join(root, 'node_modules/@types')],
        // What is not used yet keeps no package from being made; the repository's own check is stricter.
        noUnusedLocals: false,
      },
      include: ['vm', 'node', 'cli'].map(folder => join(root, folder)),
      exclude: ['cli/template', 'node/**/*-core/assembly'].map(folder => join(root, folder)),
    }),
  )
  try {
    await run(process.execPath, [join(root, 'node_modules/.bin/tsc'), '-p', config])
  } catch (cause) {
    const { stdout = '' } = cause as { stdout?: string }
    throw new CliError('bad_source', `Vex itself does not compile:\n${stdout.trim()}`, { cause })
  }
  await rm(config)
}

/** tsc turns imports of `.ts` into `.js`, but not the addresses of worker threads. */
const MODULE_URL = /new URL\('([\w./-]+)\.ts', import\.meta\.url\)/g

const renameWorkers = async (out: string): Promise<void> => {
  const files = await readdir(out, { recursive: true })
  for (const file of files.filter(name => name.endsWith('.js'))) {
    const path = join(out, file)
    const text = await readFile(path, 'utf8')
    const workers = [...text.matchAll(MODULE_URL)].map(([, name]) => `${name}.js`)
    if (workers.length === 0) continue
    for (const worker of workers) await access(join(dirname(path), worker))
    await writeFile(
      path,
      text.replace(MODULE_URL, address => address.replace('.ts', '.js')),
    )
  }
}

/** Who installs a package has the licences of the others in their folders; what is bundled has come out of those. */
const licencesOf = async (root: string, packages: readonly string[]): Promise<string> => {
  const texts = await Promise.all(
    packages.map(async name => {
      const folder = join(root, 'node_modules', name)
      const file = (await readdir(folder)).find(entry => /^licen[cs]e/i.test(entry))
      if (file === undefined) throw new CliError('bad_source', `${name} is bundled, and has no licence`)
      return `${name}\n\n${(await readFile(join(folder, file), 'utf8')).trim()}\n`
    }),
  )
  return texts.join('\n\n')
}

const addBundle = async (root: string, out: string): Promise<void> => {
  // What it is made with is not there where Vex is installed.
  const { makeBundle } = await import('../bundle/bundle.ts')
  const outFolder = join(out, SHIPPED)
  const { files, packages } = await makeBundle({
    root: out,
    outFolder,
    entries: VEX_ENTRIES,
    extension: '.js',
    packagesOf: root,
  })
  await mkdir(outFolder)
  for (const { name, contents } of files) await writeFile(join(outFolder, name), contents)
  await writeFile(join(outFolder, 'LICENSES'), await licencesOf(root, packages))
}

/** `root` is a clone with its packages installed, `out` an empty folder. */
export const stagePackage = async (root: string, out: string): Promise<void> => {
  await emit(root, out)
  await renameWorkers(out)
  for (const path of [...COPIED, ...PLAIN_MODULES])
    await cp(join(root, path), join(out, path), { recursive: true })
  for (const name of DOCS_FILES) await cp(join(root, DOCS_SOURCE, name), join(out, DOCS_FOLDER, name))
  const manifest = repositoryManifest.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')))
  await writeFile(join(out, 'package.json'), `${JSON.stringify(packageManifest(manifest), null, 2)}\n`)
  await addBundle(root, out)
}
