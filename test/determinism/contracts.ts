/**
 * The contracts of the history, as code that was compiled once and is kept: a change of the compiler or the SDK changes
 * no block of it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type Abi, abiFromCode } from '../../node/abi/types.ts'
import { builtContract } from '../support/built-contract.ts'
import { fixtureContract } from '../support/contracts.ts'

export interface HistoryContract {
  readonly name: string
  readonly code: Uint8Array
  readonly abi: Abi
}

const EXAMPLES = new URL('../../contracts/', import.meta.url)
const KEPT = new URL('./golden/', import.meta.url)
const FIXTURES = ['caller', 'hazards'] as const

/** Names of the contracts in contracts/, in order. */
export function exampleNames(): string[] {
  return readdirSync(EXAMPLES, { withFileTypes: true })
    .filter(entry => entry.isDirectory() && entry.name !== 'sdk' && entry.name !== 'build')
    .map(({ name }) => name)
    .sort()
}

export function keptContracts(): HistoryContract[] {
  return readdirSync(KEPT)
    .filter(file => file.endsWith('.wasm'))
    .sort()
    .map(file => {
      const code = new Uint8Array(readFileSync(new URL(file, KEPT)))
      const abi = abiFromCode(code)
      if (abi === undefined) throw new Error(`${file} has no ABI`)
      return { name: file.slice(0, -'.wasm'.length), code, abi }
    })
}

/** All examples and fixtures as they compile now. */
export async function keepContracts(): Promise<void> {
  const keep = (name: string, code: Uint8Array): void => writeFileSync(new URL(`${name}.wasm`, KEPT), code)
  for (const name of exampleNames()) keep(name, (await builtContract(name)).code)
  for (const name of FIXTURES) keep(name, (await fixtureContract(name)).code)
}
