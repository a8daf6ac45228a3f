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
/** One stored value. Each takes a deposit for its bytes, which goes back to whoever deletes it. */
export declare class Value<T> {
    private readonly slot;
    constructor(slot: u8);
    /**
     * The stored value, or the zero of `T` (0, false, '', empty, the zero address).
     * Cost: about 10,900 gas of a number, and 90 for each byte of text.
     */
    get(): T;
    /** Stores a value, in place of the one before. Cost: about 120,500 gas of a number, and 90 for each byte of text. */
    set(value: T): void;
    /** Whether there is a value: of one that is zero, too. Cost: about 10,200 gas. */
    has(): bool;
    /** Removes the value, which frees its deposit; true if there was one. Cost: about 110,200 gas. */
    delete(): bool;
}
/** A value for each key, with its deposit. It cannot be listed: use an OrderedMap, or emit events. */
export declare class Mapping<K, V> {
    private readonly slot;
    constructor(slot: u8);
    private key;
    /** The stored value, or the zero of `V`. Cost: about 11,000 gas of a number, and 90 for each byte of text. */
    get(key: K): V;
    /** Stores a value, in place of the one before. Cost: about 120,900 gas of a number, and 90 for each byte of text. */
    set(key: K, value: V): void;
    /** Whether there is a value: of one that is zero, too. Cost: about 10,300 gas. */
    has(key: K): bool;
    /** Removes the value, which frees its deposit; true if there was one. Cost: about 110,300 gas. */
    delete(key: K): bool;
}
/** A value for each pair of keys, with its deposit: allowances of an owner for a spender. It cannot be listed. */
export declare class PairMapping<A, B, V> {
    private readonly slot;
    constructor(slot: u8);
    private key;
    /** The stored value, or the zero of `V`. Cost: about 11,100 gas of a number, and 90 for each byte of text. */
    get(first: A, second: B): V;
    /** Stores a value, in place of the one before. Cost: about 121,200 gas of a number, and 90 for each byte of text. */
    set(first: A, second: B, value: V): void;
    /** Whether there is a value: of one that is zero, too. Cost: about 10,400 gas. */
    has(first: A, second: B): bool;
    /** Removes the value, which frees its deposit; true if there was one. Cost: about 110,400 gas. */
    delete(first: A, second: B): bool;
}
