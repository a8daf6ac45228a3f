/** Builds contracts in a thread of their own. See build-worker.ts. */
import type { Worker } from 'node:worker_threads'
import { startThread } from '../../node/loading/start-thread.ts'
import type { BuiltContract } from '../../contracts/sdk/build.ts'
import { CompileError, type CompileErrorCode, type Diagnostic } from '../../contracts/sdk/compile-error.ts'
import { CliError } from '../errors.ts'

export interface BuildRequest {
  readonly id: number
  readonly entry: string
  readonly outFolder: string
}

export type BuildAnswer = { readonly id: number } & (
  | { readonly kind: 'built'; readonly contract: BuiltContract }
  | {
      readonly kind: 'refused'
      readonly code: CompileErrorCode
      readonly diagnostics: readonly Diagnostic[]
    }
  | { readonly kind: 'failed'; readonly message: string }
)

export interface ContractBuilder {
  /** Throws a CompileError, or a CliError for a file that cannot be built at all. */
  build(entry: string, outFolder: string): Promise<BuiltContract>
  close(): Promise<void>
}

export const startContractBuilder = (): ContractBuilder => {
  const waiting = new Map<number, PromiseWithResolvers<BuiltContract>>()
  let worker: Worker | undefined
  let nextId = 0

  const failAll = (error: Error): void => {
    worker = undefined
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }

  const start = (): Worker => {
    const started = startThread(new URL('build-worker.ts', import.meta.url))
    started.on('message', (answer: BuildAnswer) => {
      const build = waiting.get(answer.id)
      waiting.delete(answer.id)
      if (answer.kind === 'built') build?.resolve(answer.contract)
      else if (answer.kind === 'refused') build?.reject(new CompileError(answer.code, answer.diagnostics))
      else build?.reject(new CliError('not_built', answer.message))
    })
    // The next build starts another thread.
    started.on('error', cause =>
      failAll(new CliError('not_built', `the compiler failed: ${(cause as Error).message}`, { cause })),
    )
    return started
  }

  return {
    build(entry, outFolder) {
      const id = nextId++
      const build = Promise.withResolvers<BuiltContract>()
      waiting.set(id, build)
      worker ??= start()
      worker.postMessage({ id, entry, outFolder } satisfies BuildRequest)
      return build.promise
    },
    async close() {
      const closing = worker
      failAll(new CliError('not_built', 'the compiler is closed'))
      await closing?.terminate()
    },
  }
}
