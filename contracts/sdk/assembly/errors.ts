/**
 * Ending a call. A revert undoes everything the call changed and hands its data to the caller; only gas
 * stays spent. The data is BCS: u8 0 and a string, the one kind of error there is today.
 */
import * as env from './env'
import { Writer } from './writer'

const TEXT_ERROR: u8 = 0

/** Ends the call with `message`. Does not return. */
export function revert(message: string): void {
  const data = new Writer()
  data.u8(TEXT_ERROR)
  data.string(message)
  env.revert(data.pointer, data.length)
  unreachable()
}

/** Ends the call with `message` unless `condition` holds. Costs nothing beyond the test when it does. */
export function require(condition: bool, message: string): void {
  if (!condition) revert(message)
}
