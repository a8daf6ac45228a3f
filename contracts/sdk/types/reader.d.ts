// Written from ../assembly/reader.ts by test/unit/contracts/editor.test.ts.
/**
 * Reads BCS values and refuses everything that is not their one canonical form, with "bad bytes: too short" or the
 * like: `const reader = Reader.of(bytes); const order = decode<Order>(reader); reader.end()`.
 */
export declare class Reader {
    private at;
    private readonly subject;
    private readonly method;
    private readonly stop;
    /** Of `length` bytes at `at`. `subject` says in an error what was read ("stored value"), `method` for whom. */
    constructor(at: usize, length: i32, subject: string, method?: string);
    /** Of `bytes`, which must not change before everything is read. Cost: about 210 gas. */
    static of(bytes: Uint8Array, subject?: string): Reader;
    private refuse;
    /** Steps over `size` bytes and returns where they start. Cost: about 50 gas. */
    take(size: u32): usize;
    /** One byte, 0 or 1. Cost: about 60 gas. */
    bool(): bool;
    /**
     * A ULEB128 length. Every element takes at least a byte, so that more than what is left is refused.
     * Cost: about 125 gas.
     */
    count(): u32;
    /** Bytes with their length before them. Cost: about 550 gas. */
    bytes(): Uint8Array;
    /** Text with its length before it. Cost: about 85 gas for each byte. */
    string(): string;
    /** Ends the call unless everything was read. Cost: about 35 gas. */
    end(): void;
}
