// Written from ../assembly/errors.ts by test/unit/contracts/editor.test.ts.
import { Writer } from './writer';
/**
 * Ends the call with a text, or with a new instance of a class marked @error. Does not return.
 * Cost: about 12,100 gas and 60 for each byte of text; what was spent before stays spent.
 */
export declare function revert<E>(error: E): void;
/**
 * Ends the call with `error`, as `revert` does, unless `condition` holds. `error` is made only if it is needed.
 * Cost: nothing beyond the condition where it holds.
 */
export declare function require<E>(condition: bool, error: E): void;
/** What the transform writes into @error classes: this, the fields, and {@link endError}. */
export declare function startError(name: string): Writer;
export declare function endError(data: Writer): void;
