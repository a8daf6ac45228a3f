/**
 * `npm run pack`: the package as `build/vex-<version>.tgz`. `vex new` packs the same way, from a clone, or from
 * an installed package, which is what was packed already.
 */
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CliError } from '../errors.ts'
import { runNpm } from '../npm.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const isClone = import.meta.filename.endsWith('.ts')

/** Returns the tarball's path. */
export const packVex = async (outFolder: string): Promise<string> => {
  await mkdir(outFolder, { recursive: true })
  let folder = ROOT
  if (isClone) {
    const { stagePackage } = await import('./stage.ts')
    folder = join(ROOT, 'build', 'package')
    await stagePackage(ROOT, folder)
  }
  const { exitCode, stdout, stderr } = await runNpm(
    ['pack', folder, '--pack-destination', resolve(outFolder), '--silent'],
    outFolder,
  )
  if (exitCode !== 0) throw new CliError('no_package', `npm cannot pack Vex:\n${stderr.trim()}`)
  return join(outFolder, stdout.trim().split('\n').at(-1) ?? '')
}

if (import.meta.main) console.log(await packVex(join(ROOT, 'build')))
