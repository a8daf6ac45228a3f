/**
 * The bundles of a clone, under `.vex/bundles`: a folder for each that was made, named by what is in it, and for each kind a
 * file that names its newest and all that it was made of. A process goes on loading from the one it was started from.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BUNDLES, findBundle } from '../loading.mjs'
import type { Bundle } from './bundle.ts'

export const THREADS = [
  'cli/project/build-worker',
  'node/execution/block-worker',
  'node/execution/pruning-worker',
  'node/execution/query-worker',
  'node/execution/signature-worker',
  'node/snapshot/keeper-worker',
] as const

/** The command's. */
export const VEX_ENTRIES = ['cli/program', ...THREADS]

/** What a bundle depends on besides what is in it. npm writes the second whenever it changes a package. */
const MAKERS = ['cli/bundle/bundle.ts', 'node_modules/.package-lock.json']
/** Of all kinds. */
const KEPT = 8
const FOLDER_CHARACTERS = 16

const nameOf = ({ files }: Bundle): string => {
  const hash = createHash('sha256')
  for (const { name, contents } of files) hash.update(`${name} ${contents.length}\n`).update(contents)
  return hash.digest('hex').slice(0, FOLDER_CHARACTERS)
}

/** There as a whole or not at all. */
const writeFolder = async (folder: string, { files }: Bundle): Promise<void> => {
  const unfinished = `${folder}.${process.pid}`
  await mkdir(unfinished, { recursive: true })
  for (const { name, contents } of files) await writeFile(join(unfinished, name), contents)
  try {
    await rename(unfinished, folder)
  } catch {
    // The same is there already.
    await rm(unfinished, { recursive: true })
    const now = new Date()
    await utimes(folder, now, now)
  }
}

const removeOld = async (bundles: string): Promise<void> => {
  const folders = (await readdir(bundles, { withFileTypes: true })).filter(entry => entry.isDirectory())
  const made = await Promise.all(
    folders.map(async ({ name }) => ({ name, madeMs: (await stat(join(bundles, name))).mtimeMs })),
  )
  made.sort((a, b) => b.madeMs - a.madeMs)
  for (const { name } of made.slice(KEPT)) await rm(join(bundles, name), { recursive: true })
}

export interface CloneBundle {
  /** Of the repository. */
  readonly root: string
  /** Default: that of the command. */
  readonly name?: string | undefined
  readonly entries?: readonly string[] | undefined
}

/** Makes it, unless nothing has changed since it was made. For one process at a time. */
export const updateBundle = async ({
  root,
  name = 'vex',
  entries = VEX_ENTRIES,
}: CloneBundle): Promise<void> => {
  if (findBundle(root, name) !== undefined) return
  // Most set-ups have nothing to make.
  const { makeBundle } = await import('./bundle.ts')
  const bundles = join(root, BUNDLES)
  // Folders of bundles are equally deep: what is found by its place is found from any.
  const bundle = await makeBundle({ root, outFolder: join(bundles, 'any'), entries, extension: '.ts' })
  const own = bundle.inputs.filter(path => !path.includes('node_modules') && !path.includes(':'))
  const files = await Promise.all(
    [...own, ...MAKERS].map(async path => {
      const { mtimeMs, size } = await stat(join(root, path))
      return [path, mtimeMs, size]
    }),
  )
  const folder = nameOf(bundle)
  await writeFolder(join(bundles, folder), bundle)
  const index = join(bundles, `${name}.json`)
  await writeFile(`${index}.new`, JSON.stringify({ folder, files }))
  await rename(`${index}.new`, index)
  await removeOld(bundles)
}
