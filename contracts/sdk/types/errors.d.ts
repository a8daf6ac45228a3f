// Written from ../assembly/errors.ts by test/unit/contracts/editor.test.ts.
import { Writer } from './writer';
/** Ends the call with a reason: a string, or an instance of an @error class. Does not return. */
export declare function revert<T>(reason: T): void;
/**
 * Ends the call with a reason, as {@link revert} takes it, unless `condition` holds. With a string it costs nothing
 * beyond the test when it does; an @error class is made either way, for about 100 gas.
 */
export declare function require<T>(condition: bool, reason: T): void;
/** The transform writes the calls of both into @error classes. */
export declare function startError(name: string): Writer;
export declare function endError(data: Writer): void;
