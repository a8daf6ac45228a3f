/** A final transaction in the words of its contracts: calls and events by the ABIs that the contracts have now. */
import { AbiError } from '../abi/error.ts'
import { type Abi, abiFromCode, findMethod } from '../abi/types.ts'
import { decodeArguments, decodeEvent } from '../abi/values.ts'
import { type AddressText, formatAddress } from '../crypto/address.ts'
import { type Address, toHex } from '../types/primitives.ts'
import type { Receipt } from '../types/receipt.ts'
import type { Action, SimpleAction } from '../types/transaction.ts'
import type { ApiBackend } from './backend.ts'

/** Of one transaction; of more the ABIs are not looked up. */
const MAX_CONTRACTS = 64

/** As JSON: integers beyond 32 bits are decimal strings. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

const toJson = (value: unknown): Json => {
  if (typeof value === 'bigint') return String(value)
  if (value === undefined || value === null) return null
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toJson(field)]))
  return value as string | number | boolean
}

const orNull = <T>(read: () => T): T | null => {
  try {
    return read()
  } catch (error) {
    if (error instanceof AbiError) return null
    throw error
  }
}

const argumentsByName = (abi: Abi, method: string, args: Uint8Array): Record<string, Json> => {
  const { params } = findMethod(abi, method)
  const values = decodeArguments(abi, method, args)
  return Object.fromEntries(params.map(({ name }, i) => [name, toJson(values[i])]))
}

export interface DecodedCall {
  kind: 'deploy' | 'call' | 'upgrade'
  /** `null`: a contract that the transaction made. */
  contract: AddressText | null
  /** Of its class; `null`: it has no ABI that can be read. */
  contractName: string | null
  method: string
  /** By name; `null`: they are not what the ABI says. */
  args: Record<string, Json> | null
}

export interface DecodedEvent {
  contract: AddressText
  contractName: string | null
  name: string | null
  fields: Record<string, Json> | null
  /** Among the events of the transaction. */
  index: number
}

const simple = (action: Action): readonly SimpleAction[] =>
  action.kind === 'batch' ? action.actions : [action]

export const decodeTransaction = (
  { queries }: Pick<ApiBackend, 'queries'>,
  action: Action,
  receipt: Receipt,
): { calls: DecodedCall[]; events: DecodedEvent[] } => {
  const known = new Map<string, Abi | null>()
  const abiOf = (contract: Address): Abi | null => {
    const key = toHex(contract)
    const seen = known.get(key)
    if (seen !== undefined) return seen
    if (known.size >= MAX_CONTRACTS) return null
    const code = queries.contractCode(contract)
    const abi = code === undefined ? null : orNull(() => abiFromCode(code) ?? null)
    known.set(key, abi)
    return abi
  }
  const describe = (
    kind: DecodedCall['kind'],
    contract: Address | undefined,
    abi: Abi | null,
    method: string,
    args: Uint8Array,
  ): DecodedCall => ({
    kind,
    contract: contract === undefined ? null : formatAddress(contract),
    contractName: abi?.name ?? null,
    method,
    args: abi === null ? null : orNull(() => argumentsByName(abi, method, args)),
  })

  const calls = simple(action).flatMap((each): DecodedCall[] => {
    if (each.kind === 'call')
      return [describe('call', each.contract, abiOf(each.contract), each.method, each.args)]
    if (each.kind !== 'deploy' && each.kind !== 'upgrade') return []
    const abi = orNull(() => abiFromCode(each.code) ?? null)
    return each.kind === 'deploy'
      ? [describe('deploy', undefined, abi, 'init', each.args)]
      : [describe('upgrade', each.contract, abi, 'migrate', each.args)]
  })
  const events = receipt.events.map((event, index): DecodedEvent => {
    const abi = abiOf(event.contract)
    const decoded = abi === null ? null : orNull(() => decodeEvent(abi, event))
    return {
      contract: formatAddress(event.contract),
      contractName: abi?.name ?? null,
      name: decoded?.name ?? null,
      fields: decoded === null ? null : (toJson(decoded.fields) as Record<string, Json>),
      index,
    }
  })
  return { calls, events }
}
