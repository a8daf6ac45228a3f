// Written from ../assembly/address.ts by test/unit/contracts/editor.test.ts.
/** An account or a contract: 32 bytes, compared by value. `new Address()` is the zero address, which nobody owns. */
export declare class Address {
    private w0;
    private w1;
    private w2;
    private w3;
    /** Of 32 bytes; traps for any other number. Cost: about 280 gas. */
    static fromBytes(bytes: Uint8Array): Address;
    /** Where the 32 bytes lie. Cost: nothing. */
    get pointer(): usize;
    /** Whether it is the zero address. Cost: about 50 gas. */
    get isZero(): bool;
    /** `a == b`. Cost: about 45 gas. */
    equals(other: Address): bool;
    /** `a != b`. Cost: about 45 gas. */
    differs(other: Address): bool;
    /** A copy of the 32 bytes. Cost: about 400 gas. */
    toBytes(): Uint8Array;
    /** 64 lower-case hex digits: for messages, not for keys. Cost: about 3,300 gas. */
    toString(): string;
}
/** The account of a 32-byte Ed25519 public key. Cost: about 3,500 gas. */
export declare function addressOf(publicKey: Uint8Array): Address;
