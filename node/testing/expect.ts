/** Assertions about calls. They throw Node's AssertionError, which every test runner shows with its difference. */
import { AssertionError } from 'node:assert'
import { inspect, isDeepStrictEqual } from 'node:util'
import { ContractCallError } from '../client/call-error.ts'
import type { Gas } from '../types/primitives.ts'

interface Named {
  readonly name: string
  readonly fields: object
}

type FieldsOf<E extends Named, N extends string> = Extract<E, { readonly name: N }>['fields']
/** Any of the fields; the others are not looked at. */
type Some<F> = { readonly [K in keyof F]?: F[K] | undefined }

export type ExpectedRevert =
  /** A part of what the contract said. */
  | string
  | RegExp
  /** One of the contract's own errors, with some of its fields. */
  | { readonly error: string; readonly fields?: Readonly<Record<string, unknown>> }
  /** How it ended: `out_of_gas`, `trapped`, `not_owner`, … */
  | { readonly code: string }

const show = (value: unknown): string => inspect(value, { depth: 8, breakLength: 100 })

const hasFields = (actual: object, expected: object): boolean =>
  Object.entries(expected).every(
    ([key, value]) => key in actual && isDeepStrictEqual((actual as Record<string, unknown>)[key], value),
  )

const fail = (
  message: string,
  operator: string,
  values: { readonly actual?: unknown; readonly expected?: unknown },
  stackStartFn: (...args: never) => unknown,
): never => {
  throw new AssertionError({ message, operator, ...values, stackStartFn })
}

const endOf = ({ code, reason, error }: ContractCallError): unknown => error ?? { code, reason }

const fits = (failure: ContractCallError, expected: ExpectedRevert): boolean => {
  if (typeof expected === 'string') return failure.reason.includes(expected)
  if (expected instanceof RegExp) return expected.test(failure.reason)
  if ('code' in expected) return failure.code === expected.code
  const { error } = failure
  return error?.name === expected.error && hasFields(error.fields, expected.fields ?? {})
}

/**
 * The call fails in the contract, and says so; answers what it threw. A call that was never made, for a wrong
 * argument, throws as it would anyway.
 */
export const expectRevert = async (
  call: Promise<unknown>,
  expected?: ExpectedRevert,
): Promise<ContractCallError> => {
  let returned: unknown
  try {
    returned = await call
  } catch (error) {
    if (!(error instanceof ContractCallError)) throw error
    if (expected === undefined || fits(error, expected)) return error
    return fail(
      `the call failed in another way than expected: ${error.message}\nexpected: ${show(expected)}`,
      'expectRevert',
      { actual: endOf(error), expected },
      expectRevert,
    )
  }
  const what = expected === undefined ? '' : ` with ${show(expected)}`
  return fail(
    `the call was expected to fail${what}, but it succeeded`,
    'expectRevert',
    { actual: returned, expected },
    expectRevert,
  )
}

interface WithEvents<E extends Named> {
  readonly events: readonly E[]
}

const listing = (events: readonly Named[]): string =>
  events.length === 0 ? 'it emitted none' : `it emitted: ${show(events)}`

/** The call emitted such an event; answers the fields of the first that fits. */
export const expectEvent = <E extends Named, N extends E['name']>(
  { events }: WithEvents<E>,
  name: N,
  fields: Some<FieldsOf<E, N>> = {},
): FieldsOf<E, N> => {
  const ofName = events.filter(event => event.name === name)
  const found = ofName.find(event => hasFields(event.fields, fields))
  if (found !== undefined) return found.fields
  const [only] = ofName
  return fail(
    `the call was expected to emit ${name}(${show(fields)}); ${listing(events)}`,
    'expectEvent',
    { actual: ofName.length === 1 ? only?.fields : ofName.map(event => event.fields), expected: fields },
    expectEvent,
  )
}

/** The call emitted no event, or none of that name, or none of that name with these fields. */
export const expectNoEvent = <E extends Named, N extends E['name']>(
  { events }: WithEvents<E>,
  name?: N,
  fields: Some<FieldsOf<E, N>> = {},
): void => {
  const found = events.filter(
    event => name === undefined || (event.name === name && hasFields(event.fields, fields)),
  )
  if (found.length === 0) return
  fail(
    `the call was expected to emit no ${name ?? 'event'}; ${listing(found)}`,
    'expectNoEvent',
    { actual: found, expected: [] },
    expectNoEvent,
  )
}

/** Gas of the whole transaction, or of what `result` measured. */
export const expectGas = (
  { gasUsed }: { readonly gasUsed: Gas },
  { atMost, exactly }: { readonly atMost?: bigint | number; readonly exactly?: bigint | number },
): void => {
  if (exactly !== undefined && gasUsed !== BigInt(exactly))
    fail(
      `the call used ${gasUsed} gas, expected exactly ${exactly}`,
      'expectGas',
      { actual: gasUsed, expected: BigInt(exactly) },
      expectGas,
    )
  if (atMost !== undefined && gasUsed > BigInt(atMost))
    fail(
      `the call used ${gasUsed} gas, ${gasUsed - BigInt(atMost)} more than the ${atMost} allowed`,
      'expectGas',
      { actual: gasUsed, expected: BigInt(atMost) },
      expectGas,
    )
}
