/** `npm run contracts`: builds every example contract into contracts/build/. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildContract, hashToolchain, type BuiltContract } from './sdk/build.ts'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const NOT_CONTRACTS = new Set(['sdk', 'build'])
export const BUILD_FOLDER = join(FOLDER, 'build')

/** Builds those that changed. The contract of a folder `token` stands in `token/token.ts`. */
export const buildExamples = async (): Promise<BuiltContract[]> => {
  const toolchain = await hashToolchain()
  const folders = (await readdir(FOLDER, { withFileTypes: true })).filter(
    entry => entry.isDirectory() && !NOT_CONTRACTS.has(entry.name),
  )
  const built: BuiltContract[] = []
  for (const { name } of folders)
    built.push(await buildContract(join(FOLDER, name, `${name}.ts`), BUILD_FOLDER, toolchain))
  return built
}

if (import.meta.main) {
  for (const { name, wasmBytes, isRebuilt } of await buildExamples())
    console.log(
      `${name.padEnd(10)} ${String(wasmBytes).padStart(6)} bytes  ${isRebuilt ? 'built' : 'unchanged'}`,
    )
}
