/**
 * The Vex SDK: everything a contract may import.
 *
 *     import { Value, caller, require } from 'vex'
 *
 *     @contract
 *     export class Guestbook {
 *       private readonly last: Value<string>
 *
 *       @call
 *       sign(text: string): void {
 *         require(text.length > 0, 'write something')
 *         this.last.set(text)
 *       }
 *
 *       @view
 *       read(): string {
 *         return this.last.get()
 *       }
 *     }
 *
 * Marks (decorators.d.ts): `@contract` the class; `@init` runs once at deployment, `@migrate` once in an upgrade;
 * `@call` may change something, `@view` only answers; `@payable` takes units sent along, which other methods refuse;
 * `@reentrant` may run within another call of the same contract; `@event`, `@error` and `@struct` mark classes of
 * values. A contract's fields are storage: Value, Mapping, PairMapping, OrderedMap, OrderedSet, Vector, and the
 * components Ownership, Roles and Pause.
 *
 * Types that are stored, taken and returned: bool, u8 to u64, i8 to i64, u128, u256, string, Address, Uint8Array,
 * `@struct` classes, and Array of these.
 *
 * Arithmetic: `+ - *`, `**`, `++`, `--` and the minus sign on integers end the call where the result does not fit the
 * type; so do the operators of u128 and u256. A function marked `@unchecked` wraps around instead, and so do
 * wrappingAdd, wrappingSub and wrappingMul: for hashes, not for amounts. `<<` and casts such as `<u8>n` cut bits off;
 * of an amount the compiler refuses such a cast, and toU8 to toU64 and toI8 to toI64 end the call instead.
 */
export { Address, addressOf } from './address'
export { at } from './at'
export { decode, encode } from './bcs'
export { Call, Deploy, Outcome, pay } from './call'
export { balanceOf, blockHeight, blockTimeMs, caller, chainId, gasLeft, origin, randomness, self, value } from './context'
export {
  addBn254,
  blake3,
  keccak256,
  multiplyBn254,
  pairingBls12381,
  pairingBn254,
  recoverSecp256k1,
  sha256,
  sha512,
  verifyBls12381,
  verifyEcvrf,
  verifyEd25519,
} from './crypto'
export { require, revert } from './errors'
export { emit, Indexed } from './events'
export {
  checkedAdd,
  checkedMul,
  checkedSub,
  toI16,
  toI32,
  toI64,
  toI8,
  toU16,
  toU32,
  toU64,
  toU8,
  wrappingAdd,
  wrappingMul,
  wrappingSub,
} from './math'
export { Entry, OrderedMap } from './ordered-map'
export { OrderedSet } from './ordered-set'
export { Ownership } from './ownership'
export { Pause } from './pause'
export { Reader } from './reader'
export { Roles } from './roles'
export { Mapping, PairMapping, Value } from './storage'
export { mulDiv, sqrt, u128 } from './u128'
export { mulDiv128, u256 } from './u256'
export { Vector } from './vector'
export { Writer } from './writer'
