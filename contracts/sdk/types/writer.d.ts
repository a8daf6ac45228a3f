// Written from ../assembly/writer.ts by test/unit/contracts/editor.test.ts.
/**
 * Appends BCS values to a growing buffer (https://github.com/diem/bcs):
 * `const writer = new Writer(); encode(writer, order); const hash = sha256(writer.toBytes())`.
 */
export declare class Writer {
    private buffer;
    private used;
    /** With room for `capacity` bytes; it grows when it has to. Cost: about 330 gas. */
    constructor(capacity?: i32);
    /** Where the bytes lie; valid until the next write. Cost: about 10 gas. */
    get pointer(): usize;
    /** How many bytes were written. Cost: about 10 gas. */
    get length(): i32;
    /** Forgets the content and keeps the buffer. Cost: about 10 gas. */
    clear(): this;
    /** Room for `size` more bytes; returns where they go. Cost: about 70 gas, and 200 where the buffer has to grow. */
    reserve(size: i32): usize;
    /** Takes back the last `size` bytes. Cost: about 20 gas. */
    drop(size: i32): void;
    /** One byte. Cost: about 75 gas. */
    u8(value: u8): void;
    /** A length as ULEB128. Cost: about 90 gas for each seven bits. */
    count(value: u32): void;
    /** `len` bytes of the memory as they are. Cost: about 90 gas. */
    raw(ptr: usize, len: i32): void;
    /** Bytes with their length before them. Cost: about 220 gas. */
    bytes(value: Uint8Array): void;
    /** UTF-8 with its length in bytes; a lone surrogate becomes U+FFFD. Cost: about 60 gas for each byte. */
    string(value: string): void;
    /** UTF-8 alone. Cost: about 60 gas for each byte. */
    text(value: string): void;
    private putText;
    /** A copy of what was written. Cost: about 400 gas. */
    toBytes(): Uint8Array;
}
