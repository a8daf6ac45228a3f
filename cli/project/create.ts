/** What `vex new` makes: the template's files under the project's name, and Vex itself packed beside them. */
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { CliError, usageError } from '../errors.ts'
import { packVex } from '../package/pack.ts'

const TEMPLATE = join(import.meta.dirname, '..', 'template')
const VENDOR = 'vendor'
/** npm packs no file of its real name. */
const GITIGNORE = 'gitignore'

/** npm takes more, but this is good for folders, addresses and people alike. */
const NAME = /^[a-z][a-z0-9-]{0,49}$/
/** A package cannot depend on its own name; npm has a use for the other. */
const TAKEN = new Set(['vex', 'node-modules'])

export const assertProjectName = (name: string): void => {
  if (!NAME.test(name))
    throw usageError(
      `${JSON.stringify(name)} is no name for a project: lower-case letters, digits and hyphens, a letter first, at most 50. Its folder may be another: --dir`,
    )
  if (TAKEN.has(name)) throw usageError(`a project cannot be named ${name}: choose another name`)
}

/** The folder is not there, or there is nothing in it. */
export const assertEmptyFolder = async (folder: string): Promise<void> => {
  let entries: string[]
  try {
    if (!(await stat(folder)).isDirectory())
      throw new CliError('not_empty', `${folder} is a file: give another folder with --dir`)
    entries = await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if (entries.length > 0)
    throw new CliError(
      'not_empty',
      `${folder} is not empty (it holds ${entries[0]}): give another folder with --dir`,
    )
}

interface ProjectManifest {
  name: string
  dependencies: Record<string, string>
}

const fill = async (name: string, folder: string): Promise<void> => {
  await cp(TEMPLATE, folder, { recursive: true })
  await rename(join(folder, GITIGNORE), join(folder, `.${GITIGNORE}`))
  const tarball = await packVex(join(folder, VENDOR))

  const manifestPath = join(folder, 'package.json')
  const manifest = JSON.parse(await readFile(manifestPath, 'utf8')) as ProjectManifest
  manifest.name = name
  manifest.dependencies['vex'] = `file:${VENDOR}/${basename(tarball)}`
  await writeFile(manifestPath, `${JSON.stringify(manifest, null, 2)}\n`)
  const readmePath = join(folder, 'README.md')
  await writeFile(readmePath, (await readFile(readmePath, 'utf8')).replace('NAME', name))
}

/** Nothing is installed yet. The caller has checked name and folder; if it fails, the folder is as it was. */
export const createProject = async (name: string, folder: string): Promise<void> => {
  const made = await mkdir(folder, { recursive: true })
  try {
    await fill(name, folder)
  } catch (error) {
    if (made === undefined)
      for (const entry of await readdir(folder)) await rm(join(folder, entry), { recursive: true })
    else await rm(made, { recursive: true })
    throw error
  }
}
