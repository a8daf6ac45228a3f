// Written from ../assembly/ordered-set.ts by test/unit/contracts/editor.test.ts.
export declare class OrderedSet<K> {
    private readonly slot;
    constructor(slot: u8);
    private key;
    /** True if it was not there yet. */
    add(member: K): bool;
    has(member: K): bool;
    /** True if it was there. */
    delete(member: K): bool;
    /** The `limit` lowest members, upwards; fewer if there are no more. */
    first(limit: i32): Array<K>;
    /** The next `limit` members above `member`, which need not be there, upwards. */
    after(member: K, limit: i32): Array<K>;
    /** The `limit` highest members, downwards. */
    last(limit: i32): Array<K>;
    /** The next `limit` members below `member`, downwards. */
    before(member: K, limit: i32): Array<K>;
    /** The first `limit` members with `from <= member < to`, upwards. */
    range(from: K, to: K, limit: i32): Array<K>;
}
