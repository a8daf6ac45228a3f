// Written from ../assembly/ordered-map.ts by test/unit/contracts/editor.test.ts.
/** One key and its value: of a page of an {@link OrderedMap}. */
export declare class Entry<K, V> {
    readonly key: K;
    readonly value: V;
    constructor(key: K, value: V);
}
/**
 * A value for each key, which can be read in the order of the keys, page by page: numbers by size, text and bytes as in
 * a dictionary. A key on the way that was deleted in the same block costs a page 25,000 gas.
 */
export declare class OrderedMap<K, V> {
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
    /**
     * The `limit` entries with the lowest keys, upwards; fewer if there are no more.
     * Cost: about 41,400 gas for each entry, and 40,000 where there are no more.
     */
    first(limit: i32): Array<Entry<K, V>>;
    /**
     * The next `limit` entries above `key`, which need not be there, upwards.
     * Cost: about 41,400 gas for each entry, and 40,000 where there are no more.
     */
    after(key: K, limit: i32): Array<Entry<K, V>>;
    /**
     * The `limit` entries with the highest keys, downwards.
     * Cost: about 41,400 gas for each entry, and 40,000 where there are no more.
     */
    last(limit: i32): Array<Entry<K, V>>;
    /**
     * The next `limit` entries below `key`, downwards.
     * Cost: about 41,400 gas for each entry, and 40,000 where there are no more.
     */
    before(key: K, limit: i32): Array<Entry<K, V>>;
    /**
     * The first `limit` entries with `from <= key < to`, upwards.
     * Cost: about 41,400 gas for each entry, and 40,000 where there are no more.
     */
    range(from: K, to: K, limit: i32): Array<Entry<K, V>>;
}
