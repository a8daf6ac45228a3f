/**
 * A contract as an object: its methods by name, typed from its ABI, over any {@link ContractPort}.
 *
 *   const token = createContract({ address, abi, port })
 *   await token.view.balanceOf({ owner })
 *   const { events } = await token.call.transfer({ to, amount: 5n })
 *
 * Arguments are one object by the parameters' names, left out if the method has none; options come after them.
 * What does not fit the ABI is refused before anything is sent, by an AbiError that names method and argument.
 * A call that does not go well throws a {@link ContractCallError}.
 */
import { AbiError } from '../abi/error.ts'
import type { ContractAbi, ErrorOf, EventOf, KeyOf, MethodShape, Passed, ReturnOf } from '../abi/infer.ts'
import { type AbiMethod, parseAbi } from '../abi/types.ts'
import { type DecodedEvent, decodeEvent, decodeReturn, nameOfEvent } from '../abi/values.ts'
import type { EventView, ReceiptView } from '../api/views.ts'
import { type AddressText, formatAddress, parseAddress } from '../crypto/address.ts'
import { type Address, bytesEqual, fromHex, type Gas } from '../types/primitives.ts'
import type { ContractEvent } from '../types/receipt.ts'
import { type CallPlace, ContractCallError, toCallError } from './call-error.ts'
import { checkPassed } from './passed.ts'
import type { ContractPort, Executed, PortOptions } from './port.ts'

/** Units that go with a call, where the ABI says that the method takes them. */
export type ValueOption<M extends MethodShape> = M['payable'] extends false
  ? { readonly value?: never }
  : { readonly value?: bigint | number | undefined }

export interface SimulationResult<Returned, Event> {
  readonly returned: Returned
  /** This contract's own, in order. Those of others: `eventsIn` of their handles. */
  readonly events: readonly Event[]
  readonly gasUsed: Gas
}

export interface CallResult<Returned, Event> extends SimulationResult<Returned, Event> {
  /** `0x` hex. */
  readonly transactionId: string
  readonly receipt: ReceiptView
}

export interface Contract<A extends ContractAbi, O extends PortOptions> {
  readonly address: AddressText
  readonly abi: A
  /** Asks; nothing is sent, nothing is paid. */
  readonly view: {
    readonly [M in A['methods'][number] as KeyOf<M, 'view'>]: (
      ...passed: Passed<A, M, O['view']>
    ) => Promise<ReturnOf<A, M>>
  }
  /** Sends a transaction and waits until it is final. What would fail is not sent. */
  readonly call: {
    readonly [M in A['methods'][number] as KeyOf<M, 'call'>]: (
      ...passed: Passed<A, M, O['call'] & ValueOption<M>>
    ) => Promise<CallResult<ReturnOf<A, M>, EventOf<A>>>
  }
  /** What a call would do now; nothing is sent. */
  readonly simulate: {
    readonly [M in A['methods'][number] as KeyOf<M, 'call'>]: (
      ...passed: Passed<A, M, O['call'] & ValueOption<M>>
    ) => Promise<SimulationResult<ReturnOf<A, M>, EventOf<A>>>
  }
  /** This contract's events in a receipt, whichever contract was called; but those its ABI does not know. */
  eventsIn(receipt: { readonly events: readonly EventView[] }): EventOf<A>[]
  /** Narrows what a call threw: `error.error` is then one of this contract's errors, told apart by `name`. */
  isError(error: unknown): error is ContractCallError<ErrorOf<A>>
}

/** From the API's words to bytes. */
export const toContractEvent = ({ contract, topics, data }: EventView): ContractEvent => ({
  contract: parseAddress(contract),
  topics: topics.map(fromHex),
  data: fromHex(data),
})

/** The methods without their types: what {@link createContract} puts under the typed names. */
type Methods = Readonly<Record<string, (...passed: readonly unknown[]) => Promise<unknown>>>

