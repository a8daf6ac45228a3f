/**
 * A trace in the words of the contracts that ran: methods, arguments, results, errors, events and stored values by the
 * ABIs that come with it. JSON but for bigint. The bytes are strangers': what does not fit its ABI is `null`, with the
 * bytes beside it, never an error.
 */
import { AbiError } from '../abi/error.ts'
import { findStored, readStored } from '../abi/stored.ts'
import type { Abi } from '../abi/types.ts'
import {
  decodeArguments,
  decodeError,
  decodeEvent,
  type DecodedError,
  decodeReturn,
  decodeRevert,
  nameOfEvent,
} from '../abi/values.ts'
import { fromHex } from '../types/primitives.ts'
import type { CallView, OutcomeView, StepView, TraceView } from './trace-view.ts'

type Fields = Readonly<Record<string, unknown>>
type Step<K extends StepView['kind']> = Extract<StepView, { readonly kind: K }>

export interface StoredChange {
  /** Of the contract's class. */
  readonly field: string
  /** What stands in brackets behind it: a map's key, a vector's index. */
  readonly keys: readonly unknown[]
  /** What it keeps beside its values, such as the `length` of a vector. */
  readonly part: string | null
  /** `null`: there was nothing. */
  readonly before: unknown
  /** `null`: deleted. */
  readonly after: unknown
}

export type ReadableStep =
  | (Step<'write'> & {
      /** `null`: not one of the fields that the ABI tells of. */ readonly stored: StoredChange | null
    })
  | (Step<'event'> & { readonly name: string; readonly fields: Fields | null })
  | Step<'transfer'>
  | Step<'log'>
  | { readonly kind: 'call'; readonly call: ReadableCall }

export type ReadableOutcome =
  | {
      readonly kind: 'returned'
      readonly data: string /** `null`: nothing, or not what the ABI says. */
      readonly returned: unknown
    }
  | {
      readonly kind: 'reverted'
      readonly data: string
      readonly message: string
      readonly error: DecodedError | null
    }
  | Extract<OutcomeView, { readonly kind: 'failed' }>

export interface ReadableCall extends Omit<CallView, 'args' | 'outcome' | 'steps' | 'gas'> {
  /** Of the contract's class. */
  readonly contractName: string | null
  /** By the parameters' names. */
  readonly args: Fields | null
  readonly argsData: string
  readonly outcome: ReadableOutcome
  /** Without what the calls inside used. */
  readonly ownGas: string
  readonly steps: readonly ReadableStep[]
}

export interface ReadableTrace extends Omit<TraceView, 'calls' | 'abis'> {
  readonly calls: readonly ReadableCall[]
}

const orNull = <T>(abi: Abi | null, decode: (abi: Abi) => T): T | null => {
  if (abi === null) return null
  try {
    return decode(abi)
  } catch (error) {
    if (error instanceof AbiError) return null
    throw error
  }
}

const readArguments = (abi: Abi, method: string, data: string): Fields => {
  const values = decodeArguments(abi, method, fromHex(data))
  const params = abi.methods.find(({ name }) => name === method)?.params ?? []
  return Object.fromEntries(params.map(({ name }, i) => [name, values[i]]))
}

const readChange = (abi: Abi, { key, before, after }: Step<'write'>): StoredChange | null => {
  const place = findStored(abi, fromHex(key))
  if (place === undefined) return null
  const read = (bytes: string | null) =>
    bytes === null ? { value: null } : readStored(abi, place, fromHex(bytes))
  const [old, now] = [read(before), read(after)]
  if (old === undefined || now === undefined) return null
  const { field, keys, part = null } = place
  return { field, keys, part, before: old.value ?? null, after: now.value ?? null }
}

const readStep = (abi: Abi | null, step: StepView, abis: TraceView['abis']): ReadableStep => {
  switch (step.kind) {
    case 'write':
      return { ...step, stored: orNull(abi, known => readChange(known, step)) }
    case 'event': {
      const event = { topics: step.topics.map(fromHex), data: fromHex(step.data) }
      return {
        ...step,
        name: nameOfEvent(event),
        fields: orNull(abi, known => decodeEvent(known, event).fields),
      }
    }
    case 'call':
      return { kind: step.kind, call: readCall(step.call, abis) }
    case 'transfer':
    case 'log':
      return step
  }
}

/** A contract that passes on what one that it called reverted with does not know that error itself. */
const passedOn = (data: string, steps: readonly ReadableStep[]): DecodedError | null => {
  const inner = steps.findLast(step => step.kind === 'call')?.call.outcome
  return inner?.kind === 'reverted' && inner.data === data ? inner.error : null
}

const readOutcome = (
  abi: Abi | null,
  { outcome, method }: CallView,
  steps: readonly ReadableStep[],
): ReadableOutcome => {
  if (outcome.kind === 'failed') return outcome
  const { kind, data } = outcome
  const bytes = fromHex(data)
  if (kind === 'returned')
    return { kind, data, returned: orNull(abi, known => decodeReturn(known, method, bytes)) ?? null }
  const error = orNull(abi, known => decodeError(known, bytes) ?? null) ?? passedOn(data, steps)
  return { kind, data, message: decodeRevert(bytes), error }
}

const nestedGas = (steps: readonly StepView[]): bigint =>
  steps.reduce((sum, step) => (step.kind === 'call' ? sum + BigInt(step.call.gasUsed) : sum), 0n)

const readCall = (view: CallView, abis: TraceView['abis']): ReadableCall => {
  const { args, gas: _, ...call } = view
  const abi = (call.codeHash === null ? undefined : abis[call.codeHash]) ?? null
  const steps = call.steps.map(step => readStep(abi, step, abis))
  return {
    ...call,
    contractName: abi?.name ?? null,
    args: orNull(abi, known => readArguments(known, call.method, args)),
    argsData: args,
    outcome: readOutcome(abi, view, steps),
    ownGas: String(BigInt(call.gasUsed) - nestedGas(call.steps)),
    steps,
  }
}

export const readTrace = ({ calls, abis, ...rest }: TraceView): ReadableTrace => ({
  ...rest,
  calls: calls.map(call => readCall(call, abis)),
})
