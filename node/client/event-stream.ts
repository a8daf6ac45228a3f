/** A contract's events with their types: those that were, and those that come. */
import { AbiError } from '../abi/error.ts'
import type { ContractAbi, EventNamed, EventOf, IndexedOf } from '../abi/infer.ts'
import { type Abi, parseAbi } from '../abi/types.ts'
import { type DecodedEvent, decodeEvent, encodeTopic } from '../abi/values.ts'
import { type ApiClient, apiFailure } from '../api/client.ts'
import type { EventView } from '../api/views.ts'
import { parseAddress } from '../crypto/address.ts'
import { type Height, toHex } from '../types/primitives.ts'
import { toCallError } from './call-error.ts'
import { type Contract, toContractEvent } from './contract.ts'
import { followEvents } from './follow-events.ts'
import { type NodePortOptions, toCallFailure } from './node-port.ts'
import type { CallFailure, ContractPort } from './port.ts'

/** Where an event was emitted. */
export interface EventPlace {
  readonly height: Height
  /** Among all events of the block. */
  readonly index: number
  /** `0x` hex. */
  readonly blockHash: string
  readonly transactionId: string
}

export interface EventQuery<A extends ContractAbi, Name extends string> {
  /** Only events of this name. Left out: all that the ABI knows. */
  readonly name?: Name | undefined
  /** Only events whose indexed fields have these values; needs `name`. */
  readonly where?: IndexedOf<A, Name> | undefined
  /** The first block. Default: the next one to come. 0 gives all that ever were. */
  readonly fromHeight?: Height | number | undefined
  /** In place of `fromHeight`: goes on after the event that stood there. */
  readonly after?: Pick<EventPlace, 'height' | 'index'> | undefined
  /** The last block. Default: none, it goes on as long as the chain. */
  readonly toHeight?: Height | number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface EventSource<A extends ContractAbi> {
  /**
   * To iterate over. It goes on by itself when the connection breaks or the node restarts, and misses nothing;
   * it ends after `toHeight`, or when `signal` is aborted or the client closed.
   */
  events<Name extends EventOf<A>['name'] = EventOf<A>['name']>(
    query?: EventQuery<A, Name>,
  ): AsyncIterable<EventNamed<A, Name> & EventPlace>
  /** The same for whoever would rather be called. Returns how to stop it. What `listener` throws is an error too. */
  onEvent<Name extends EventOf<A>['name'] = EventOf<A>['name']>(
    query: EventQuery<A, Name>,
    listener: (event: EventNamed<A, Name> & EventPlace) => void,
    onError: (error: unknown) => void,
  ): () => void
}

/** Which topics an event must have; `undefined` stands for any. */
const topicsOf = (abi: Abi, name: string | undefined, where: object | undefined) => {
  if (name === undefined) {
    if (where === undefined) return []
    throw new AbiError('bad_value', 'events: "where" needs the name of the event that has these fields')
  }
  const declared = abi.events.find(event => event.name === name)
  if (declared === undefined)
    throw new AbiError(
      'unknown_event',
      `the contract ${abi.name} has no event ${JSON.stringify(name)}; it has: ${abi.events.map(event => event.name).join(', ')}`,
    )
  const wanted = Object.entries(where ?? {}).filter(([, value]) => value !== undefined)
  const topics = new Map(
    wanted.map(([field, value]) => [field, `0x${toHex(encodeTopic(abi, name, field, value))}`]),
  )
  const indexed = declared.fields.filter(field => field.indexed)
  return [undefined, ...indexed.map(field => topics.get(field.name))]
}

const digits = (height: Height | number | undefined): string | undefined =>
  height === undefined ? undefined : String(height)

const isAfter = (place: EventPlace, last: UntypedQuery['after']): boolean =>
  last === undefined || place.height > last.height || place.index > last.index

type UntypedQuery = EventQuery<ContractAbi, string>
type UntypedEvent = DecodedEvent & EventPlace

export const createEventSource = <A extends ContractAbi>(
  { api, url }: ApiClient,
  port: ContractPort<NodePortOptions>,
  { address, abi: given }: Pick<Contract<A, NodePortOptions>, 'address' | 'abi'>,
): EventSource<A> => {
  const abi = parseAbi(given)
  const known = new Set(abi.events.map(event => event.name))
  const fail = (failure: CallFailure) =>
    toCallError(abi, failure, { state: 'not_sent', contract: address, method: 'events' })

  async function* events(query: UntypedQuery = {}): AsyncGenerator<UntypedEvent, void> {
    const { name, after, fromHeight = after?.height, toHeight, where, signal } = query
    const topics = topicsOf(abi, name, where)
    const isWanted = (event: EventView): boolean =>
      known.has(event.name) && topics.every((topic, i) => topic === undefined || topic === event.topics[i])
    const mismatch = await port.check?.(parseAddress(address), abi)
    if (mismatch !== undefined) throw fail(mismatch)
    const input = { contract: address, name, fromHeight: digits(fromHeight), toHeight: digits(toHeight) }
    try {
      for await (const block of followEvents(api, input, signal))
        for (const event of block.events) {
          const { index, transactionId } = event
          const place = { height: BigInt(block.height), index, blockHash: block.blockHash, transactionId }
          if (isWanted(event) && isAfter(place, after))
            yield { ...decodeEvent(abi, toContractEvent(event)), ...place }
        }
    } catch (cause) {
      const failure = apiFailure(cause, url)
      throw failure === undefined ? cause : fail(toCallFailure(failure, cause))
    }
  }

  const onEvent = (
    query: UntypedQuery,
    listener: (event: UntypedEvent) => void,
    onError: (error: unknown) => void,
  ): (() => void) => {
    const ends = new AbortController()
    const signal = query.signal === undefined ? ends.signal : AbortSignal.any([query.signal, ends.signal])
    const run = async (): Promise<void> => {
      for await (const event of events({ ...query, signal })) listener(event)
    }
    run().catch(onError)
    return () => ends.abort()
  }

  return { events, onEvent } satisfies Record<keyof EventSource<A>, unknown> as unknown as EventSource<A>
}
