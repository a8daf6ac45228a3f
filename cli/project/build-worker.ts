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

let isWarm = false

/**
 * Compiles once for nothing, if what was asked for stood there already: the compiler takes seconds to load and to get
 * going, which the author's first change would wait for.
 */
const warmUp = async (entry: string): Promise<void> => {
  if (isWarm) return
  isWarm = true
  const { compileContract } = await import('../../contracts/sdk/compile.ts')
  try {
    await compileContract({ entry })
  } catch (error) {
    // Edited meanwhile: the build that follows tells its author.
    if (!(error instanceof CompileError)) throw error
  }
}

/** The compiler has globals: one at a time. */
let previous: Promise<void> = Promise.resolve()
parentPort?.on('message', (request: BuildRequest) => {
  previous = previous.then(async () => {
    const answer = await build(request)
    parentPort?.postMessage(answer)
    if (answer.kind === 'built' && !answer.contract.isRebuilt) await warmUp(request.entry)
    else isWarm = true
  })
})
