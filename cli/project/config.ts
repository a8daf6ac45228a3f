/**
 * `vex.json`: what `vex dev` does with the project it stands in. Contracts are deployed in the order they are
 * written in, those that are not named after them; in place of an address, `"@token"` stands for that of the contract
 * `token` and `"dev1"` for that of the development account.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { exactNumber } from '../abi-arguments.ts'
import { isDevName } from '../address-book.ts'
import { CliError } from '../errors.ts'

export const PROJECT_FILE = 'vex.json'

const MAX_CONTRACTS = 100

const contractConfig = z.strictObject({
  /** Arguments of its init method, by name. */
  init: z.record(z.string(), z.unknown()).default({}),
  /** Who deploys and owns it. */
  from: z.string().refine(isDevName, 'expected dev0 to dev9').default('dev0'),
})

const projectConfig = z.strictObject({
  contracts: z
    .record(z.string(), contractConfig)
    .refine(contracts => Object.keys(contracts).length <= MAX_CONTRACTS, `at most ${MAX_CONTRACTS} contracts`)
    .default({}),
  /** A script that runs against the chain, and again at each change. */
  client: z.string().optional(),
})

export type ProjectConfig = z.infer<typeof projectConfig>
export type ContractConfig = z.infer<typeof contractConfig>

export const DEFAULT_CONTRACT: ContractConfig = contractConfig.parse({})

const bad = (reason: string, cause?: unknown): CliError =>
  new CliError('bad_project', `${PROJECT_FILE}: ${reason}`, { cause })

const parseConfig = (text: string): ProjectConfig => {
  let json: unknown
  try {
    json = JSON.parse(text, exactNumber)
  } catch (cause) {
    throw bad(`this is not valid JSON: ${(cause as Error).message}`, cause)
  }
  const parsed = projectConfig.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw bad([issue?.path.join('.'), issue?.message].filter(Boolean).join(': '))
}

/** `undefined`: the folder is no project. */
export const readProjectConfig = async (folder: string): Promise<ProjectConfig | undefined> => {
  let text: string
  try {
    text = await readFile(join(folder, PROJECT_FILE), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  return parseConfig(text)
}
