/** The contracts of the history, compiled once; other processes are handed the bytes. */
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { abiFromCode, type Abi } from '../../node/abi/types.ts'
import { builtContract } from '../support/built-contract.ts'
import { fixtureContract } from '../support/contracts.ts'

export interface HistoryContract {
  readonly name: string
  readonly code: Uint8Array
  readonly abi: Abi
}

const EXAMPLES = new URL('../../contracts/', import.meta.url)
const FIXTURES = ['caller', 'hazards'] as const

export async function compileContracts(): Promise<HistoryContract[]> {
  const examples = readdirSync(EXAMPLES, { withFileTypes: true })
    .filter(entry => entry.isDirectory() && entry.name !== 'sdk' && entry.name !== 'build')
    .map(({ name }) => name)
    .sort()
  return Promise.all([
    ...examples.map(async name => ({ name, ...(await builtContract(name)) })),
    ...FIXTURES.map(async name => ({ name, ...(await fixtureContract(name)) })),
  ])
}

/** Base64 by name, for another process. */
export function packContracts(contracts: readonly HistoryContract[]): string {
  return JSON.stringify(contracts.map(({ name, code }) => [name, Buffer.from(code).toString('base64')]))
}

export function unpackContracts(packed: string): HistoryContract[] {
  return (JSON.parse(packed) as [string, string][]).map(([name, base64]) => {
    const code = new Uint8Array(Buffer.from(base64, 'base64'))
    const abi = abiFromCode(code)
    if (abi === undefined) throw new Error(`the code of ${name} has no ABI`)
    return { name, code, abi }
  })
}

export function digestOfContracts(contracts: readonly HistoryContract[]): string {
  const hash = createHash('sha256')
  for (const { name, code } of contracts) hash.update(`${name} ${code.length} `).update(code)
  return hash.digest('hex')
}
