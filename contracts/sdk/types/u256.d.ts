// Written from ../assembly/u256.ts by test/unit/contracts/editor.test.ts.
import { u128 } from './u128';
/**
 * An unsigned integer of 256 bits. What would wrap around ends the call; instances do not change. `a + b` is
 * `a.plus(b)`: the compiler takes both, an editor underlines the operator. It has four limbs of 64 bits, lowest first;
 * in memory and in BCS it is 32 bytes, lowest first.
 */
export declare class u256 {
    readonly w0: u64;
    readonly w1: u64;
    readonly w2: u64;
    readonly w3: u64;
    /** Of its limbs, lowest first: `new u256()` is zero. Cost: about 170 gas. */
    constructor(w0?: u64, w1?: u64, w2?: u64, w3?: u64);
    /** Of any integer or a u128: `u256.from(5)`. A negative one ends the call. Cost: about 180 gas. */
    static from<T>(value: T): u256;
    /** The product of two 128-bit numbers, which always fits. Cost: up to 2,000 gas. */
    static product(a: u128, b: u128): u256;
    /** Of 32 bytes, highest first, as hashes and Ethereum's words are read. Cost: about 390 gas. */
    static fromBigEndian(bytes: Uint8Array): u256;
    /** Its 32 bytes, highest first. Cost: about 600 gas. */
    toBigEndian(): Uint8Array;
    private get pointer();
    /** Whether it is zero. Cost: about 45 gas. */
    get isZero(): bool;
    /** The same number in 64 bits; ends the call if it needs more. Cost: about 45 gas. */
    toU64(): u64;
    /** The same number in 128 bits; ends the call if it needs more. Cost: about 210 gas. */
    toU128(): u128;
    /** -1 if this is less than `other`, 0 if they are equal, 1 if it is more. Cost: about 180 gas. */
    compare(other: u256): i32;
    /** `a == b`. Cost: about 180 gas. */
    equals(other: u256): bool;
    /** `a != b`. Cost: about 180 gas. */
    differs(other: u256): bool;
    /** `a < b`. Cost: about 180 gas. */
    isLess(other: u256): bool;
    /** `a > b`. Cost: about 180 gas. */
    isGreater(other: u256): bool;
    /** `a <= b`. Cost: about 180 gas. */
    isAtMost(other: u256): bool;
    /** `a >= b`. Cost: about 180 gas. */
    isAtLeast(other: u256): bool;
    /** `a + b`; ends the call if it does not fit. Cost: about 440 gas. */
    plus(other: u256): u256;
    /** `a - b`; ends the call if it is below zero. Cost: about 440 gas. */
    minus(other: u256): u256;
    /** `a * b`; ends the call if it does not fit. Cost: about 850 gas of small numbers, up to 2,400. */
    times(other: u256): u256;
    /** `a / b`, rounded down. Cost: about 840 gas of small numbers, up to 4,500. */
    dividedBy(divisor: u256): u256;
    /** `a % b`, what the division leaves. Cost: about 840 gas of small numbers, up to 4,500. */
    modulo(divisor: u256): u256;
}
/**
 * `a * b / divisor` of 128-bit numbers with the full product in between, rounded down.
 * Cost: about 1,850 gas of small numbers, up to 6,900.
 */
export declare function mulDiv128(a: u128, b: u128, divisor: u128): u128;
