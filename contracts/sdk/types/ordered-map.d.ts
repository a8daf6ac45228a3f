// Written from ../assembly/ordered-map.ts by test/unit/contracts/editor.test.ts.
/** One key and its value. */
export declare class Entry<K, V> {
    readonly key: K;
    readonly value: V;
    constructor(key: K, value: V);
}
export declare class OrderedMap<K, V> {
    private readonly slot;
    constructor(slot: u8);
    private key;
    /** The stored value, or the zero of `V`. */
    get(key: K): V;
    set(key: K, value: V): void;
    has(key: K): bool;
    /** True if there was a value. */
    delete(key: K): bool;
    /** The `limit` entries with the lowest keys, upwards; fewer if there are no more. */
    first(limit: i32): Array<Entry<K, V>>;
    /** The next `limit` entries above `key`, which need not be there, upwards. */
    after(key: K, limit: i32): Array<Entry<K, V>>;
    /** The `limit` entries with the highest keys, downwards. */
    last(limit: i32): Array<Entry<K, V>>;
    /** The next `limit` entries below `key`, downwards. */
    before(key: K, limit: i32): Array<Entry<K, V>>;
    /** The first `limit` entries with `from <= key < to`, upwards. */
    range(from: K, to: K, limit: i32): Array<Entry<K, V>>;
}
