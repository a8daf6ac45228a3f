/**
 * From a fresh clone to a running script, each step only if it is needed:
 *
 *   1. the pinned Node, then exactly the packages of package-lock.json (install.mjs)
 *   2. what is compiled: contracts, the Wasm cores, the command itself (build.ts skips what has not changed)
 *   3. the script, on the pinned Node, with this process's terminal, arguments, signals and exit code
 *
 * Steps 1 and 2 run under a lock, so that two commands started at once on a fresh clone both work.
 */
import { mkdirSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkPlatform, install, isInstalled } from './install.mjs'
import { withLock } from './lock.mjs'
import { Interrupted, NODE_ENVIRONMENT, NODE_FLAGS, runCaptured, runInherited } from './process.mjs'
import { fileFailure, say, SetupError } from './report.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const BIN = join(ROOT, 'node_modules', '.bin')
const PINNED_NODE = join(BIN, 'node')
/** A step that takes longer than this says so. */
const QUIET_MS = 700

/** With a place for what Node makes of the source (../loading.mjs), so that the first file is read from there, too. */
const environment = () => ({
  NODE_COMPILE_CACHE: join(ROOT, '.vex', 'compiled'),
  ...NODE_ENVIRONMENT,
  ...process.env,
  PATH: `${BIN}${delimiter}${process.env.PATH ?? ''}`,
})

const compile = async () => {
  const notice = setTimeout(() => say('Compiling'), QUIET_MS)
  const { exitCode, output } = await runCaptured(PINNED_NODE, [join(ROOT, 'cli', 'setup', 'build.ts')], {
    cwd: ROOT,
    env: environment(),
  })
  clearTimeout(notice)
  if (exitCode !== 0) {
    throw new SetupError('What is shown above does not compile. Correct it and run again.', output)
  }
}

const prepare = async () => {
  mkdirSync(join(ROOT, '.vex'), { recursive: true })
  await withLock(join(ROOT, '.vex', 'setup.lock'), async () => {
    if (!isInstalled(ROOT)) await install(ROOT)
    await compile()
  })
}

/** Ends the process: with the script's exit code, 128 + n after signal n, or 1 if the set-up failed. */
export const main = async ([script, ...scriptArguments]) => {
  try {
    if (script === undefined) throw new SetupError('Usage: node cli/setup.mjs <script> [argument…]')
    checkPlatform()
    await prepare()
    process.exitCode = await runInherited(
      PINNED_NODE,
      [...NODE_FLAGS, resolve(ROOT, script), ...scriptArguments],
      { env: environment() },
    )
  } catch (cause) {
    const error = fileFailure(cause)
    if (error instanceof Interrupted) {
      process.exitCode = error.exitCode
    } else if (error instanceof SetupError) {
      if (error.output !== '') console.error(error.output.trimEnd())
      console.error(error.message)
      process.exitCode = 1
    } else {
      throw error
    }
  }
}
