/**
 * Where a project's contracts are: `build/deployments.json` for the next start of `vex dev`, and
 * `build/deployments.ts` for the scripts, which TypeScript then knows the addresses' names of.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const deployment = z.object({
  address: z.templateLiteral(['vex1', z.string()]),
  /** SHA-256 of what was deployed: code, arguments, sender. The same again needs no deployment. */
  digest: z.string(),
})
const deploymentsFile = z.object({
  /** The chain they are on. */
  genesisHash: z.string(),
  contracts: z.record(z.string(), deployment),
})

export type Deployment = z.infer<typeof deployment>
export type Deployments = ReadonlyMap<string, Deployment>

const JSON_FILE = 'deployments.json'
const MODULE_FILE = 'deployments.ts'

/** None if the file is absent, damaged, or about another chain: everything is deployed again. */
export const readDeployments = async (outFolder: string, genesisHash: string): Promise<Deployments> => {
  let json: unknown
  try {
    json = JSON.parse(await readFile(join(outFolder, JSON_FILE), 'utf8'))
  } catch {
    return new Map()
  }
  const { data } = deploymentsFile.safeParse(json)
  return new Map(data?.genesisHash === genesisHash ? Object.entries(data.contracts) : [])
}

const toModule = (deployments: Deployments): string =>
  [
    '/** Written by `vex dev` with each deployment. */',
    'export const deployments = {',
    ...[...deployments].map(
      ([name, { address }]) => `  ${JSON.stringify(name)}: ${JSON.stringify(address)},`,
    ),
    '} as const',
    '',
  ].join('\n')

const writeInPlace = async (path: string, text: string): Promise<void> => {
  await writeFile(`${path}.new`, text)
  await rename(`${path}.new`, path)
}

export const writeDeployments = async (
  outFolder: string,
  genesisHash: string,
  deployments: Deployments,
): Promise<void> => {
  await mkdir(outFolder, { recursive: true })
  const json = { genesisHash, contracts: Object.fromEntries(deployments) }
  await writeInPlace(join(outFolder, JSON_FILE), `${JSON.stringify(json, null, 2)}\n`)
  await writeInPlace(join(outFolder, MODULE_FILE), toModule(deployments))
}
