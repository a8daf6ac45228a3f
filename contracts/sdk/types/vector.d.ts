// Written from ../assembly/vector.ts by test/unit/contracts/editor.test.ts.
/** A list that grows and shrinks at its end, with the indices from 0. */
export declare class Vector<T> {
    private readonly slot;
    constructor(slot: u8);
    /** How many elements there are. Cost: about 10,900 gas. */
    get length(): i32;
    /** The element at `index`; ends the call if there is none. Cost: about 21,800 gas of a number. */
    get(index: i32): T;
    /** Replaces the element at `index`; ends the call if there is none. Cost: about 131,600 gas of a number. */
    set(index: i32, value: T): void;
    /** Appends an element and returns the new length. Cost: about 251,400 gas of a number. */
    push(value: T): i32;
    /** Takes the last element away; ends the call if there is none. Cost: about 252,500 gas of a number. */
    pop(): T;
    /**
     * Takes the element at `index` away and puts the last one in its place: the order changes, nothing moves up.
     * Cost: about 384,200 gas of a number.
     */
    swapRemove(index: i32): T;
    /**
     * Up to `limit` elements from `start` on; none if it is at or beyond the end.
     * Cost: about 11,500 gas, and 11,000 for each number.
     */
    page(start: i32, limit: i32): Array<T>;
    private key;
    private takeLast;
    private check;
}
