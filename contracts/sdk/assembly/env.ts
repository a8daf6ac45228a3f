/**
 * The host functions of the Vex VM, one declaration each. asc names the import module after this file: "env".
 *
 * Pointers and lengths count bytes of the contract's memory. A function that produces bytes of unknown
 * length leaves them in the host's register; `register_read` copies them out. Contract authors use the
 * typed functions of the other files, which are built from these.
 */

/** Puts the call's arguments into the register and returns their length. */
export declare function input(): i32
/** Copies the whole register to `ptr`. */
export declare function register_read(ptr: usize): void
export declare function register_len(): i32

/** The three addresses of a call, 32 bytes each. */
export declare function caller(ptr: usize): void
export declare function origin(ptr: usize): void
export declare function self(ptr: usize): void
export declare function value(): u64
export declare function height(): u64
export declare function time_ms(): u64
/** Puts the chain's id (UTF-8) into the register and returns its length. */
export declare function chain_id(): i32
export declare function gas_left(): u64
/** Writes 32 bytes, others on each call. */
export declare function randomness(outPtr: usize): void

/** Puts the value into the register and returns its length, or -1 if there is none. Keys take 1 to 256 bytes. */
export declare function storage_read(keyPtr: usize, keyLen: i32): i32
/** Values take at most 32 KiB. */
export declare function storage_write(keyPtr: usize, keyLen: i32, valuePtr: usize, valueLen: i32): void
/** Returns 1 if there was a value. */
export declare function storage_delete(keyPtr: usize, keyLen: i32): i32
export declare function storage_has(keyPtr: usize, keyLen: i32): i32

/**
 * The first key above `after` (at all, if afterLen is 0) that starts with the prefix: u16 length of the key, key and
 * value in the register. Returns their length, or -1 if there is none. Prefix and `after` take up to 256 bytes.
 */
export declare function storage_next(prefixPtr: usize, prefixLen: i32, afterPtr: usize, afterLen: i32): i32
/** As {@link storage_next}, downwards. */
export declare function storage_previous(prefixPtr: usize, prefixLen: i32, beforePtr: usize, beforeLen: i32): i32

/** Topics: u8 count, then u8 length and the bytes of each. 1 to 4 topics of at most 64 bytes; data at most 4 KiB. */
export declare function emit(topicsPtr: usize, topicsLen: i32, dataPtr: usize, dataLen: i32): void
export declare function return_data(ptr: usize, len: i32): void
/** Does not return. */
export declare function revert(ptr: usize, len: i32): void

/**
 * Runs a method of another contract with at most `gas`, 0 meaning all that may be given. Returns 0 returned,
 * 1 reverted, 2 failed; the returned data, the revert data or the failure's message is in the register.
 */
export declare function call(
  addressPtr: usize,
  methodPtr: usize,
  methodLen: i32,
  argsPtr: usize,
  argsLen: i32,
  value: u64,
  gas: u64,
): i32
/** As {@link call}, without value; the callee may not change anything. */
export declare function static_call(
  addressPtr: usize,
  methodPtr: usize,
  methodLen: i32,
  argsPtr: usize,
  argsLen: i32,
  gas: u64,
): i32
/**
 * Makes a contract from code that is on chain (32-byte hash) and runs its init. Returns as {@link call}; the new
 * contract's address is in the register if it was made.
 */
export declare function deploy(codeHashPtr: usize, argsPtr: usize, argsLen: i32, value: u64, gas: u64): i32
/** Returns 1 if paid, 0 if this contract does not hold `amount`. */
export declare function transfer(addressPtr: usize, amount: u64): i32
export declare function balance_of(addressPtr: usize): u64

/** Hashes: 32 bytes to `outPtr`, sha512 64. */
export declare function sha256(ptr: usize, len: i32, outPtr: usize): void
export declare function sha512(ptr: usize, len: i32, outPtr: usize): void
export declare function keccak256(ptr: usize, len: i32, outPtr: usize): void
export declare function blake3(ptr: usize, len: i32, outPtr: usize): void

/** Key of 32 bytes, signature of 64. Returns 1 if valid. */
export declare function ed25519_verify(keyPtr: usize, messagePtr: usize, messageLen: i32, signaturePtr: usize): i32
/** Hash of 32 bytes, r | s of 64, recovery 0 or 1. Writes the key, x | y of 64 bytes, and returns 1, or returns 0. */
export declare function secp256k1_recover(hashPtr: usize, signaturePtr: usize, recovery: i32, outPtr: usize): i32
/** `count` keys of 48 bytes, signature of 96. Returns 1 if valid. */
export declare function bls12_381_aggregate_verify(
  keysPtr: usize,
  count: i32,
  messagePtr: usize,
  messageLen: i32,
  signaturePtr: usize,
): i32
/** Pairs of 48 + 96 bytes. Returns 1 if the product is one, 0 if not, -1 if a point is malformed. */
export declare function bls12_381_pairing(pairsPtr: usize, count: i32): i32
/** Points of 64 bytes. Returns 1, or 0 if one is malformed. */
export declare function bn254_add(aPtr: usize, bPtr: usize, outPtr: usize): i32
export declare function bn254_mul(pointPtr: usize, scalarPtr: usize, outPtr: usize): i32
/** Pairs of 64 + 128 bytes. Returns as {@link bls12_381_pairing}. */
export declare function bn254_pairing(pairsPtr: usize, count: i32): i32
/** Key of 32 bytes, proof of 80. Writes the output of 64 bytes and returns 1, or returns 0. */
export declare function ecvrf_verify(keyPtr: usize, proofPtr: usize, inputPtr: usize, inputLen: i32, outPtr: usize): i32
