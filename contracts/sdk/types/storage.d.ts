// Written from ../assembly/storage.ts by test/unit/contracts/editor.test.ts.
import { Writer } from './writer';
/** The buffer of the next key, with the slot in it. */
export declare function startKey(slot: u8): Writer;
export declare function readAt<T>(key: Writer): T;
export declare function writeAt<T>(key: Writer, value: T): void;
/** Makes an entry that holds nothing but its key. */
export declare function mark(key: Writer): void;
export declare function hasAt(key: Writer): bool;
export declare function deleteAt(key: Writer): bool;
/** One stored value. */
export declare class Value<T> {
    private readonly slot;
    constructor(slot: u8);
    /** The stored value, or the zero of `T` (0, false, '', empty, the zero address). */
    get(): T;
    set(value: T): void;
    has(): bool;
    /** True if there was a value. */
    delete(): bool;
}
/** A value for each key. It cannot be listed: use an OrderedMap, or emit events. */
export declare class Mapping<K, V> {
    private readonly slot;
    constructor(slot: u8);
    private key;
    /** The stored value, or the zero of `V`. */
    get(key: K): V;
    set(key: K, value: V): void;
    has(key: K): bool;
    /** True if there was a value. */
    delete(key: K): bool;
}
/** A value for each pair of keys: allowances of an owner for a spender. */
export declare class PairMapping<A, B, V> {
    private readonly slot;
    constructor(slot: u8);
    private key;
    /** The stored value, or the zero of `V`. */
    get(first: A, second: B): V;
    set(first: A, second: B, value: V): void;
    has(first: A, second: B): bool;
    /** True if there was a value. */
    delete(first: A, second: B): bool;
}
