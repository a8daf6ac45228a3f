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

/** Puts the value into the register and returns its length, or -1 if there is none. Keys take 1 to 256 bytes. */
export declare function storage_read(keyPtr: usize, keyLen: i32): i32
/** Values take at most 32 KiB. */
export declare function storage_write(keyPtr: usize, keyLen: i32, valuePtr: usize, valueLen: i32): void
/** Returns 1 if there was a value. */
export declare function storage_delete(keyPtr: usize, keyLen: i32): i32
export declare function storage_has(keyPtr: usize, keyLen: i32): i32

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
/** Returns 1 if paid, 0 if this contract does not hold `amount`. */
export declare function transfer(addressPtr: usize, amount: u64): i32
export declare function balance_of(addressPtr: usize): u64

/** Writes 32 bytes to `outPtr`. */
export declare function sha256(ptr: usize, len: i32, outPtr: usize): void
