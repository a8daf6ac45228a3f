// Written from ../assembly/errors.ts by test/unit/contracts/editor.test.ts.
import { Writer } from './writer';
/** Ends the call with a text, or with a new instance of a class marked @error. Does not return. */
export declare function revert<E>(error: E): void;
/**
 * Ends the call with `error`, as `revert` does, unless `condition` holds. Costs nothing beyond the test when it
 * does: in a contract, `error` is made only if it is needed.
 */
export declare function require<E>(condition: bool, error: E): void;
/** What the transform writes into @error classes: this, the fields, and {@link endError}. */
export declare function startError(name: string): Writer;
export declare function endError(data: Writer): void;
