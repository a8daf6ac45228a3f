/** What the exports that the transform writes are made of. Not for contract authors. */
import { encode } from './bcs'
import * as env from './env'
import { revert } from './errors'
import { Reader } from './reader'
import { takeRegister } from './register'
import { Writer } from './writer'
// What checked arithmetic calls; the compiler looks for it by its name.
import './checked-products'

export { Address } from './address'
export { Callee } from './at'
export { decode, encode, zero } from './bcs'
export { endError, startError } from './errors'
export { EventWriter } from './events'
export { OrderedMap } from './ordered-map'
export { Reader } from './reader'
export { Mapping, PairMapping, Value } from './storage'
export { u128 } from './u128'
export { u256 } from './u256'
export { Writer } from './writer'

/** The arguments of the call; ends it if it brings units to a method that is not @payable. */
export function enter(method: string, isPayable: bool): Reader {
  if (!isPayable && env.value() != 0) revert(method + ' is not payable')
  const length = env.input()
  return new Reader(changetype<usize>(takeRegister(length)), length, 'arguments', method)
}

export function respond<T>(value: T): void {
  const result = new Writer()
  encode<T>(result, value)
  env.return_data(result.pointer, result.length)
}
