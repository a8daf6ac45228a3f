// Written from ../assembly/crypto.ts by test/unit/contracts/editor.test.ts.
/** 32 bytes. Cost: about 2,000 gas and 3 for each byte. */
export declare function sha256(data: Uint8Array): Uint8Array;
/** 64 bytes. Cost: about 2,400 gas and 4 for each byte. */
export declare function sha512(data: Uint8Array): Uint8Array;
/** 32 bytes, as Ethereum hashes. Cost: about 10,400 gas and 50 for each byte. */
export declare function keccak256(data: Uint8Array): Uint8Array;
/** 32 bytes. Cost: about 5,400 gas and 32 for each byte. */
export declare function blake3(data: Uint8Array): Uint8Array;
/**
 * Whether the 64-byte signature of the message is by the 32-byte key, by the rules of the chain's own transactions.
 * Cost: about 250,000 gas and 4 for each byte of the message.
 */
export declare function verifyEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): bool;
/**
 * The 64-byte public key (x | y) whose ECDSA signature (r | s) of the 32-byte hash this is, or null. `recovery` is 0
 * or 1: Ethereum's v less 27. Only the low of the two possible s counts, so that nobody can make a second signature
 * out of a first. Cost: about 3 million gas.
 */
export declare function recoverSecp256k1(hash: Uint8Array, signature: Uint8Array, recovery: i32): Uint8Array | null;
/**
 * Whether the 96-byte signature is the sum of all the keys' (48 bytes each, 1 to 256) signatures of one message.
 * Anyone can make up a key that cancels another's: let only keys in that have proven possession (a signature of the
 * key itself, verified alone). Cost: about 2.5 million gas, 150,000 for each key and 20 for each byte of the message.
 */
export declare function verifyBls12381(keys: Array<Uint8Array>, message: Uint8Array, signature: Uint8Array): bool;
/**
 * Whether the product of the pairings is one. Pairs follow one another, at most 256: a point of G1 (48 bytes) and
 * one of G2 (96 bytes), compressed. Cost: about 22 million gas and 12 million for each pair.
 */
export declare function pairingBls12381(pairs: Uint8Array): bool;
/** The sum of two points of 64 bytes, encoded as in EIP-196, or null. Cost: about 30,500 gas. */
export declare function addBn254(a: Uint8Array, b: Uint8Array): Uint8Array | null;
/** The point times a big-endian scalar of 32 bytes, encoded as in EIP-196, or null. Cost: about 3 million gas. */
export declare function multiplyBn254(point: Uint8Array, scalar: Uint8Array): Uint8Array | null;
/**
 * Whether the product of the pairings is one. Pairs of 192 bytes follow one another, encoded as in EIP-197, at most
 * 256: what verifies a Groth16 proof. Cost: about 18 million gas and 11 million for each pair.
 */
export declare function pairingBn254(pairs: Uint8Array): bool;
/**
 * The 64-byte output that the key's holder proves for the input (RFC 9381, ECVRF-EDWARDS25519-SHA512-ELL2; an 80-byte
 * proof), or null. Cost: about 5 million gas and 4 for each byte of the input.
 */
export declare function verifyEcvrf(key: Uint8Array, input: Uint8Array, proof: Uint8Array): Uint8Array | null;
