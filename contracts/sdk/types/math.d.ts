// Written from ../assembly/math.ts by test/unit/contracts/editor.test.ts.
/** Unsigned. Cost: one comparison. */
export declare function checkedAdd<T>(a: T, b: T): T;
/** Unsigned. Cost: one comparison. */
export declare function checkedSub<T>(a: T, b: T): T;
/** Unsigned. Cost: a division. */
export declare function checkedMul<T>(a: T, b: T): T;
/** `a + b` modulo the number of values of the type: 255 + 1 of a u8 is 0. Cost: as a plain addition. */
export declare function wrappingAdd<T>(a: T, b: T): T;
/** `a - b` modulo the number of values of the type: 0 - 1 of a u8 is 255. */
export declare function wrappingSub<T>(a: T, b: T): T;
/** `a * b` modulo the number of values of the type. */
export declare function wrappingMul<T>(a: T, b: T): T;
/** The same number in 8 bits; ends the call if it has no place in them. Cost: one comparison. */
export declare function toU8(value: u64): u8;
/** The same number in 16 bits; ends the call if it has no place in them. Cost: one comparison. */
export declare function toU16(value: u64): u16;
/** The same number in 32 bits; ends the call if it has no place in them. Cost: one comparison. */
export declare function toU32(value: u64): u32;
/** The same number, signed, in 32 bits; ends the call if it has no place in them. Cost: two comparisons. */
export declare function toI32(value: i64): i32;
