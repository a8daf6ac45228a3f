// Written from ../assembly/address.ts by test/unit/contracts/editor.test.ts.
/** An account or a contract: 32 bytes, compared by value. `new Address()` is the zero address, which nobody owns. */
export declare class Address {
    private w0;
    private w1;
    private w2;
    private w3;
    /** The first 32 bytes of `bytes`; the caller has checked that there are as many. */
    static fromBytes(bytes: Uint8Array): Address;
    /** Where the 32 bytes lie. */
    get pointer(): usize;
    get isZero(): bool;
    equals(other: Address): bool;
    differs(other: Address): bool;
    toBytes(): Uint8Array;
    /** 64 lower-case hex digits. Cost: about 5,000 gas; for messages, not for keys. */
    toString(): string;
}
/** The account of a 32-byte Ed25519 public key. Cost: about 2,000 gas. */
export declare function addressOf(publicKey: Uint8Array): Address;