/** Throws an AbiError if `abi` is none, an AddressError if `address` is none. */
export const createContract = <const A extends ContractAbi, O extends PortOptions>({
  address: given,
  abi: givenAbi,
  port,
}: {
  readonly address: string | Address
  readonly abi: A
  readonly port: ContractPort<O>
}): Contract<A, O> => {
  const abi = parseAbi(givenAbi)
  const contract = typeof given === 'string' ? parseAddress(given) : given
  const address = formatAddress(contract)

  const check = async (method: string): Promise<void> => {
    const failure = await port.check?.(contract, abi)
    if (failure !== undefined)
      throw toCallError(abi, failure, { state: 'not_sent', contract: address, method })
  }

  const ownEvents = (events: readonly ContractEvent[]): DecodedEvent[] =>
    events
      .filter(event => bytesEqual(event.contract, contract) && isKnown(event))
      .map(event => decodeEvent(abi, event))
  const isKnown = (event: ContractEvent): boolean =>
    abi.events.some(({ name }) => name === nameOfEvent(event))

  /** What a success answered. The ABI that was given may not fit it. */
  const decoded = <T>(place: CallPlace, run: () => T): T => {
    try {
      return run()
    } catch (cause) {
      if (!(cause instanceof AbiError)) throw cause
      const message = `the answer does not fit the ABI that was given: ${cause.message}`
      throw toCallError(abi, { code: 'abi_mismatch', message, cause }, place)
    }
  }

  const executed = (place: CallPlace, { returnData, events, gasUsed }: Executed) =>
    decoded(place, () => ({
      returned: decodeReturn(abi, place.method, returnData),
      events: ownEvents(events),
      gasUsed,
    }))

  const prepare = async (method: AbiMethod, passed: readonly unknown[], optionNames: readonly string[]) => {
    const { args, value, options } = checkPassed(abi, method, passed, optionNames)
    await check(method.name)
    const request = { contract, method: method.name, args, value }
    return { request, options, place: { contract: address, method: method.name } }
  }
  const callOptionNames = ['value', ...port.optionNames.call]

  const view =
    (method: AbiMethod) =>
    async (...passed: readonly unknown[]) => {
      const { request, options, place: of } = await prepare(method, passed, port.optionNames.view)
      const place = { ...of, state: 'not_sent' } as const
      const answer = await port.view(request, options)
      if (answer.error !== undefined) throw toCallError(abi, answer.error, place)
      return decoded(place, () => decodeReturn(abi, method.name, answer.returnData))
    }

  const simulate =
    (method: AbiMethod) =>
    async (...passed: readonly unknown[]) => {
      const { request, options, place: of } = await prepare(method, passed, callOptionNames)
      const place = { ...of, state: 'not_sent' } as const
      const answer = await port.simulate(request, options)
      if (answer.error !== undefined) throw toCallError(abi, answer.error, place)
      return executed(place, answer)
    }

  const call =
    (method: AbiMethod) =>
    async (...passed: readonly unknown[]) => {
      const { request, options, place: of } = await prepare(method, passed, callOptionNames)
      const answer = await port.send(request, options)
      if (answer.error !== undefined) throw toCallError(abi, answer.error, { ...of, ...answer })
      const { receipt } = answer
      const result = executed({ ...of, state: 'done', receipt }, answer)
      return { ...result, transactionId: receipt.transactionId, receipt }
    }

  const methods = (kind: AbiMethod['kind'], create: (method: AbiMethod) => Methods[string]): Methods =>
    Object.fromEntries(
      abi.methods.filter(method => method.kind === kind).map(method => [method.name, create(method)]),
    )

  const handle = {
    address,
    abi: givenAbi,
    view: methods('view', view),
    call: methods('call', call),
    simulate: methods('call', simulate),
    eventsIn: (receipt: Pick<ReceiptView, 'events'>) => ownEvents(receipt.events.map(toContractEvent)),
    isError: (error: unknown) => error instanceof ContractCallError && error.contract === address,
  } satisfies Record<keyof Contract<A, O>, unknown>
  return handle as unknown as Contract<A, O>
}
