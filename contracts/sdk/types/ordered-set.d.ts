// Written from ../assembly/ordered-set.ts by test/unit/contracts/editor.test.ts.
/**
 * Members that can be read in their order, page by page: numbers by size, text and bytes as in a dictionary. A member
 * takes the deposit of its key alone. One on the way that was deleted in the same block costs a page 25,000 gas.
 */
export declare class OrderedSet<K> {
    private readonly slot;
    constructor(slot: u8);
    private key;
    /** Puts it in; true if it was not there yet. Cost: about 130,700 gas, 10,300 if it was. */
    add(member: K): bool;
    /** Whether it is there. Cost: about 10,300 gas. */
    has(member: K): bool;
    /** Takes it out, which frees its deposit; true if it was there. Cost: about 110,300 gas. */
    delete(member: K): bool;
    /**
     * The `limit` lowest members, upwards; fewer if there are no more.
     * Cost: about 40,900 gas for each member, and 40,000 where there are no more.
     */
    first(limit: i32): Array<K>;
    /**
     * The next `limit` members above `member`, which need not be there, upwards.
     * Cost: about 40,900 gas for each member, and 40,000 where there are no more.
     */
    after(member: K, limit: i32): Array<K>;
    /**
     * The `limit` highest members, downwards.
     * Cost: about 40,900 gas for each member, and 40,000 where there are no more.
     */
    last(limit: i32): Array<K>;
    /**
     * The next `limit` members below `member`, downwards.
     * Cost: about 40,900 gas for each member, and 40,000 where there are no more.
     */
    before(member: K, limit: i32): Array<K>;
    /**
     * The first `limit` members with `from <= member < to`, upwards.
     * Cost: about 40,900 gas for each member, and 40,000 where there are no more.
     */
    range(from: K, to: K, limit: i32): Array<K>;
}
