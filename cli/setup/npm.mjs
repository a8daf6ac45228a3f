/** Where npm is. */
import { existsSync, realpathSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { SetupError } from './report.mjs'

/** npm's own script: the npm that started us, the one beside this Node, or the one on the PATH. */
export const findNpm = () => {
  const beside = dirname(realpathSync(process.execPath))
  const candidates = [
    process.env.npm_execpath ?? '',
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    ...(process.env.PATH ?? '').split(delimiter).map(folder => join(folder, 'npm')),
  ]
  for (const candidate of candidates) {
    if (candidate === '' || !existsSync(candidate)) continue
    const script = realpathSync(candidate)
    if (basename(script) === 'npm-cli.js') return script
  }
  throw new SetupError('npm was not found. Install Node.js with its npm and run again.')
}
