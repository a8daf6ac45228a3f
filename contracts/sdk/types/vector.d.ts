// Written from ../assembly/vector.ts by test/unit/contracts/editor.test.ts.
export declare class Vector<T> {
    private readonly slot;
    constructor(slot: u8);
    get length(): i32;
    /** The element at `index`, which is below `length`: it ends the call otherwise. */
    get(index: i32): T;
    /** Replaces the element at `index`, which is below `length`. */
    set(index: i32, value: T): void;
    /** Appends an element and returns the new length. */
    push(value: T): i32;
    /** Takes the last element away; ends the call if there is none. */
    pop(): T;
    /** Takes the element at `index` away and puts the last one in its place: the order changes, nothing moves up. */
    swapRemove(index: i32): T;
    /** Up to `limit` elements from `start` on; none if it is at or beyond the end. */
    page(start: i32, limit: i32): Array<T>;
    private key;
    private takeLast;
    private check;
}
