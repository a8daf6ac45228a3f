/** Runs `vex` in this process, or in one of the pinned Node. See ../vex.mjs. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NODE_ENVIRONMENT, NODE_FLAGS, runInherited } from './process.mjs'

const CLI = fileURLToPath(new URL('..', import.meta.url))

/** Built in an installed package, source in a clone. */
const entry = () => {
  const built = join(CLI, 'vex.js')
  return existsSync(built) ? built : join(CLI, 'vex.ts')
}

export const runHere = async () => {
  const { keepCompiled } = await import('../loading.mjs')
  keepCompiled()
  return import(entry())
}

/** An installed package has it beside its other dependencies, a clone where the set-up put it. */
const findPinnedNode = () => {
  const { resolve } = createRequire(import.meta.url)
  const candidates = [
    () => resolve(`node-${process.platform}-${process.arch}/package.json`),
    () => resolve('node/package.json'),
  ]
  for (const candidate of candidates) {
    try {
      const binary = join(dirname(candidate()), 'bin', 'node')
      if (existsSync(binary)) return binary
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error
    }
  }
  return undefined
}

/** Ends with the command's exit code. */
export const runOnPinnedNode = async (needed, commandArguments) => {
  const node = findPinnedNode()
  if (node === undefined) {
    console.error(
      `Vex runs on Node.js ${needed} or newer; this is ${process.versions.node}, and the Node that comes with Vex is not there. ` +
        'Install Vex with its optional packages on Linux x64, or use a newer Node; in a clone, run "npm start" once.',
    )
    process.exitCode = 1
    return
  }
  process.exitCode = await runInherited(node, [...NODE_FLAGS, entry(), ...commandArguments], {
    env: { ...NODE_ENVIRONMENT, ...process.env },
  })
}
