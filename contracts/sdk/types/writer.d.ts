// Written from ../assembly/writer.ts by test/unit/contracts/editor.test.ts.
/**
 * Appends BCS values to a growing buffer (https://github.com/diem/bcs):
 * `const writer = new Writer(); encode(writer, order); const hash = sha256(writer.toBytes())`.
 */
export declare class Writer {
    private buffer;
    private used;
    constructor(capacity?: i32);
    /** Where the bytes lie; valid until the next write. */
    get pointer(): usize;
    get length(): i32;
    /** Forgets the content and keeps the buffer. */
    clear(): this;
    /** Room for `size` more bytes; returns where they go. */
    reserve(size: i32): usize;
    /** Takes back the last `size` bytes. */
    drop(size: i32): void;
    u8(value: u8): void;
    /** A length as ULEB128. */
    count(value: u32): void;
    /** `len` bytes as they are. */
    raw(ptr: usize, len: i32): void;
    bytes(value: Uint8Array): void;
    /** UTF-8 with its length in bytes; a lone surrogate becomes U+FFFD. */
    string(value: string): void;
    /** UTF-8 alone. */
    text(value: string): void;
    /** A copy of what was written. */
    toBytes(): Uint8Array;
}
