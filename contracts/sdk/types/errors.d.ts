// Written from ../assembly/errors.ts by test/unit/contracts/editor.test.ts.
/** Ends the call with `message`. Does not return. */
export declare function revert(message: string): void;
/** Ends the call with `message` unless `condition` holds. Costs nothing beyond the test when it does. */
export declare function require(condition: bool, message: string): void;
