/** What was passed to a contract's method, checked against its ABI: the runtime half of abi/infer.ts. */
import { AbiError } from '../abi/error.ts'
import { toWireValue } from '../abi/given-value.ts'
import { type Abi, type AbiMethod, formatMethod } from '../abi/types.ts'
import { encodeNamedArguments } from '../abi/values.ts'
import type { Amount } from '../types/primitives.ts'

export interface Passed {
  /** BCS. */
  readonly args: Uint8Array
  readonly value: Amount
  /** The port's own, as they were given. */
  readonly options: Readonly<Record<string, unknown>>
}

const refuse = (method: string, reason: string): never => {
  throw new AbiError('bad_value', `${method}: ${reason}`)
}

const checkOptions = (
  method: string,
  options: unknown,
  known: readonly string[],
): Readonly<Record<string, unknown>> => {
  if (options === undefined) return {}
  if (typeof options !== 'object' || options === null) return refuse(method, 'expected options as an object')
  const surplus = Object.keys(options).find(key => !known.includes(key))
  return surplus === undefined
    ? (options as Readonly<Record<string, unknown>>)
    : refuse(method, `there is no option ${JSON.stringify(surplus)}; there are: ${known.join(', ')}`)
}

const VALUE = { kind: 'integer', bits: 64, isSigned: false } as const

const checkValue = ({ name, payable }: AbiMethod, value: unknown): Amount => {
  if (value === undefined) return 0n
  const units = toWireValue(VALUE, 'u64', value, `${name}: value`) as bigint
  return units === 0n || payable ? units : refuse(name, 'value: the method is not payable, it takes none')
}

const check = (
  abi: Abi,
  method: AbiMethod,
  passed: readonly unknown[],
  optionNames: readonly string[],
): Passed => {
  const { name, params } = method
  const hasOptionsOnly = params.length === 0 && passed.length < 2
  const [args, given] = hasOptionsOnly ? [{}, passed[0]] : passed
  if (passed.length > 2)
    return refuse(name, `expected one object with the arguments, and options. It is ${formatMethod(method)}`)
  const { value, ...options } = checkOptions(name, given, optionNames)
  return {
    args: encodeNamedArguments(abi, name, args ?? {}),
    value: checkValue(method, value),
    options,
  }
}

/** A stack that begins close to whoever passed it, not ten functions deep in here. Not every browser has the means. */
const pointAtCaller = (error: Error): void => {
  if ('captureStackTrace' in Error) Error.captureStackTrace(error, checkPassed)
}

/** Throws an AbiError `bad_value` that names the method and what is wrong with which argument or option. */
export const checkPassed = (...given: Parameters<typeof check>): Passed => {
  try {
    return check(...given)
  } catch (error) {
    if (error instanceof AbiError) pointAtCaller(error)
    throw error
  }
}
