/** The example contracts as `npm run contracts` (and every `npm test`) compiled them. */
import { readFile } from 'node:fs/promises'
import { abiFromCode } from '../../node/abi/types.ts'
import type { TestContract } from './contracts.ts'

export const builtContract = async (name: string): Promise<TestContract> => {
  const path = new URL(`../../contracts/build/${name}.wasm`, import.meta.url)
  const code = new Uint8Array(await readFile(path))
  const abi = abiFromCode(code)
  if (abi === undefined) throw new Error(`the compiled ${name} has no ABI`)
  return { code, abi }
}
