// Written from ../assembly/math.ts by test/unit/contracts/editor.test.ts.
/** `a + b` of unsigned integers; ends the call if it does not fit. Cost: about 10 gas. */
export declare function checkedAdd<T>(a: T, b: T): T;
/** `a - b` of unsigned integers; ends the call if it is below zero. Cost: about 10 gas. */
export declare function checkedSub<T>(a: T, b: T): T;
/** `a * b` of unsigned integers; ends the call if it does not fit. Cost: about 30 gas. */
export declare function checkedMul<T>(a: T, b: T): T;
/** `a + b` modulo the number of values of the type: 255 + 1 of a u8 is 0. Cost: as one instruction. */
export declare function wrappingAdd<T>(a: T, b: T): T;
/** `a - b` modulo the number of values of the type: 0 - 1 of a u8 is 255. Cost: as one instruction. */
export declare function wrappingSub<T>(a: T, b: T): T;
/** `a * b` modulo the number of values of the type. Cost: as one instruction. */
export declare function wrappingMul<T>(a: T, b: T): T;
/** The same number as a u8, of any integer, u128 or u256; ends the call if it does not fit. Cost: about 10 gas. */
export declare function toU8<T>(value: T): u8;
/** The same number as a u16, of any integer, u128 or u256; ends the call if it does not fit. Cost: about 10 gas. */
export declare function toU16<T>(value: T): u16;
/** The same number as a u32, of any integer, u128 or u256; ends the call if it does not fit. Cost: about 10 gas. */
export declare function toU32<T>(value: T): u32;
/** The same number as a u64, of any integer, u128 or u256; ends the call if it does not fit. Cost: about 10 gas. */
export declare function toU64<T>(value: T): u64;
/** The same number as an i8, of any integer, u128 or u256; ends the call if it does not fit. Cost: about 10 gas. */
export declare function toI8<T>(value: T): i8;
/** The same number as an i16, of any integer, u128 or u256; ends the call if it does not fit. Cost: about 10 gas. */
export declare function toI16<T>(value: T): i16;
/** The same number as an i32, of any integer, u128 or u256; ends the call if it does not fit. Cost: about 10 gas. */
export declare function toI32<T>(value: T): i32;
/** The same number as an i64, of any integer, u128 or u256; ends the call if it does not fit. Cost: about 10 gas. */
export declare function toI64<T>(value: T): i64;
