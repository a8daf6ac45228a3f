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
