/** Compiles a contract that a test holds as text. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CompiledContract, compileContract } from '../../../contracts/sdk/compile.ts'

/** `files` by name; the contract is in `main.ts`. */
export const compileText = async (files: Readonly<Record<string, string>>): Promise<CompiledContract> => {
  const folder = await mkdtemp(join(tmpdir(), 'vex-contract-'))
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    return await compileContract({ entry: join(folder, 'main.ts') })
  } finally {
    await rm(folder, { recursive: true })
  }
}
