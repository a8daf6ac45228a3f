// Written from ../assembly/u128.ts by test/unit/contracts/editor.test.ts.
/**
 * An unsigned integer of 128 bits. What would wrap around ends the call; instances do not change. `a + b` is
 * `a.plus(b)`: the compiler takes both, an editor underlines the operator.
 */
export declare class u128 {
    readonly low: u64;
    readonly high: u64;
    /** Of its halves: `new u128()` is zero. Cost: about 155 gas. */
    constructor(low?: u64, high?: u64);
    /** Of any integer: `u128.from(5)`. A negative one ends the call. Cost: about 160 gas. */
    static from<T>(value: T): u128;
    /** The product of two 64-bit numbers, which always fits. Cost: about 210 gas. */
    static product(a: u64, b: u64): u128;
    /** Of 16 bytes, highest first. Cost: about 290 gas. */
    static fromBigEndian(bytes: Uint8Array): u128;
    /** Its 16 bytes, highest first. Cost: about 500 gas. */
    toBigEndian(): Uint8Array;
    /** Whether it is zero. Cost: about 25 gas. */
    get isZero(): bool;
    /** The same number in 64 bits; ends the call if it needs more. Cost: about 25 gas. */
    toU64(): u64;
    /** -1 if this is less than `other`, 0 if they are equal, 1 if it is more. Cost: about 100 gas. */
    compare(other: u128): i32;
    /** `a == b`. Cost: about 40 gas. */
    equals(other: u128): bool;
    /** `a != b`. Cost: about 40 gas. */
    differs(other: u128): bool;
    /** `a < b`. Cost: about 60 gas. */
    isLess(other: u128): bool;
    /** `a > b`. Cost: about 60 gas. */
    isGreater(other: u128): bool;
    /** `a <= b`. Cost: about 60 gas. */
    isAtMost(other: u128): bool;
    /** `a >= b`. Cost: about 60 gas. */
    isAtLeast(other: u128): bool;
    /** `a + b`; ends the call if it does not fit. Cost: about 270 gas. */
    plus(other: u128): u128;
    /** `a - b`; ends the call if it is below zero. Cost: about 300 gas. */
    minus(other: u128): u128;
    /** `a * b`; ends the call if it does not fit. Cost: about 760 gas. */
    times(other: u128): u128;
    /** `a / b`, rounded down. Cost: about 250 gas if both fit 64 bits, else up to 2,200. */
    dividedBy(divisor: u128): u128;
    /** `a % b`, what the division leaves. Cost: about 250 gas if both fit 64 bits, else up to 2,200. */
    modulo(divisor: u128): u128;
}
/**
 * `a * b / divisor` with the full product in between, rounded down: shares and prices without overflow.
 * Cost: about 650 gas, or up to 2,700 where the product takes more than 64 bits.
 */
export declare function mulDiv(a: u64, b: u64, divisor: u64): u64;
/** The integer square root: the highest number whose square is at most `n`. Cost: up to 3,200 gas. */
export declare function sqrt(n: u128): u64;
