/** Compiled contracts for tests: the examples of contracts/, and those of test/fixtures/contracts/. */
import { fileURLToPath } from 'node:url'
import { compileContract } from '../../contracts/sdk/compile.ts'
import type { Abi } from '../../node/abi/types.ts'
import { parseAbi } from '../../node/abi/types.ts'

export interface TestContract {
  readonly code: Uint8Array
  readonly abi: Abi
}

const compile = async (path: string): Promise<TestContract> => {
  const { wasm, abi } = await compileContract({ entry: fileURLToPath(new URL(path, import.meta.url)) })
  return { code: wasm, abi: parseAbi(abi) }
}

export const exampleContract = (name: string): Promise<TestContract> =>
  compile(`../../contracts/${name}/${name}.ts`)

export const fixtureContract = (name: string): Promise<TestContract> =>
  compile(`../fixtures/contracts/${name}.ts`)
