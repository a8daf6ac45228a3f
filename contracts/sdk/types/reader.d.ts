// Written from ../assembly/reader.ts by test/unit/contracts/editor.test.ts.
export declare class Reader {
    private at;
    private readonly subject;
    private readonly method;
    private readonly stop;
    /** Of `length` bytes at `at`. `subject` says in an error what was read: "arguments", "stored value"; `method` whose. */
    constructor(at: usize, length: i32, subject: string, method?: string);
    /** Of `bytes`, which must not change before everything is read. */
    static of(bytes: Uint8Array, subject?: string): Reader;
    private refuse;
    /** Steps over `size` bytes and returns where they start. */
    take(size: u32): usize;
    bool(): bool;
    /** A ULEB128 length. Every element takes at least a byte, so that more than what is left is refused. */
    count(): u32;
    bytes(): Uint8Array;
    string(): string;
    /** Everything must have been read. */
    end(): void;
}
