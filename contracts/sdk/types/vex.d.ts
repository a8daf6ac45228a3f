// Written from ../assembly/vex.ts by test/unit/contracts/editor.test.ts.
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
 * Marks (decorators.d.ts): `@contract` the class; `@init` runs once at deployment; `@call` may change
 * something, `@view` only answers; `@payable` takes units sent along, which other methods refuse; `@event` and
 * `@struct` mark classes of values. A contract's fields are storage: Value, Mapping, PairMapping,
 * OrderedMap.
 *
 * Types that are stored, taken and returned: bool, u8 to u64, i8 to i64, u128, string, Address, Uint8Array,
 * `@struct` classes, and Array of these.
 *
 * Arithmetic: `+ - *` on integers wrap around silently, as in WebAssembly: `this.n.get() - 1` of a u64 that is 0
 * gives 18446744073709551615. Wherever a number could leave its range, write checkedAdd, checkedSub or checkedMul,
 * which end the call instead; the operators of u128 always do.
 */
export { Address } from './address';
export { Call, Deploy, Outcome, pay } from './call';
export { balanceOf, blockHeight, blockTimeMs, caller, chainId, gasLeft, origin, randomness, self, value } from './context';
export { addBn254, blake3, keccak256, multiplyBn254, pairingBls12381, pairingBn254, recoverSecp256k1, sha256, sha512, verifyBls12381, verifyEcvrf, verifyEd25519, } from './crypto';
export { require, revert } from './errors';
export { emit, Indexed } from './events';
export { checkedAdd, checkedMul, checkedSub } from './math';
export { Entry, OrderedMap } from './ordered-map';
export { Mapping, PairMapping, Value } from './storage';
export { mulDiv, u128 } from './u128';
