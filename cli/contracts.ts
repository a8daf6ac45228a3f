/**
 * What contracts say in their own words: calls, results and events, decoded by the ABI that the contract
 * carries. The bytes come from strangers: what does not fit its ABI is shown raw, never an error.
 */
import { AbiError } from '../node/abi/error.ts'
import type { Abi } from '../node/abi/types.ts'
import { decodeArguments, decodeEvent, decodeReturn } from '../node/abi/values.ts'
import { apiFailure, type ApiClient } from '../node/api/client.ts'
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
  /** `undefined` if there is no contract or it has no ABI. Asked once an address, until it is told to forget. */
  abiOf(contract: string): Promise<Abi | undefined>
  /** What it will carry after an upgrade that is on its way. */
  assume(contract: string, abi: Abi): void
  /** What contracts carry may change with this transaction: an upgrade. */
  forgetUpgraded(action: ActionView): void
  readCall(action: ActionView): Promise<DecodedCall | undefined>
  readReturn(contract: string, method: string, data: string): Promise<unknown>
  readEvents(events: readonly EventView[]): Promise<ReadableEvent[]>
}

interface Decoded<T> {
  readonly abi: Abi
  readonly value: T
}

const attempt = <T>(abi: Abi | undefined, decode: (abi: Abi) => T): Decoded<T> | undefined => {
  if (abi === undefined) return undefined
  try {
    return { abi, value: decode(abi) }
  } catch (error) {
    if (error instanceof AbiError) return undefined
    throw error
  }
}

/** A contract changes only by an upgrade; a command, or a screen of `vex dev`, may hold on to this many. */
const MAX_KNOWN = 1_000

export const createContractReader = (api: ApiClient['api']): ContractReader => {
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
    const forget = (): void => void known.delete(contract)
    // What is not there may come: the next one asks again.
    asked.then(abi => (abi === undefined ? forget() : undefined), forget)
    return asked
  }

  /** By the ABI that is known, and if that does not fit, by the one the contract carries now. */
  const decodeBy = async <T>(contract: string, decode: (abi: Abi) => T): Promise<Decoded<T> | undefined> => {
    const wasKnown = known.has(contract)
    const decoded = attempt(await abiOf(contract), decode)
    if (decoded !== undefined || !wasKnown) return decoded
    known.delete(contract)
    return attempt(await abiOf(contract), decode)
  }

  const forgetUpgraded = (action: ActionView): void => {
    if (action.kind === 'upgrade') known.delete(action.contract)
    if (action.kind === 'batch') for (const each of action.actions) forgetUpgraded(each)
  }

  const readEvent = async ({ contract, name, topics, data }: EventView): Promise<ReadableEvent> => {
    const bytes = { topics: topics.map(fromHex), data: fromHex(data) }
    const decoded = await decodeBy(contract, abi => decodeEvent(abi, bytes))
    const contractName = (decoded?.abi ?? (await abiOf(contract)))?.name ?? null
    return { contract, contractName, name, fields: decoded?.value.fields ?? null, topics, data }
  }

  return {
    abiOf,
    assume: (contract, abi) => void known.set(contract, Promise.resolve(abi)),
    forgetUpgraded,
    async readCall(action) {
      if (action.kind !== 'call') return undefined
      const { contract, method } = action
      const decoded = await decodeBy(contract, abi => decodeArguments(abi, method, fromHex(action.args)))
      if (decoded === undefined) return undefined
      const { abi, value: values } = decoded
      const params = abi.methods.find(({ name }) => name === method)?.params ?? []
      const args = Object.fromEntries(params.map(({ name }, i) => [name, values[i]]))
      return { contract, contractName: abi.name, method, args }
    },
    async readReturn(contract, method, data) {
      return (await decodeBy(contract, abi => decodeReturn(abi, method, fromHex(data))))?.value
    },
    readEvents: events => Promise.all(events.map(readEvent)),
  }
}
