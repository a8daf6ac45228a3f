/**
 * `npm run pack`: the package as `build/vex-<version>.tgz`. `vex new` packs the same way, from a clone, or from
 * an installed package, which is what was packed already.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { CliError } from '../errors.ts'
import { runNpm } from '../npm.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const isClone = import.meta.filename.endsWith('.ts')

const packFolder = async (folder: string, outFolder: string): Promise<string> => {
  const { exitCode, stdout, stderr } = await runNpm(
    ['pack', folder, '--pack-destination', resolve(outFolder), '--silent'],
    outFolder,
  )
  if (exitCode !== 0) throw new CliError('no_package', `npm cannot pack Vex:\n${stderr.trim()}`)
  return join(outFolder, stdout.trim().split('\n').at(-1) ?? '')
}

/** Returns the tarball's path. */
export const packVex = async (outFolder: string): Promise<string> => {
  await mkdir(outFolder, { recursive: true })
  if (!isClone) return packFolder(ROOT, outFolder)
  const { stagePackage } = await import('./stage.ts')
  const staging = await mkdtemp(join(tmpdir(), 'vex-package-'))
  try {
    await stagePackage(ROOT, staging)
    return await packFolder(staging, outFolder)
  } finally {
    await rm(staging, { recursive: true })
  }
}

if (import.meta.main) console.log(await packVex(join(ROOT, 'build')))
