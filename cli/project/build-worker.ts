/** The thread that compiles: the compiler stays loaded and warm here, and the chain's thread goes on meanwhile. */
import { parentPort } from 'node:worker_threads'
import { buildContract, hashToolchain } from '../../contracts/sdk/build.ts'
import { CompileError } from '../../contracts/sdk/compile-error.ts'
import { assertContractSource } from '../contract-file.ts'
import type { BuildAnswer, BuildRequest } from './build-client.ts'

const toolchain = hashToolchain()

const build = async ({ id, entry, outFolder }: BuildRequest): Promise<BuildAnswer> => {
  try {
    await assertContractSource(entry)
    return { id, kind: 'built', contract: await buildContract(entry, outFolder, await toolchain) }
  } catch (error) {
    // An error's class is lost on the way to another thread.
    if (error instanceof CompileError)
      return { id, kind: 'refused', code: error.code, diagnostics: error.diagnostics }
    return { id, kind: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}

/** The compiler has globals: one at a time. */
let previous: Promise<void> = Promise.resolve()
parentPort?.on('message', (request: BuildRequest) => {
  previous = previous.then(async () => parentPort?.postMessage(await build(request)))
})
