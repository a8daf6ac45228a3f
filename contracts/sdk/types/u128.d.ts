// Written from ../assembly/u128.ts by test/unit/contracts/editor.test.ts.
export declare class u128 {
    readonly low: u64;
    readonly high: u64;
    constructor(low?: u64, high?: u64);
    /** Of any integer: `u128.from(5)`. A negative one ends the call. */
    static from<T>(value: T): u128;
    /** The product, which always fits. */
    static product(a: u64, b: u64): u128;
    /** Ends the call if the number needs more than 64 bits. */
    toU64(): u64;
    equals(other: u128): bool;
    differs(other: u128): bool;
    isLess(other: u128): bool;
    isGreater(other: u128): bool;
    isAtMost(other: u128): bool;
    isAtLeast(other: u128): bool;
    plus(other: u128): u128;
    minus(other: u128): u128;
    times(other: u128): u128;
    /** Quotient, rounded down. Cost: about 2,500 gas, whatever the numbers. */
    dividedBy(divisor: u128): u128;
}
/** `a * b / divisor` with the full product in between, rounded down: shares and prices without overflow. */
export declare function mulDiv(a: u64, b: u64, divisor: u64): u64;
