// Written from ../assembly/math.ts by test/unit/contracts/editor.test.ts.
export declare function checkedAdd<T>(a: T, b: T): T;
export declare function checkedSub<T>(a: T, b: T): T;
export declare function checkedMul<T>(a: T, b: T): T;
