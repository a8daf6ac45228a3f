/**
 * Ending a call. A revert undoes everything the call changed and hands its data to the caller; only gas
 * stays spent. The data is BCS: u8 0 and a string, or, for an instance of an @error class, u8 1, the class's
 * name and its fields.
 */
import * as env from './env'
import { Writer } from './writer'

const TEXT_ERROR: u8 = 0
const TYPED_ERROR: u8 = 1

/**
 * Ends the call with a text, or with a new instance of a class marked @error. Does not return.
 * Cost: about 12,100 gas and 60 for each byte of text; what was spent before stays spent.
 */
export function revert<E>(error: E): void {
  if (isString<E>()) {
    const data = new Writer()
    data.u8(TEXT_ERROR)
    data.string(changetype<string>(error))
    endError(data)
  } else if (isDefined(error.__error)) {
    error.__error()
  } else {
    ERROR('revert() and require() take a text, or a new instance of a class marked @error')
  }
}

/**
 * Ends the call with `error`, as `revert` does, unless `condition` holds. `error` is made only if it is needed.
 * Cost: nothing beyond the condition where it holds.
 */
export function require<E>(condition: bool, error: E): void {
  if (!condition) revert<E>(error)
}

/** What the transform writes into @error classes: this, the fields, and {@link endError}. */
export function startError(name: string): Writer {
  const data = new Writer()
  data.u8(TYPED_ERROR)
  data.string(name)
  return data
}

export function endError(data: Writer): void {
  env.revert(data.pointer, data.length)
  unreachable()
}
