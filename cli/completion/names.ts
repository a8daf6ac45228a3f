/**
 * Names that a completion can offer without asking anybody: accounts of the wallet, contracts that `vex dev` deployed
 * from here, methods of the ABIs that were built here. What cannot be read is not offered.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultWalletPath } from '../wallet/default-path.ts'

export interface Offer {
  readonly text: string
  readonly about: string
}

/** Where a project's builds are, and those of the examples in a clone. */
const BUILD_FOLDERS = ['build', join('contracts', 'build')]
const DEPLOYMENTS = join('build', 'deployments.json')
const ABI_ENDING = '.abi.json'
/** Nobody reads a longer list. */
const MAX_ABIS = 50
const DEV_ACCOUNTS = 10

const readJson = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const textOf = (value: unknown, name: string): string => {
  const field = fieldOf(value, name)
  return typeof field === 'string' ? field : ''
}

/** The names are in the clear; what signs is not. */
export const walletAccounts = (path = defaultWalletPath()): Offer[] =>
  listOf(fieldOf(fieldOf(readJson(path), 'public'), 'accounts')).map(account => ({
    text: textOf(account, 'name'),
    about: textOf(account, 'address'),
  }))

export const devAccounts = (): Offer[] =>
  Array.from({ length: DEV_ACCOUNTS }, (_, i) => ({ text: `dev${i}`, about: 'on a development chain' }))

const deployments = (): Offer[] => {
  const contracts = fieldOf(readJson(DEPLOYMENTS), 'contracts')
  if (typeof contracts !== 'object' || contracts === null) return []
  return Object.entries(contracts).map(([name, deployment]) => ({
    text: textOf(deployment, 'address'),
    about: name,
  }))
}

export const contractsHere = (): Offer[] => deployments()

const abiFiles = (): string[] =>
  BUILD_FOLDERS.flatMap(folder => {
    try {
      return readdirSync(folder)
        .filter(name => name.endsWith(ABI_ENDING))
        .map(name => join(folder, name))
    } catch {
      return []
    }
  }).slice(0, MAX_ABIS)

const signature = (method: unknown): string =>
  listOf(fieldOf(method, 'params'))
    .map(parameter => textOf(parameter, 'name'))
    .join(' ')

/** Of the contract at `address` if it was deployed from here, of all ABIs here otherwise. */
export const methodsHere = (address: string, kind: 'call' | 'view'): Offer[] => {
  const name = deployments().find(({ text }) => text === address)?.about
  const files = abiFiles()
  const own = files.filter(path => path.endsWith(join('build', `${name ?? ''}${ABI_ENDING}`)))
  const offers = new Map<string, Offer>()
  for (const path of own.length > 0 ? own : files) {
    const abi = readJson(path)
    for (const method of listOf(fieldOf(abi, 'methods'))) {
      const text = textOf(method, 'name')
      if (textOf(method, 'kind') !== kind || text === '') continue
      const about = `${textOf(abi, 'name')}: ${signature(method)}`
      const other = offers.get(text)
      offers.set(text, { text, about: other === undefined ? about : `${other.about}; ${about}` })
    }
  }
  return [...offers.values()]
}
