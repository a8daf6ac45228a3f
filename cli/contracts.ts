/**
 * What contracts say in their own words: calls, results and events, decoded by the ABI that the contract
 * carries. The bytes come from strangers: what does not fit its ABI is shown raw, never an error.
 */
import { AbiError } from '../node/abi/error.ts'
import type { Abi } from '../node/abi/types.ts'
import { decodeArguments, decodeEvent, decodeReturn } from '../node/abi/values.ts'
import { apiFailure, type VexClient } from '../node/api/client.ts'
import type { ActionView, EventView } from '../node/api/views.ts'
import { fromHex } from '../node/types/primitives.ts'

export interface DecodedCall {
  readonly contract: string
  /** The contract's class. */
  readonly contractName: string
  readonly method: string
  /** By the names of the parameters. */
  readonly args: Readonly<Record<string, unknown>>
}

export interface ReadableEvent {
  readonly contract: string
  readonly contractName: string | null
  readonly name: string
  /** `null`: the ABI does not know it; see `topics` and `data`. */
  readonly fields: Readonly<Record<string, unknown>> | null
  readonly topics: readonly string[]
  readonly data: string
}

export interface ContractReader {
  /** `undefined` if there is no contract or it has no ABI. Asked once an address. */
  abiOf(contract: string): Promise<Abi | undefined>
  readCall(action: ActionView): Promise<DecodedCall | undefined>
  readReturn(contract: string, method: string, data: string): Promise<unknown>
  readEvents(events: readonly EventView[]): Promise<ReadableEvent[]>
}

const orUndefined = <T>(decode: () => T): T | undefined => {
  try {
    return decode()
  } catch (error) {
    if (error instanceof AbiError) return undefined
    throw error
  }
}

/** Contracts change only by an upgrade; a command, or a screen of `vex dev`, may hold on to an ABI this long. */
const MAX_KNOWN = 1_000

export const createContractReader = (api: VexClient['api']): ContractReader => {
  const known = new Map<string, Promise<Abi | undefined>>()

  const fetchAbi = async (contract: string): Promise<Abi | undefined> => {
    try {
      return await api.contract.abi.query({ contract })
    } catch (error) {
      const code = apiFailure(error)?.code
      // `internal`: the contract carries something that is no ABI.
      if (code === 'not_found' || code === 'internal') return undefined
      throw error
    }
  }

  const abiOf = (contract: string): Promise<Abi | undefined> => {
    const found = known.get(contract)
    if (found !== undefined) return found
    if (known.size >= MAX_KNOWN) known.clear()
    const asked = fetchAbi(contract)
    known.set(contract, asked)
    return asked
  }

  return {
    abiOf,
    async readCall(action) {
      if (action.kind !== 'call') return undefined
      const { contract, method } = action
      const abi = await abiOf(contract)
      if (abi === undefined) return undefined
      return orUndefined(() => {
        const values = decodeArguments(abi, method, fromHex(action.args))
        const params = abi.methods.find(({ name }) => name === method)?.params ?? []
        const args = Object.fromEntries(params.map(({ name }, i) => [name, values[i]]))
        return { contract, contractName: abi.name, method, args }
      })
    },
    async readReturn(contract, method, data) {
      const abi = await abiOf(contract)
      return abi === undefined ? undefined : orUndefined(() => decodeReturn(abi, method, fromHex(data)))
    },
    readEvents: events =>
      Promise.all(
        events.map(async ({ contract, name, topics, data }) => {
          const abi = await abiOf(contract)
          const bytes = { topics: topics.map(fromHex), data: fromHex(data) }
          const decoded = abi === undefined ? undefined : orUndefined(() => decodeEvent(abi, bytes))
          return {
            contract,
            contractName: abi?.name ?? null,
            name,
            fields: decoded?.fields ?? null,
            topics,
            data,
          }
        }),
      ),
  }
}
