/** Compiles contracts that a test holds as text. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { CompileError } from '../../../contracts/sdk/compile-error.ts'
import { type CompiledContract, compileContract } from '../../../contracts/sdk/compile.ts'

/** `files` by name; the contract is in `main.ts`. */
export const compileText = async (files: Readonly<Record<string, string>>): Promise<CompiledContract> => {
  const folder = await mkdtemp(join(tmpdir(), 'vex-contract-'))
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), text)
    }
    return await compileContract({ entry: join(folder, 'main.ts') })
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** What the compiler finds wrong with them, or "compiled". A text alone is `main.ts`. */
export const messagesOf = async (files: string | Readonly<Record<string, string>>): Promise<string[]> => {
  try {
    await compileText(typeof files === 'string' ? { 'main.ts': files } : files)
  } catch (error) {
    if (error instanceof CompileError) return error.message.split('\n')
    throw error
  }
  return ['compiled']
}

/** A contract whose class body is `body`; its first line is line 3, and `after` comes two lines after its last. */
export const contract = (body: string, after = ''): string =>
  `import { Value, Mapping, Indexed, Address, emit, u128 } from 'vex'\n@contract export class Main {\n${body}\n}\n${after}`
/** A method that makes a contract whole. */
export const ANSWER = '@view answer(): u64 { return 42 }'
