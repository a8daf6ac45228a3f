// Written from ../assembly/u256.ts by test/unit/contracts/editor.test.ts.
import { u128 } from './u128';
/** Four limbs of 64 bits, lowest first; in memory and in BCS they are 32 bytes, lowest first. */
export declare class u256 {
    readonly w0: u64;
    readonly w1: u64;
    readonly w2: u64;
    readonly w3: u64;
    constructor(w0?: u64, w1?: u64, w2?: u64, w3?: u64);
    /** Of any integer or a u128: `u256.from(5)`. A negative one ends the call. */
    static from<T>(value: T): u256;
    /** The product, which always fits. Cost: about 400 gas. */
    static product(a: u128, b: u128): u256;
    /** Of 32 bytes, highest first, as hashes and Ethereum's words are read. */
    static fromBigEndian(bytes: Uint8Array): u256;
    toBigEndian(): Uint8Array;
    private get pointer();
    get isZero(): bool;
    /** Ends the call if the number needs more than 64 bits. */
    toU64(): u64;
    /** Ends the call if the number needs more than 128 bits. */
    toU128(): u128;
    /** -1 if this is less than `other`, 0 if they are equal, 1 if it is more. */
    compare(other: u256): i32;
    equals(other: u256): bool;
    differs(other: u256): bool;
    isLess(other: u256): bool;
    isGreater(other: u256): bool;
    isAtMost(other: u256): bool;
    isAtLeast(other: u256): bool;
    /** Cost: about 150 gas. */
    plus(other: u256): u256;
    /** Cost: about 150 gas. */
    minus(other: u256): u256;
    /** Cost: about 100 gas for small numbers, up to 1,500. */
    times(other: u256): u256;
    /** Quotient, rounded down. Cost: about 200 gas for small numbers, up to 1,500. */
    dividedBy(divisor: u256): u256;
    /** What a division leaves. Cost: as dividedBy. */
    modulo(divisor: u256): u256;
}
/** `a * b / divisor` of 128-bit numbers with the full product in between, rounded down. Cost: up to 1,500 gas. */
export declare function mulDiv128(a: u128, b: u128, divisor: u128): u128;
