// Written from ../assembly/u128.ts by test/unit/contracts/editor.test.ts.
export declare class u128 {
    readonly low: u64;
    readonly high: u64;
    constructor(low?: u64, high?: u64);
    /** Of any integer: `u128.from(5)`. A negative one ends the call. */
    static from<T>(value: T): u128;
    /** The product, which always fits. */
    static product(a: u64, b: u64): u128;
    /** Of 16 bytes, highest first. */
    static fromBigEndian(bytes: Uint8Array): u128;
    toBigEndian(): Uint8Array;
    get isZero(): bool;
    /** Ends the call if the number needs more than 64 bits. */
    toU64(): u64;
    /** -1 if this is less than `other`, 0 if they are equal, 1 if it is more. */
    compare(other: u128): i32;
    equals(other: u128): bool;
    differs(other: u128): bool;
    isLess(other: u128): bool;
    isGreater(other: u128): bool;
    isAtMost(other: u128): bool;
    isAtLeast(other: u128): bool;
    plus(other: u128): u128;
    minus(other: u128): u128;
    times(other: u128): u128;
    /** Quotient, rounded down. Cost: about 100 gas if both fit 64 bits, up to 600 else. */
    dividedBy(divisor: u128): u128;
    /** What a division leaves. Cost: as dividedBy. */
    modulo(divisor: u128): u128;
}
/** `a * b / divisor` with the full product in between, rounded down: shares and prices without overflow. */
export declare function mulDiv(a: u64, b: u64, divisor: u64): u64;
/** The integer square root: the highest number whose square is at most `n`. Cost: about 700 gas. */
export declare function sqrt(n: u128): u64;
